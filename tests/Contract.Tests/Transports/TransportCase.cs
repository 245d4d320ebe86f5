using VirtMigrate.Hosts;
using VirtMigrate.LabSupport;
using VirtMigrate.Libvirt;
using VirtMigrate.Virsh;

namespace VirtMigrate.ContractTests.Transports;

/// <summary>A transport, and the way to the hosts that their addresses name.</summary>
/// <param name="Transport">The transport, as users write it.</param>
/// <param name="Way">The way, as <see cref="LabHost.Uri"/> takes it.</param>
internal sealed record TransportCase(string Transport, string Way)
{
    /// <summary>What every other is compared with.</summary>
    public static readonly TransportCase Reference = new("Libvirt", "tcp");

    /// <summary>Reads a case of a theory.</summary>
    /// <param name="text">The case, such as <c>Virsh/tcp</c>.</param>
    /// <returns>The case.</returns>
    public static TransportCase Parse(string text) =>
        text.Split('/') is [var transport, var way] ? new(transport, way) : throw new ArgumentException(text, nameof(text));

    /// <summary>A host's address.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The URI that this case names it by.</returns>
    public string Uri(LabHost host) => host.Uri(Way);

    /// <summary>Opens a host.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The host, over this transport.</returns>
    public Task<IHypervisor> OpenAsync(LabHost host) =>
        Create().OpenAsync(HostAddress.Parse(Uri(host)), credential: null, CancellationToken.None);

    private ITransport Create() => Transport switch
    {
        "Libvirt" => new LibvirtTransport(),
        "Virsh" => new VirshTransport(),
        "Ssh" => new SshTransport(),
        var other => throw new InvalidOperationException($"There is no transport '{other}'."),
    };
}
