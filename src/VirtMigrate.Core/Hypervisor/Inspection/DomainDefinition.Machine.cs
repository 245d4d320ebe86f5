namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>The machine that a domain is.</summary>
public sealed partial class DomainDefinition
{
    /// <summary>The firmware; null for the emulator's own BIOS.</summary>
    public DomainFirmware? Firmware
    {
        get
        {
            var os = _domain.Element("os");
            var loader = os?.Element("loader");
            var variables = os?.Element("nvram");
            return loader is null && variables is null && (string?)os?.Attribute("firmware") is not "efi"
                ? null
                : new(
                    string.IsNullOrWhiteSpace(loader?.Value) ? null : loader.Value.Trim(),
                    (string?)loader?.Attribute("type") is not "rom",
                    (string?)loader?.Attribute("secure") is "yes",
                    string.IsNullOrWhiteSpace(variables?.Value) ? (string?)variables?.Element("source")?.Attribute("file") : variables.Value.Trim(),
                    (string?)variables?.Attribute("template"));
        }
    }
}
