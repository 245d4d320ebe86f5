using VirtMigrate.Hypervisor.Virsh.Running;

namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>Virsh on the host itself, started by ssh, so that this machine needs nothing but an ssh client.</summary>
public sealed class SshTransport : ITransport
{
    /// <inheritdoc/>
    public async Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (credential is not null)
        {
            throw new HypervisorNotSupportedException("Ssh lets in by keys and agents; a user name and a password are for hosts that ask for them by SASL.", address);
        }

        var place = await SshVirsh.OpenAsync(address, cancellationToken).ConfigureAwait(false);
        return await VirshOpening.OpenAsync(place, address, credential: null, HostTransport.Ssh, cancellationToken).ConfigureAwait(false);
    }
}
