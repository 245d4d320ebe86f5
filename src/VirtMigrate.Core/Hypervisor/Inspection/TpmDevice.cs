namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>The guest's TPM.</summary>
/// <param name="Backend">What is behind it: <c>emulator</c> (swtpm), <c>passthrough</c> or <c>external</c>.</param>
/// <param name="Model">What the guest sees, such as <c>tpm-crb</c>.</param>
/// <param name="Version">The version of TPM, such as <c>2.0</c>; null where none is given.</param>
/// <param name="Secret">The UUID of the secret that its state is encrypted with; null where it is not.</param>
/// <param name="Device">The host's device that is passed through; null for other backends.</param>
public sealed record TpmDevice(string Backend, string? Model, string? Version, Guid? Secret, string? Device);
