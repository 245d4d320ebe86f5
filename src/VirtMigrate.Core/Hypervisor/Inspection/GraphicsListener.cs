namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>Where the guest's screen is served.</summary>
/// <param name="Type">The protocol: <c>vnc</c> or <c>spice</c>.</param>
/// <param name="Address">The address that it is served at; null where the host's configuration says it.</param>
public sealed record GraphicsListener(string Type, string? Address);
