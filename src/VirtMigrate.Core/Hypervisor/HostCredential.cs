namespace VirtMigrate.Hypervisor;

/// <summary>A user name and password for a host that asks for them (SASL, or ssh inside libvirt).</summary>
/// <param name="UserName">The user's name.</param>
/// <param name="Password">The password. Kept in memory for reconnecting, written nowhere.</param>
public sealed record HostCredential(string UserName, string Password)
{
    /// <summary>The user's name alone, so that no log shows the password.</summary>
    /// <returns><see cref="UserName"/>.</returns>
    public override string ToString() => UserName;
}
