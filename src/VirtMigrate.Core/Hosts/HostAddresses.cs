namespace VirtMigrate.Hosts;

/// <summary>The hosts that users name, and those that the environment names for them.</summary>
internal static class HostAddresses
{
    private const string SourceVariable = "LIBVIRT_DEFAULT_URI";
    private const string DestinationVariable = "VIRTMIGRATE_DESTINATION";
    private const string LocalSystem = "qemu:///system";

    /// <summary>The host to look for without being told another: LIBVIRT_DEFAULT_URI, else <c>qemu:///system</c>, as virsh has it.</summary>
    /// <exception cref="HypervisorException">The variable names no host.</exception>
    public static HostAddress DefaultSource => FromVariable(SourceVariable) ?? HostAddress.Parse(LocalSystem);

    /// <summary>The destination that the environment names (VIRTMIGRATE_DESTINATION); null where it names none.</summary>
    /// <exception cref="HypervisorException">The variable names no host.</exception>
    public static HostAddress? DefaultDestination => FromVariable(DestinationVariable);

    /// <summary>Reads what a user names a host by.</summary>
    /// <param name="text">A libvirt URI or a bare host.</param>
    /// <returns>The address.</returns>
    /// <exception cref="HypervisorException">The text names no host.</exception>
    public static HostAddress Parse(string text) => HostAddress.TryParse(text) ?? throw HypervisorException.AddressInvalid(text.Trim());

    private static HostAddress? FromVariable(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrWhiteSpace(value) ? null : Parse(value);
    }
}
