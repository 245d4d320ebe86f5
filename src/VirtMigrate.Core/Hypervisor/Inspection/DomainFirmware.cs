namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>The firmware that a domain boots with, where its definition names one.</summary>
/// <param name="Loader">The image's path; null where libvirt is to choose one.</param>
/// <param name="IsFlash">Whether it is a flash image (UEFI) and not a ROM.</param>
/// <param name="IsSecure">Whether it is to enforce secure boot.</param>
/// <param name="Variables">The path of the guest's own variables (NVRAM); null where there are none.</param>
/// <param name="Template">What its variables begin as; null where the definition names nothing.</param>
public sealed record DomainFirmware(string? Loader, bool IsFlash, bool IsSecure, string? Variables, string? Template);
