namespace VirtMigrate.Hypervisor;

/// <summary>A way to reach hosts.</summary>
public interface ITransport
{
    /// <summary>Opens a connection to a host.</summary>
    /// <param name="address">The host.</param>
    /// <param name="credential">What to answer when the host asks who is there; null to have nothing to say.</param>
    /// <param name="cancellationToken">Gives up waiting; a connection that comes later is closed.</param>
    /// <returns>The open connection.</returns>
    Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken);
}
