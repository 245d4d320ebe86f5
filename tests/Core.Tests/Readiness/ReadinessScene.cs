using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness;

/// <summary>A VM between two hosts, of all of which a test says what they are like, and what a check makes of them.</summary>
internal sealed class ReadinessScene
{
    public ReadinessScene()
    {
        Vm = TestVm("db", VmState.Running);
    }

    public KnownHost Source { get; set; } = new(Host("kvm1"));

    public KnownHost Destination { get; set; } = new(Host("kvm2"));

    public Vm Vm { get; set; }

    /// <summary>The session's other connected hosts, with why one can't be opened.</summary>
    public Dictionary<KnownHost, HypervisorException?> OtherHosts { get; } = [];

    /// <summary>Why the destination can't be opened; null where it can.</summary>
    public HypervisorException? DestinationTrouble { get; set; }

    public MigrationPolicy? Policy { get; set; }

    public KnownProbe Client { get; } = new("this computer");

    /// <summary>The source's own view of the network.</summary>
    public KnownProbe? SourceProbe { get; set; }

    public IHostShell? SourceShell { get; set; }

    public IHostShell? DestinationShell { get; set; }

    public MigrationOptionSet Options { get; set; } = MigrationOptionSet.Empty;

    public MigrationLimits Limits { get; set; } = MigrationLimits.None;

    public MigrationException? OptionTrouble { get; set; }

    public ReadinessSelection Selection { get; set; } = new();

    public List<Vm> Ahead { get; } = [];

    /// <summary>The VM's definition: a whole domain element, or what goes into its devices element.</summary>
    public string Definition
    {
        set => Source.Definitions[Vm.Uuid] = value.StartsWith("<domain", StringComparison.Ordinal)
            ? value
            : $"<domain type='kvm'><name>{Vm.Name}</name><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>" +
              $"<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{value}</devices></domain>";
    }

    public static VmHost Host(string name) => new()
    {
        Name = name,
        Uri = $"qemu+tcp://{name}/system",
        Transport = "Libvirt",
        Hypervisor = "QEMU",
        HypervisorVersion = new(7, 2, 0),
        LibvirtVersion = new(9, 0, 0),
        Uuid = Guid.NewGuid(),
        Architecture = "x86_64",
        CpuCount = 8,
        Memory = 16L << 30,
        IsConnected = true,
    };

    public Vm TestVm(string name, VmState state) => new()
    {
        Name = name,
        Uuid = Guid.NewGuid(),
        Status = new(state, 1),
        VmHost = Source.Host,
        VCpuCount = 2,
        Memory = 1L << 30,
        MaxMemory = 1L << 30,
        IsPersistent = true,
    };

    /// <summary>Makes a check. What it breaks with is not caught.</summary>
    public async Task<VmMigrationCheck> CheckAsync<TCheck>()
        where TCheck : ReadinessCheck, new()
    {
        var check = new TCheck();
        return check.ToResult(await check.CheckAsync(ToContext(), TestContext.Current.CancellationToken));
    }

    /// <summary>The migration as checks and estimates get it.</summary>
    public CheckContext ToContext()
    {
        Guid[] vms = [Vm.Uuid, .. Ahead.Select(v => v.Uuid)];
        var source = Facts(Source, vms, shell: SourceShell, probe: SourceProbe);
        return new()
        {
            Vm = new(Vm, source),
            Source = source,
            Destination = Facts(Destination, vms, DestinationTrouble, DestinationShell),
            OtherHosts = OtherHosts.ToDictionary(h => h.Key.Host.Name, h => Facts(h.Key, vms, h.Value), StringComparer.OrdinalIgnoreCase),
            DestinationName = new(Destination.Host.Name),
            Options = Options.With(Limits),
            OptionTrouble = OptionTrouble,
            Policy = Policy,
            Ahead = [.. Ahead.Select(v => new VmFacts(v, source))],
            Client = Client,
            Selection = Selection,
        };
    }

    private static HostFacts Facts(
        KnownHost host, Guid[] vms, HypervisorException? trouble = null, IHostShell? shell = null, INetworkProbe? probe = null) => new(
        host.Address,
        _ => trouble is null ? Task.FromResult<IHostInspection>(host) : Task.FromException<IHostInspection>(trouble),
        vms,
        TestContext.Current.CancellationToken)
    {
        Shell = shell,
        Probe = probe,
    };
}
