namespace VirtMigrate.Migration.Options;

/// <summary>How memory moves, and what slows the guest down so that it can.</summary>
public static partial class MigrationOptions
{
    /// <summary>The number of connections that memory moves over (multi-FD).</summary>
    public static readonly MigrationOption Parallel = new("Parallel", "--parallel")
    {
        Flag = MigrationFlags.Parallel,
        TypedParameter = "parallel.connections",
        ValueType = MigrationValueType.Number,
        VirshValueOption = "--parallel-connections",
        Minimum = 1,
        Maximum = 255,
        Since = new(5, 2, 0),
        Excludes = ["Offline"],
    };

    /// <summary>Memory is sent from where it lies, without being copied first.</summary>
    public static readonly MigrationOption ZeroCopy = new("ZeroCopy", "--zerocopy")
    {
        Flag = MigrationFlags.ZeroCopy,
        Since = new(8, 5, 0),
        SinceQemu = new(7, 1),
        Requires = ["Parallel"],
        Excludes = ["Compression", "Tls"],
    };

    /// <summary>All memory is pinned before a migration over RDMA begins.</summary>
    public static readonly MigrationOption RdmaPinAll = new("RdmaPinAll", "--rdma-pin-all")
    {
        Flag = MigrationFlags.RdmaPinAll,
        Since = new(1, 2, 9),
        Requires = ["MigrateUri"],
    };

    /// <summary>The highest rate, in bytes per second; libvirt counts in whole MiB/s.</summary>
    public static readonly MigrationOption Bandwidth = new("Bandwidth", "--bandwidth")
    {
        TypedParameter = "bandwidth",
        ValueType = MigrationValueType.LargeNumber,
        Scale = MiB,
        Minimum = MiB,
        Since = new(1, 1, 0),
        Excludes = ["Offline"],
    };

    /// <summary>The rate that QEMU can count on at the switch-over, in bytes per second, where its own measure is too low.</summary>
    public static readonly MigrationOption AvailableSwitchoverBandwidth = new("AvailableSwitchoverBandwidth", "--available-switchover-bandwidth")
    {
        TypedParameter = "bandwidth.avail.switchover",
        ValueType = MigrationValueType.LargeNumber,
        Scale = MiB,
        Minimum = MiB,
        Since = new(11, 1, 0),
        SinceQemu = new(8, 2),
        Excludes = ["Offline"],
    };

    /// <summary>The guest's processors are throttled, more and more, until its memory can be moved.</summary>
    public static readonly MigrationOption AutoConverge = new("AutoConverge", "--auto-converge")
    {
        Flag = MigrationFlags.AutoConverge,
        Since = new(1, 2, 3),
        Excludes = ["Offline"],
    };

    /// <summary>The share of processor time that is kept from the guest at first, in percent (QEMU: 20).</summary>
    public static readonly MigrationOption AutoConvergeInitial = new("AutoConvergeInitial", "--auto-converge-initial")
    {
        TypedParameter = "auto_converge.initial",
        ValueType = MigrationValueType.Number,
        Minimum = 1,
        Maximum = 99,
        Since = new(2, 0, 0),
        Requires = ["AutoConverge"],
    };

    /// <summary>The share of processor time that is kept from the guest in addition when that was not enough, in percent (QEMU: 10).</summary>
    public static readonly MigrationOption AutoConvergeIncrement = new("AutoConvergeIncrement", "--auto-converge-increment")
    {
        TypedParameter = "auto_converge.increment",
        ValueType = MigrationValueType.Number,
        Minimum = 1,
        Maximum = 99,
        Since = new(2, 0, 0),
        Requires = ["AutoConverge"],
    };

    /// <summary>The methods that memory is compressed with. Over several connections QEMU knows zlib and zstd, over one mt and xbzrle.</summary>
    public static readonly MigrationOption Compression = new("Compression", "--compressed")
    {
        Flag = MigrationFlags.Compressed,
        TypedParameter = "compression",
        ValueType = MigrationValueType.TextList,
        VirshValueOption = "--comp-methods",
        Since = new(1, 3, 4),
        Excludes = ["Offline"],
        Choices =
        [
            new("mt") { Excludes = ["Parallel", "PostCopy"] },
            new("xbzrle") { Excludes = ["Parallel"] },
            new("zlib") { Since = new(9, 4, 0), Requires = ["Parallel"], Excludes = ["Compression:zstd"] },
            new("zstd") { Since = new(9, 4, 0), Requires = ["Parallel"] },
        ],
    };

    /// <summary>How hard <c>mt</c> compresses: 0 not at all, 1 fastest, 9 most.</summary>
    public static readonly MigrationOption CompressionMtLevel = new("CompressionMtLevel", "--comp-mt-level")
    {
        TypedParameter = "compression.mt.level",
        ValueType = MigrationValueType.Number,
        Maximum = 9,
        Since = new(1, 3, 4),
        Requires = ["Compression:mt"],
    };

    /// <summary>The threads that compress with <c>mt</c> at the source.</summary>
    public static readonly MigrationOption CompressionMtThreads = new("CompressionMtThreads", "--comp-mt-threads")
    {
        TypedParameter = "compression.mt.threads",
        ValueType = MigrationValueType.Number,
        Minimum = 1,
        Maximum = 255,
        Since = new(1, 3, 4),
        Requires = ["Compression:mt"],
    };

    /// <summary>The threads that decompress with <c>mt</c> at the destination.</summary>
    public static readonly MigrationOption CompressionMtDecompressionThreads = new("CompressionMtDecompressionThreads", "--comp-mt-dthreads")
    {
        TypedParameter = "compression.mt.dthreads",
        ValueType = MigrationValueType.Number,
        Minimum = 1,
        Maximum = 255,
        Since = new(1, 3, 4),
        Requires = ["Compression:mt"],
    };

    /// <summary>The size of the cache of pages that <c>xbzrle</c> compares with, in bytes.</summary>
    public static readonly MigrationOption CompressionXbzrleCache = new("CompressionXbzrleCache", "--comp-xbzrle-cache")
    {
        TypedParameter = "compression.xbzrle.cache",
        ValueType = MigrationValueType.LargeNumber,
        Minimum = 4096,
        IsPowerOfTwo = true,
        Since = new(1, 3, 4),
        Requires = ["Compression:xbzrle"],
    };

    /// <summary>How hard <c>zlib</c> compresses: 0 not at all, 1 fastest, 9 most.</summary>
    public static readonly MigrationOption CompressionZlibLevel = new("CompressionZlibLevel", "--comp-zlib-level")
    {
        TypedParameter = "compression.zlib.level",
        ValueType = MigrationValueType.Number,
        Maximum = 9,
        Since = new(9, 4, 0),
        Requires = ["Compression:zlib"],
    };

    /// <summary>How hard <c>zstd</c> compresses: 0 not at all, 1 fastest, 20 most.</summary>
    public static readonly MigrationOption CompressionZstdLevel = new("CompressionZstdLevel", "--comp-zstd-level")
    {
        TypedParameter = "compression.zstd.level",
        ValueType = MigrationValueType.Number,
        Maximum = 20,
        Since = new(9, 4, 0),
        Requires = ["Compression:zstd"],
    };
}
