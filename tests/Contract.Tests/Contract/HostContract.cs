using VirtMigrate.Hosts;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Contract;

/// <summary>The VMs that a host is asked about.</summary>
internal enum ContractVm
{
    /// <summary>Runs, is defined, has no job and has never migrated.</summary>
    Running,

    /// <summary>Is defined and shut off.</summary>
    ShutOff,

    /// <summary>Is paused, and defined nowhere.</summary>
    Transient,

    /// <summary>Is not there.</summary>
    Absent,
}

/// <summary>What a host is asked to do with a VM, and whether it refuses.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="What">What is asked for.</param>
/// <param name="Ask">Asks for it.</param>
/// <param name="Error">The kind of the refusal; null where it is not refused.</param>
/// <param name="Words">A part of libvirt's message; null where virsh puts its own in its place.</param>
/// <param name="Reason">The id of the reason that it is refused for.</param>
internal sealed record Refusal(ContractVm Vm, string What, Func<IHypervisor, Guid, Task> Ask, Type? Error, string? Words = null, string Reason = "LibvirtError")
{
    /// <summary>Its name, which no other has.</summary>
    public string Name => $"of a VM that {Vm switch
    {
        ContractVm.Running => "runs",
        ContractVm.ShutOff => "is shut off",
        ContractVm.Transient => "has no definition",
        _ => "is not there",
    }}: {What}";

    /// <summary>Asks a host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="vm">The VM's UUID.</param>
    /// <returns>A task that ends when the host has refused, or not, as it has to.</returns>
    public async Task AssertAsync(IHypervisor host, Guid vm)
    {
        var refused = await Record.ExceptionAsync(() => Ask(host, vm));
        Assert.True(Error == refused?.GetType(), $"{Name}: {refused?.ToString() ?? "not refused"}");
        Assert.True(refused is not HypervisorException { Failure.Id: var id } || string.Equals(id, Reason, StringComparison.Ordinal), $"{Name}: {refused}");
        Assert.True(Words is null || refused!.Message.Contains(Words, StringComparison.Ordinal), $"{Name}: {refused?.Message}");
    }
}

/// <summary>What a host says and refuses of a VM that is not on its way.</summary>
internal static class HostContract
{
    private const string NotRunning = "domain is not running";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly MigrationOptionSet Live = MigrationOptionSet.Empty.With(MigrationOptions.Live, true);

    private static readonly Dictionary<string, Func<IHypervisor, Guid, Task>> Requests = new(StringComparer.Ordinal)
    {
        ["its present job"] = (h, vm) => h.GetJobAsync(vm, None),
        ["its completed job"] = (h, vm) => h.GetCompletedJobAsync(vm, None),
        ["its definition"] = (h, vm) => h.GetDefinitionAsync(vm, None),
        ["aborting its job"] = (h, vm) => h.AbortJobAsync(vm, None),
        ["aborting its post-copy"] = (h, vm) => h.AbortPostCopyAsync(vm, None),
        ["switching it to post-copy"] = (h, vm) => h.StartPostCopyAsync(vm, None),
        ["suspending it"] = (h, vm) => h.SuspendVmAsync(vm, None),
        ["its downtime limit"] = (h, vm) => h.GetMaxDowntimeAsync(vm, None),
        ["limiting its downtime"] = (h, vm) => h.SetMaxDowntimeAsync(vm, Second, None),
        ["limiting its bandwidth"] = (h, vm) => h.SetBandwidthAsync(vm, 1 << 30, None),
        ["limiting its post-copy bandwidth"] = (h, vm) => h.SetPostCopyBandwidthAsync(vm, 1 << 30, None),
        ["its compression cache"] = (h, vm) => h.SetCompressionCacheAsync(vm, 1 << 26, None),
        ["migrating it live"] = (h, vm) => h.MigrateAsync(vm, h, Live, None),
        ["starting it with the host"] = (h, vm) => h.SetAutostartAsync(vm, isOn: true, None),
    };

    // Qemu's driver looks these up, or notes them down, whether or not the VM runs (qemuDomainMigrateSetMaxSpeed).
    private static readonly string[] NeedNoQemu = ["its present job", "its completed job", "its definition", "limiting its bandwidth"];

