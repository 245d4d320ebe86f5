using System.Globalization;
using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Hypervisor.Statistics;

/// <summary>Reads the images of a VM's disks from its block statistics (block.N.…).</summary>
/// <remarks>Of a VM that does not run, libvirt tells the image that the guest writes to; it does not open the images behind it.</remarks>
internal static class ImageStatistics
{
    private const string Prefix = "block.";

    /// <summary>Reads the images.</summary>
    /// <param name="values">The VM's statistics.</param>
    /// <param name="isActive">Whether the VM is active.</param>
    /// <returns>The images; of each disk first the one that the guest writes to.</returns>
    public static IReadOnlyList<VmDiskImage> Read(IReadOnlyList<Statistic> values, bool isActive)
    {
        var images = new List<VmDiskImage>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var key = Key(value.Name);
            if (key is "name")
            {
                var target = value.Text ?? string.Empty;
                images.Add(new(target, seen.Add(target) ? 0 : -1, null, null, null));
            }
            else if (key.Length > 0 && images.Count > 0)
            {
                images[^1] = Complete(images[^1], key, value, isActive);
            }
        }

        return images;
    }

    private static VmDiskImage Complete(VmDiskImage image, ReadOnlySpan<char> key, Statistic value, bool isActive) => key switch
    {
        "path" => image with { Path = value.Text },
        "capacity" => image with { Capacity = value.Number },

        // The image that the guest writes to has a number of its own in newer versions; it is 0 here.
        "backingIndex" when image.BackingIndex != 0 => image with { BackingIndex = (int)(value.Number ?? 0) },

        // A running QEMU tells as "allocation" the highest byte written to, and as "physical" what is really taken; of a VM
        // that does not run, libvirt tells as "allocation" what is taken, and as "physical" the file's length.
        "physical" when isActive => image with { Allocation = value.Number },
        "allocation" when !isActive => image with { Allocation = value.Number },
        _ => image,
    };

    // The part after "block.N."; empty for other statistics.
    private static ReadOnlySpan<char> Key(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return [];
        }

        var rest = name.AsSpan(Prefix.Length);
        var dot = rest.IndexOf('.');
        return dot > 0 && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out _) ? rest[(dot + 1)..] : [];
    }
}
