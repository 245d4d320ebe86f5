using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>Virsh on this machine, for every URI that it knows.</summary>
internal sealed class VirshTransport : ITransport
{
    /// <inheritdoc/>
    public Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        return OpenAsync(new LocalVirsh(address), address, credential, HostTransport.Virsh, cancellationToken);
    }

    /// <summary>Opens a host by a runner of its virsh, which is disposed of where the host does not open.</summary>
    internal static async Task<IHypervisor> OpenAsync(
        IVirshRunner runner, HostAddress address, HostCredential? credential, HostTransport transport, CancellationToken cancellationToken)
    {
        try
        {
            var virsh = new VirshClient(runner, address, credential);
            return new VirshHypervisor(virsh, await new VirshHostReader(virsh).ReadHostAsync(transport, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await runner.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}

/// <summary>Virsh on the host itself, started by ssh, so that this machine needs nothing but an ssh client.</summary>
internal sealed class SshTransport : ITransport
{
    /// <inheritdoc/>
    public async Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (credential is not null)
        {
            throw new HypervisorNotSupportedException("ssh logs in with keys or an agent; a user name and a password are for hosts that ask for them by SASL.", address);
        }

        var runner = await SshVirsh.OpenAsync(address, cancellationToken).ConfigureAwait(false);
        return await VirshTransport.OpenAsync(runner, address, credential: null, HostTransport.Ssh, cancellationToken).ConfigureAwait(false);
    }
}
