using System.Buffers.Text;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt.Readers;

/// <summary>Reads the images of a VM's disks from its block statistics (block.N.…).</summary>
/// <remarks>Of a VM that does not run, libvirt tells the image that the guest writes to; it does not open the images behind it.</remarks>
internal static class LibvirtImageReader
{
    /// <summary>Reads the images.</summary>
    /// <param name="values">The VM's statistics.</param>
    /// <param name="isActive">Whether the VM is active.</param>
    /// <returns>The images; of each disk first the one that the guest writes to.</returns>
    public static IReadOnlyList<VmDiskImage> Read(ReadOnlySpan<TypedParameter> values, bool isActive)
    {
        var images = new List<VmDiskImage>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        VmDiskImage? image = null;
        foreach (ref readonly var value in values)
        {
            if (Key(value.Field) is not { IsEmpty: false } key)
            {
                continue;
            }

            if (key.SequenceEqual("name"u8))
            {
                Add(images, image);
                var target = value.Text ?? string.Empty;
                image = new(target, seen.Add(target) ? 0 : -1, null, null, null);
            }
            else if (image is not null)
            {
                image = Complete(image, key, value, isActive);
            }
        }

        Add(images, image);
        return images;
    }

    private static VmDiskImage Complete(VmDiskImage image, ReadOnlySpan<byte> key, in TypedParameter value, bool isActive) => key switch
    {
        _ when key.SequenceEqual("path"u8) => image with { Path = value.Text },
        _ when key.SequenceEqual("capacity"u8) => image with { Capacity = value.Number },

        // The image that the guest writes to has a number of its own in newer versions; it is 0 here.
        _ when key.SequenceEqual("backingIndex"u8) && image.BackingIndex != 0 => image with { BackingIndex = (int)(value.Number ?? 0) },

        // A running QEMU tells as "allocation" the highest byte written to, and as "physical" what is really taken; of a VM
        // that does not run, libvirt tells as "allocation" what is taken, and as "physical" the file's length.
        _ when key.SequenceEqual(isActive ? "physical"u8 : "allocation"u8) => image with { Allocation = value.Number },
        _ => image,
    };

    // The part after "block.N."; empty for other statistics.
    private static ReadOnlySpan<byte> Key(ReadOnlySpan<byte> field)
    {
        var block = "block."u8;
        return field.StartsWith(block) && Utf8Parser.TryParse(field[block.Length..], out int _, out var digits)
            ? field[Math.Min(field.Length, block.Length + digits + 1)..]
            : [];
    }

    private static void Add(List<VmDiskImage> images, VmDiskImage? image)
    {
        if (image is not null)
        {
            images.Add(image);
        }
    }
}
