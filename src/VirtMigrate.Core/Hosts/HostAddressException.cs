namespace VirtMigrate.Hosts;

/// <summary>A text that was to name a host names none.</summary>
/// <param name="text">The text.</param>
public sealed class HostAddressException(string text)
    : HypervisorException($"'{text}' is neither a libvirt URI nor a host name.")
{
    /// <summary>The text.</summary>
    public string Text { get; } = text;
}
