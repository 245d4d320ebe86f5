namespace VirtMigrate.Hosts;

/// <summary>A way to reach hosts.</summary>
internal interface ITransport
{
    /// <summary>Opens a connection to a host.</summary>
    /// <param name="address">The host.</param>
    /// <param name="credential">The user name and password for a host that asks for them; null for none.</param>
    /// <param name="cancellationToken">Cancels the wait; a connection that comes later is closed.</param>
    /// <returns>The open connection.</returns>
    Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken);
}

/// <summary>A user name and password for a host that asks for them (SASL, or ssh inside libvirt).</summary>
/// <param name="UserName">The user's name.</param>
/// <param name="Password">The password. Kept in memory for reconnecting, written nowhere.</param>
public sealed record HostCredential(string UserName, string Password)
{
    /// <summary>The user's name alone, so that no log shows the password.</summary>
    /// <returns><see cref="UserName"/>.</returns>
    public override string ToString() => UserName;
}
