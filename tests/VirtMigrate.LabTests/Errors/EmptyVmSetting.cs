namespace VirtMigrate.LabTests.Errors;

/// <summary>What an empty VM is like.</summary>
internal sealed record EmptyVmSetting
{
    /// <summary>Its devices, as libvirt's XML.</summary>
    public string Devices { get; init; } = string.Empty;

    /// <summary>Elements beside its devices, as libvirt's XML.</summary>
    public string Elements { get; init; } = string.Empty;

    /// <summary>Its firmware, as libvirt's XML.</summary>
    public string Firmware { get; init; } = string.Empty;

    /// <summary>Its machine type.</summary>
    public string Machine { get; init; } = "pc";

    /// <summary>Its emulator; null for the lab's.</summary>
    public string? Emulator { get; init; }

    /// <summary>Its memory in MiB.</summary>
    public int Memory { get; init; } = 64;

    /// <summary>A disk, as libvirt's XML.</summary>
    /// <param name="file">The image.</param>
    /// <param name="format">Its format.</param>
    /// <param name="more">Elements within it.</param>
    /// <returns>The XML.</returns>
    public static string Disk(string file, string format = "raw", string more = "") => $"""
        <disk type="file" device="disk"><driver name="qemu" type="{format}" cache="none"/><source file="{file}"/>
        <target dev="vda" bus="virtio"/>{more}</disk>
        """;

    /// <summary>A CD-ROM drive, as libvirt's XML.</summary>
    /// <param name="file">The image in it.</param>
    /// <returns>The XML.</returns>
    public static string Cdrom(string file) => $"""
        <disk type="file" device="cdrom"><driver name="qemu" type="raw"/><source file="{file}"/><target dev="hda" bus="ide"/><readonly/></disk>
        """;

    /// <summary>The whole definition.</summary>
    /// <param name="name">The VM's name.</param>
    /// <param name="emulator">The lab's emulator.</param>
    /// <returns>Libvirt's XML.</returns>
    public string ToXml(string name, string emulator) => $"""
        <domain type="qemu">
          <name>{name}</name>
          <memory unit="MiB">{Memory}</memory>
          <vcpu>1</vcpu>
          <os><type arch="x86_64" machine="{Machine}">hvm</type>{Firmware}</os>
          <features><acpi/></features>
          {Elements}
          <devices>
            <emulator>{Emulator ?? emulator}</emulator>
            <controller type="usb" model="none"/>
            <memballoon model="none"/>
            {Devices}
          </devices>
        </domain>
        """;
}
