using VirtMigrate.Hypervisor.Virsh.Running;

namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>Virsh on this machine, for every URI that it knows.</summary>
public sealed class VirshTransport : ITransport
{
    /// <inheritdoc/>
    public Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        return VirshOpening.OpenAsync(new LocalVirsh(address), address, credential, HostTransport.Virsh, cancellationToken);
    }
}
