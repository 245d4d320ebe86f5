using System.Globalization;

namespace VirtMigrate.Hosts;

/// <summary>What a host tells of one VM when it is asked for all.</summary>
/// <param name="Vm">The VM's UUID.</param>
internal sealed record VmInspection(Guid Vm)
{
    /// <summary>Whether it has snapshots.</summary>
    public bool HasSnapshots { get; init; }

    /// <summary>Whether it has checkpoints.</summary>
    public bool HasCheckpoints { get; init; }

    /// <summary>
    /// Whether libvirt keeps its saved memory (virsh managedsave), from which the next start on this host goes on. The image lies beside the
    /// definition, and outlives the VM's next run where that began on another host.
    /// </summary>
    public bool HasManagedSave { get; init; }

    /// <summary>The images of its disks.</summary>
    public IReadOnlyList<VmDiskImage> Images { get; init; } = [];

    /// <summary>Its resident memory in bytes; null where the host does not tell.</summary>
    public long? ResidentMemory { get; init; }

    /// <summary>The last measured dirty rate; null where none was measured.</summary>
    public DirtyRateReading? DirtyRate { get; init; }

    /// <summary>Reads images, resident memory and the last dirty rate from a VM's statistics (balloon, block and dirtyrate).</summary>
    internal static VmInspection Read(Guid vm, IReadOnlyList<TypedParameter> statistics, bool isActive) => new(vm)
    {
        Images = VmDiskImage.Read(statistics, isActive),
        ResidentMemory = statistics.FindNumber("balloon.rss") * 1024,
        DirtyRate = DirtyRateStatistics.ReadLast(statistics),
    };
}

/// <summary>An image that a VM's disk consists of.</summary>
/// <param name="Target">The disk's target, such as <c>vda</c>.</param>
/// <param name="BackingIndex">0 for the image that the guest writes to; other numbers for the images behind it.</param>
/// <param name="Path">Its path or name; null where libvirt gives none.</param>
/// <param name="Capacity">The bytes that a guest sees of it; null where the host does not tell.</param>
/// <param name="Allocation">The bytes that it takes; null where the host does not tell.</param>
internal sealed record VmDiskImage(string Target, int BackingIndex, string? Path, long? Capacity, long? Allocation)
{
    private const string Prefix = "block.";

    /// <summary>Reads the images from a VM's block statistics (block.N.…); of each disk first the one that the guest writes to.</summary>
    /// <remarks>Of a VM that does not run, libvirt tells the image that the guest writes to; it does not open the images behind it.</remarks>
    internal static IReadOnlyList<VmDiskImage> Read(IReadOnlyList<TypedParameter> statistics, bool isActive)
    {
        var images = new List<VmDiskImage>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in statistics)
        {
            var key = Key(value.Name);
            if (key is "name")
            {
                var target = value.Text ?? string.Empty;
                images.Add(new(target, seen.Add(target) ? 0 : -1, null, null, null));
            }
            else if (key.Length > 0 && images.Count > 0)
            {
                images[^1] = images[^1].With(key, value, isActive);
            }
        }

        return images;
    }

    private VmDiskImage With(ReadOnlySpan<char> key, TypedParameter value, bool isActive) => key switch
    {
        "path" => this with { Path = value.Text },
        "capacity" => this with { Capacity = value.Number },

        // The image that the guest writes to has a number of its own in newer versions; it is 0 here.
        "backingIndex" when BackingIndex != 0 => this with { BackingIndex = (int)(value.Number ?? 0) },

        // A running QEMU tells as "allocation" the highest byte written to, and as "physical" what is really taken; of a VM
        // that does not run, libvirt tells as "allocation" what is taken, and as "physical" the file's length.
        "physical" when isActive => this with { Allocation = value.Number },
        "allocation" when !isActive => this with { Allocation = value.Number },
        _ => this,
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

/// <summary>A job that runs on a disk of a VM.</summary>
/// <param name="Target">The disk's target, such as <c>vda</c>.</param>
/// <param name="Operation">What it does, in virsh's words: <c>Block Pull</c>, <c>Block Copy</c>, <c>Block Commit</c>, <c>Active Block Commit</c>, <c>Backup</c>.</param>
/// <param name="Position">How far it is, in bytes.</param>
/// <param name="End">Where it ends, in bytes.</param>
internal sealed record BlockJob(string Target, string Operation, long Position, long End)
{
    // By virDomainBlockJobType.
    private static readonly string[] Operations =
        ["Unknown job", "Block Pull", "Block Copy", "Block Commit", "Active Block Commit", "Backup"];

    /// <summary>What a virDomainBlockJobType does, in virsh's words.</summary>
    internal static string Describe(int type) => Operations[type > 0 && type < Operations.Length ? type : 0];
}
