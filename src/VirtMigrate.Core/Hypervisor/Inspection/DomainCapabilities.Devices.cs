namespace VirtMigrate.Hypervisor.Inspection;

/// <content>What devices guests can have.</content>
public sealed partial class DomainCapabilities
{
    /// <summary>What can be behind a guest's TPM, such as <c>emulator</c>; null where the host does not tell.</summary>
    public IReadOnlyList<string>? TpmBackends => _root.Element("devices")?.Element("tpm") is not { } tpm ? null
        : (string?)tpm.Attribute("supported") is "no" ? []
        : [.. tpm.Elements("enum").Where(e => (string?)e.Attribute("name") is "backendModel").SelectMany(e => e.Elements("value")).Select(v => v.Value)];
}
