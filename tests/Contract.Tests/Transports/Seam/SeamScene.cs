using System.Xml.Linq;
using VirtMigrate.Contract;
using VirtMigrate.Hosts;
using VirtMigrate.LabSupport;
using VirtMigrate.ContractTests.Transports.Names;
using Xunit;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>The first host with one of everything that can be asked about, and connections to it over every transport, each kept open.</summary>
/// <param name="lab">The hosts.</param>
public sealed class SeamScene(LabFixture lab) : IAsyncLifetime
{
    /// <summary>Where the host keeps images.</summary>
    public const string Images = "/var/lib/libvirt/images";

    /// <summary>A network and a pool that look like commands.</summary>
    public const string HostileThing = HostileImage + "é";

    /// <summary>An image that looks like a command, and like two cells of a table.</summary>
    public const string HostileImage = $"-x'\"$(touch {HostileNames.Marker});   b";

    /// <summary>The pool's folder.</summary>
    public const string HostileFolder = "/var/lib/libvirt/" + HostileThing;

    private readonly Dictionary<string, IHypervisor> _hosts = new(StringComparer.Ordinal);
    private readonly List<string> _defined = [];
    private LabGuest? _guest;

    /// <summary>The hosts.</summary>
    public LabFixture Lab => lab;

    /// <summary>A guest that runs, with a qcow2 disk, a snapshot and two processors.</summary>
    public Guid Running { get; private set; }

    /// <summary>A VM that is shut off, with much in its definition.</summary>
    public static Guid Off { get; } = new("8a1b0d5e-0000-4000-8000-0000000000f0");

    /// <summary>A VM that stands still and is defined nowhere.</summary>
    public static Guid Transient { get; } = new("8a1b0d5e-0000-4000-8000-0000000000f1");

    /// <summary>A VM that is shut off with its memory saved beside its definition.</summary>
    public static Guid Saved { get; } = new("8a1b0d5e-0000-4000-8000-0000000000f2");

    /// <summary>A VM that no host has.</summary>
    public static Guid Nobody { get; } = new("8a1b0d5e-0000-4000-8000-0000000000ff");

    /// <summary>Finds the VM that the contract means.</summary>
    /// <param name="vm">Which.</param>
    /// <returns>Its UUID.</returns>
    internal Guid Find(ContractVm vm) => vm switch
    {
        ContractVm.Running => Running,
        ContractVm.ShutOff => Off,
        ContractVm.Transient => Transient,
        _ => Nobody,
    };

    /// <summary>Gives a connection to the first host.</summary>
    /// <param name="name">The case, as a theory names it.</param>
    /// <returns>The host; it stays open.</returns>
    internal async Task<IHypervisor> OpenAsync(string name)
    {
        if (!_hosts.TryGetValue(name, out var host))
        {
            _hosts[name] = host = await TransportCase.Parse(name).OpenAsync(lab.Host1);
        }

        return host;
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => await Change.MakeAsync(MakeAsync, () => DisposeAsync().AsTask());

    private async Task MakeAsync()
    {
        _guest = await lab.StartGuestAsync("seam", "--memory", "200", "--vcpus", "2", "--dirty", "20", "--working-set", "60", "--disk", "local", "--disk-format", "qcow2");
        await VirshAsync("snapshot-create-as", "seam", "one", "--disk-only");
        Running = Guid.Parse(await VirshAsync("domuuid", "seam"));
        await lab.RunAsync("exec", lab.Host1.Name, "qemu-img", "create", "-q", "-f", "qcow2", $"{Images}/{HostileImage}.qcow2", "8M");
        await DefineAsync("define", SceneXml.Off(Off, lab.Emulator));
        await DefineAsync("create", SceneXml.Transient(Transient, lab.Emulator), "--paused");
        await DefineAsync("define", SceneXml.Empty(Saved, "seam saved", lab.Emulator));
        await VirshAsync("start", "--domain", Saved.ToString(), "--paused");
        await VirshAsync("managedsave", "--domain", Saved.ToString());
        await VirshAsync("autostart", "--domain", Off.ToString());
        foreach (var name in HostileNames.All)
        {
            await DefineAsync("define", SceneXml.Empty(Guid.NewGuid(), name, lab.Emulator));
        }

        await DefineAsync("net-define", SceneXml.Network("isolated", 1400));
        await DefineAsync("net-define", SceneXml.Network(HostileThing, mtu: null));
        await DefineAsync("pool-define", SceneXml.Pool("idle", "/var/lib/libvirt/idle"));
        await DefineAsync("pool-create", SceneXml.Pool(HostileThing, HostileFolder), "--build");
        await DefineAsync("secret-define", SceneXml.Secret(Nobody));
        await lab.RunAsync("exec", lab.Host1.Name, "ip", "link", "add", "br-seam", "mtu", "1350", "type", "bridge");
        await VirshAsync("pool-refresh", "default");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.Values)
        {
            await host.DisposeAsync();
        }

        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }

        await VirshAsync("destroy", "--domain", Transient.ToString());
        await VirshAsync("managedsave-remove", "--domain", Saved.ToString());
        foreach (var uuid in _defined)
        {
            await VirshAsync("undefine", "--domain", uuid);
        }

        await VirshAsync("net-undefine", "isolated");
        await VirshAsync("net-undefine", "--network", HostileThing);
        await VirshAsync("pool-undefine", "idle");
        await VirshAsync("pool-destroy", "--pool", HostileThing);
        await VirshAsync("secret-undefine", Nobody.ToString());
        await lab.RunAsync("exec", lab.Host1.Name, "sh", "-c", $"ip link del br-seam; rm -rf {Images}/seam.* {Images}/-x* /var/lib/libvirt/-x*");
        await VirshAsync("pool-refresh", "default");
        await lab.AssertUnchangedAsync();
    }

    private async Task<string> VirshAsync(params string[] command) => await LabSupport.Lab.VirshAsync(lab.Host1, command);

    private async Task DefineAsync(string command, XElement xml, params string[] options)
    {
        var file = Path.Combine(lab.Shared, "seam.xml");
        await File.WriteAllTextAsync(file, xml.ToString(SaveOptions.DisableFormatting));
        var answer = await VirshAsync([command, file, .. options]);
        File.Delete(file);
        if (answer.StartsWith("error:", StringComparison.Ordinal) || answer.Contains("\nerror:", StringComparison.Ordinal))
        {
            throw new LabException($"{command} {xml}: {answer}");
        }

        if (xml.Name.LocalName is "domain")
        {
            _defined.Add(xml.Element("uuid")!.Value);
        }
    }
}

/// <summary>The tests that share one scene.</summary>
[CollectionDefinition(nameof(SeamScene))]
public sealed class SeamSceneCollection : ICollectionFixture<SeamScene>;