    /// <summary>What is refused, and what looks as if it were. None of it changes anything that is asked for elsewhere.</summary>
    public static readonly IReadOnlyList<Refusal> Refusals =
    [
        .. Requests.Select(r => new Refusal(ContractVm.Absent, r.Key, r.Value, typeof(VmNotFoundException), Reason: "VmNotFound")),
        .. Requests.Where(r => r.Key is not "starting it with the host").Select(r => NeedNoQemu.Contains(r.Key, StringComparer.Ordinal)
            ? new Refusal(ContractVm.ShutOff, r.Key, r.Value, Error: null)
            : new Refusal(ContractVm.ShutOff, r.Key, r.Value, typeof(HypervisorException), NotRunning)),
        OfRunning("aborting its job", typeof(HypervisorException), "no job is active on the domain", "NoMigrationJob"),
        OfRunning("aborting its post-copy", typeof(HypervisorException), "current job is not outgoing migration in post-copy mode"),
        OfRunning("switching it to post-copy", typeof(HypervisorException), "post-copy can only be started while outgoing migration is in progress"),

        // To its own host; libvirt may find another reason first, such as the VM's snapshots.
        OfRunning("migrating it live", typeof(HypervisorException)),
        new(ContractVm.Transient, "starting it with the host", Requests["starting it with the host"], typeof(HypervisorException), "cannot set autostart for transient domain"),
    ];

    /// <summary>What a host says of each VM, by the name of the question.</summary>
    public static readonly IReadOnlyDictionary<string, (ContractVm Vm, Func<IHypervisor, Guid, Task> Assert)> Answers =
        new Dictionary<string, (ContractVm, Func<IHypervisor, Guid, Task>)>(StringComparer.Ordinal)
        {
            ["a VM that runs"] = (ContractVm.Running, (h, vm) => AssertFoundAsync(h, vm, VmState.Running, isPersistent: true)),
            ["a VM that is shut off"] = (ContractVm.ShutOff, (h, vm) => AssertFoundAsync(h, vm, VmState.ShutOff, isPersistent: true)),
            ["a VM that has no definition"] = (ContractVm.Transient, (h, vm) => AssertFoundAsync(h, vm, VmState.Paused, isPersistent: false)),
            ["a VM that is not there"] = (ContractVm.Absent, async (h, vm) =>
            {
                Assert.Null(await h.FindVmAsync(vm, None));
                Assert.Null(await h.FindVmAsync("nobody", None));
            }),
            ["no job of a VM that runs"] = (ContractVm.Running, AssertNoJobAsync),
            ["no job of a VM that is shut off"] = (ContractVm.ShutOff, AssertNoJobAsync),
            ["no completed migration of a VM that is shut off"] = (ContractVm.ShutOff, AssertNoCompletedJobAsync),
            ["no completed migration of a VM that has no definition"] = (ContractVm.Transient, AssertNoCompletedJobAsync),
            ["the definition of a VM that runs"] = (ContractVm.Running, AssertDefinitionAsync),
            ["the definition of a VM that is shut off"] = (ContractVm.ShutOff, AssertDefinitionAsync),
            ["the definition of a VM that has none to keep"] = (ContractVm.Transient, AssertDefinitionAsync),
            ["QEMU's own downtime limit"] = (ContractVm.Running, async (h, vm) =>
                Assert.Equal(TimeSpan.FromMilliseconds(300), await h.GetMaxDowntimeAsync(vm, None))),
            ["whether it starts with the host"] = (ContractVm.ShutOff, AssertAutostartAsync),
        };

    /// <summary>Asserts that a VM starts with its host, or does not, as it is set. It does before and afterwards.</summary>
    /// <param name="host">The host.</param>
    /// <param name="vm">The VM's UUID.</param>
    /// <returns>A task that ends when the host was asked.</returns>
    private static async Task AssertAutostartAsync(IHypervisor host, Guid vm)
    {
        try
        {
            await host.SetAutostartAsync(vm, isOn: false, None);
            Assert.False((await host.FindVmAsync(vm, None))!.Autostart);
        }
        finally
        {
            await host.SetAutostartAsync(vm, isOn: true, None);
        }

        Assert.True((await host.FindVmAsync(vm, None))!.Autostart);
    }

    private static Refusal OfRunning(string what, Type error, string? words = null, string reason = "LibvirtError") =>
        new(ContractVm.Running, what, Requests[what], error, words, reason);

    private static async Task AssertFoundAsync(IHypervisor host, Guid uuid, VmState state, bool isPersistent)
    {
        var vm = await host.FindVmAsync(uuid, None);
        Assert.NotNull(vm);
        Assert.Equal((uuid, state, isPersistent), (vm.Uuid, vm.Status.State, vm.IsPersistent));
        Assert.Equal(state != VmState.ShutOff, vm.Id is not null);
        Assert.Equal(uuid, (await host.FindVmAsync(vm.Name, None))?.Uuid);
    }

    private static async Task AssertNoJobAsync(IHypervisor host, Guid vm) => Assert.Equal(new JobReading(null), await host.GetJobAsync(vm, None));

    private static async Task AssertNoCompletedJobAsync(IHypervisor host, Guid vm) => Assert.Null(await host.GetCompletedJobAsync(vm, None));

    private static async Task AssertDefinitionAsync(IHypervisor host, Guid vm) =>
        Assert.Contains($"<uuid>{vm}</uuid>", await host.GetDefinitionAsync(vm, None), StringComparison.Ordinal);
}
