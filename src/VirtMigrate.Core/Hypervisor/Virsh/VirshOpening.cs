using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Virsh.Parsing.Host;
using VirtMigrate.Hypervisor.Virsh.Running;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>Asks a host who it is, in one run of its virsh.</summary>
internal static class VirshOpening
{
    // What is asked here came with it: domjobinfo --rawstats and what lists VMs by UUID and name together.
    private static readonly Version Oldest = new(6, 0);

    /// <summary>Opens a host.</summary>
    /// <param name="place">Where its virsh runs; it is disposed of where the host does not open.</param>
    /// <param name="address">The host.</param>
    /// <param name="credential">What to answer when the host asks who is there.</param>
    /// <param name="transport">The transport.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The host.</returns>
    /// <exception cref="HypervisorException">The host can't be reached or does not let us in.</exception>
    public static async Task<IHypervisor> OpenAsync(
        IVirshPlace place, HostAddress address, HostCredential? credential, HostTransport transport, CancellationToken cancellationToken)
    {
        try
        {
            var virsh = new VirshClient(place, address, credential);
            return new VirshHypervisor(virsh, await ReadAsync(virsh, transport, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await place.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<VmHost> ReadAsync(VirshClient virsh, HostTransport transport, CancellationToken cancellationToken)
    {
        var answers = await virsh.RunManyAsync([["version", "--daemon"], ["hostname"], ["nodeinfo"], ["capabilities"]], cancellationToken).ConfigureAwait(false);
        var version = VersionOutput.Read(answers[0].Take());
        if (version.Client < Oldest)
        {
            throw new HypervisorNotSupportedException($"Its virsh is of libvirt {version.Client}; it takes {Oldest} or later.", virsh.Address);
        }

        var node = NodeinfoOutput.Read(answers[2].Take());
        return new()
        {
            Name = answers[1].Take().TrimEnd('\n'),
            Uri = virsh.Address.Uri,
            Transport = transport.ToString(),
            Hypervisor = version.Hypervisor,
            HypervisorVersion = version.HypervisorVersion,
            LibvirtVersion = version.Daemon,
            Uuid = new HostCapabilities(answers[3].Take()).HostUuid,
            Architecture = node.Architecture,
            CpuCount = node.CpuCount,
            Memory = node.Memory,
            IsEncrypted = transport == HostTransport.Ssh || IsEncrypted(virsh.Address),
            IsConnected = true,
        };
    }

    // A URI with a host and no transport means TLS.
    private static bool IsEncrypted(HostAddress address) =>
        address is { IsOverSsh: true } or { Transport: "tls" } or { Transport: "", HostName.Length: > 0 };
}
