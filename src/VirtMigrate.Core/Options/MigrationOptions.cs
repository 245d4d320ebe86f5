namespace VirtMigrate.Options;

/// <summary>
/// The option table. Start-VmMigration's parameters, the call to libvirt, the virsh command that -WhatIf shows and the
/// validation all come from its rows, so that another option is another row. Versions and rules are libvirt's own
/// (virDomainMigrateFlags, VIR_MIGRATE_PARAM_*, and what its QEMU driver and QEMU refuse).
/// </summary>
public static class MigrationOptions
{
    private const long MiB = 1024 * 1024;
    private const string Mt = $"{nameof(Compression)}:mt";
    private const string Xbzrle = $"{nameof(Compression)}:xbzrle";
    private const string Zlib = $"{nameof(Compression)}:zlib";
    private const string Zstd = $"{nameof(Compression)}:zstd";

    // Of options that no libvirt is asked for.
    private static readonly Version Always = new(0, 0);

    // Fields come to life in the order in which they stand here: the rows add themselves to this list.
    private static readonly List<MigrationOption> Rows = [];

    /// <summary>The guest keeps running while it moves.</summary>
    public static readonly MigrationOption Live = Add(new(nameof(Live), "--live")
    {
        Flag = MigrationFlags.Live, Since = new(0, 3, 2), Excludes = [nameof(Offline)],
    });

    /// <summary>Only the definition of a VM that is shut off moves. Libvirt wants it kept at the destination.</summary>
    public static readonly MigrationOption Offline = Add(new(nameof(Offline), "--offline")
    {
        Flag = MigrationFlags.Offline, Since = new(1, 0, 1), Requires = [nameof(Persistent)], AppliesOffline = true,
    });

    /// <summary>The source's daemon connects to the destination and runs the migration; it survives the client.</summary>
    public static readonly MigrationOption PeerToPeer = Add(new(nameof(PeerToPeer), "--p2p")
    {
        Flag = MigrationFlags.PeerToPeer, Since = new(0, 7, 2), AppliesOffline = true,
    });

    /// <summary>The hypervisor itself runs the migration; no libvirt daemon at the destination takes part (not with QEMU).</summary>
    public static readonly MigrationOption Direct = Add(new(nameof(Direct), "--direct")
    {
        Since = new(0, 7, 2), Requires = [nameof(MigrateUri)], Excludes = [nameof(PeerToPeer)], AppliesOffline = true,
    });

    /// <summary>Memory goes through the connection between the two daemons.</summary>
    public static readonly MigrationOption Tunnelled = Add(new(nameof(Tunnelled), "--tunnelled")
    {
        Flag = MigrationFlags.Tunnelled, Since = new(0, 7, 2), Requires = [nameof(PeerToPeer)],
        Excludes =
        [
            nameof(Offline), nameof(Parallel), nameof(PostCopy), nameof(CopyStorage), nameof(MigrateUri), nameof(ListenAddress), nameof(DisksPort),
        ],
    });

    /// <summary>The destination keeps a definition.</summary>
    public static readonly MigrationOption Persistent = Add(new(nameof(Persistent), "--persistent")
    {
        Flag = MigrationFlags.PersistDestination, Since = new(0, 7, 3), AppliesOffline = true,
    });

    /// <summary>The source drops its definition when the VM has moved.</summary>
    public static readonly MigrationOption UndefineSource = Add(new(nameof(UndefineSource), "--undefinesource")
    {
        Flag = MigrationFlags.UndefineSource, Since = new(0, 7, 3), AppliesOffline = true,
    });

    /// <summary>The guest is paused when it has arrived.</summary>
    public static readonly MigrationOption Suspend = Add(new(nameof(Suspend), "--suspend")
    {
        Flag = MigrationFlags.Paused, Since = new(0, 7, 5), Excludes = [nameof(Offline), nameof(PostCopy)],
    });

    /// <summary>Disks that are not shared are copied: whole, or what lies over a base image that both hosts have.</summary>
    public static readonly MigrationOption CopyStorage = Add(new(nameof(CopyStorage), string.Empty)
    {
        ValueType = MigrationValueType.Text, Since = new(0, 8, 2), Excludes = [nameof(Offline)],
        Choices =
        [
            new(nameof(StorageCopy.All)) { Flag = MigrationFlags.NonSharedDisk, VirshOption = "--copy-storage-all" },
            new(nameof(StorageCopy.Incremental)) { Flag = MigrationFlags.NonSharedIncremental, VirshOption = "--copy-storage-inc" },
        ],
    });

    /// <summary>What the guest writes to a copied disk is written at the destination at the same time, so that the copy comes to an end.</summary>
    public static readonly MigrationOption SynchronousWrites = Add(new(nameof(SynchronousWrites), "--copy-storage-synchronous-writes")
    {
        Flag = MigrationFlags.SynchronousWrites, Since = new(8, 0, 0), Requires = [nameof(CopyStorage)],
    });

    /// <summary>The disks to copy, by target; all that are neither shared nor read-only when left out.</summary>
    public static readonly MigrationOption MigrateDisk = Add(new(nameof(MigrateDisk), "--migrate-disks")
    {
        TypedParameter = "migrate_disks", ValueType = MigrationValueType.TextList, Since = new(1, 2, 17), Requires = [nameof(CopyStorage)],
    });

    /// <summary>The copied disks, by target, whose zeroes are neither sent nor allocated.</summary>
    public static readonly MigrationOption MigrateDiskDetectZeroes = Add(new(nameof(MigrateDiskDetectZeroes), "--migrate-disks-detect-zeroes")
    {
        TypedParameter = "migrate_disks_detect_zeroes", ValueType = MigrationValueType.TextList, Since = new(10, 9, 0),
        Requires = [nameof(CopyStorage)],
    });

    /// <summary>What a copied disk's image holds at the destination is overwritten, where no VM there names it.</summary>
    public static readonly MigrationOption Overwrite = Add(new(nameof(Overwrite), string.Empty)
    {
        Since = Always, Requires = [nameof(CopyStorage)],
        Risk = "overwrites the images at the destination that the disks of VM '{0}' are copied into. Their present contents are lost.",
    });

    /// <summary>Where it can't be told whether a copied disk and its target are one storage, they are taken for two.</summary>
    public static readonly MigrationOption AssumeSeparateStorage = Add(new(nameof(AssumeSeparateStorage), string.Empty)
    {
        Since = Always, Requires = [nameof(CopyStorage)],
        Risk = "treats the disks of VM '{0}' and what they are copied into as separate storage where that can't be verified. If they are the " +
            "same storage, the copy destroys it.",
    });

    /// <summary>The port that the destination listens on for disks.</summary>
    public static readonly MigrationOption DisksPort = Add(new(nameof(DisksPort), "--disks-port")
    {
        TypedParameter = "disks_port", ValueType = MigrationValueType.Number, Minimum = 1, Maximum = 65535, Since = new(1, 3, 3),
        Requires = [nameof(CopyStorage)], Excludes = [nameof(DisksUri)],
    });

    /// <summary>The address that disks go to: <c>tcp://address:port</c> or <c>unix:///socket</c>.</summary>
    public static readonly MigrationOption DisksUri = Add(new(nameof(DisksUri), "--disks-uri")
    {
        TypedParameter = "disks_uri", ValueType = MigrationValueType.Text, Since = new(6, 8, 0), Requires = [nameof(CopyStorage)],
    });

    /// <summary>Nobody changes the VM's definition on the way; a daemon that can't see to it refuses.</summary>
    public static readonly MigrationOption ChangeProtection = Add(new(nameof(ChangeProtection), "--change-protection")
    {
        Flag = MigrationFlags.ChangeProtection, Since = new(0, 9, 4),
    });

    /// <summary>Libvirt's safety checks of disks and caches are passed over.</summary>
    public static readonly MigrationOption Unsafe = Add(new(nameof(Unsafe), "--unsafe")
    {
        Flag = MigrationFlags.Unsafe, Since = new(0, 9, 11),
        Risk = "skips libvirt's storage safety checks for VM '{0}'. If its disks are not the same storage on both hosts, or a host caches " +
            "them, they are corrupted.",
    });

    /// <summary>The memory that a managed save keeps of a VM stays behind.</summary>
    public static readonly MigrationOption LeaveManagedSave = Add(new(nameof(LeaveManagedSave), string.Empty)
    {
        Since = Always, AppliesOffline = true,
        Risk = "leaves the managed save image of VM '{0}' behind. At the destination it boots as after a power failure; starting it later on " +
            "the host that has the image resumes old memory and corrupts its disks.",
    });

    /// <summary>An I/O error of the guest on the way ends the migration.</summary>
    public static readonly MigrationOption AbortOnError = Add(new(nameof(AbortOnError), "--abort-on-error")
    {
        Flag = MigrationFlags.AbortOnError, Since = new(1, 1, 0), Excludes = [nameof(Offline)],
    });

    /// <summary>The migration may go on in post-copy. QEMU before 10.1 loses a guest that moves over several connections as well.</summary>
    public static readonly MigrationOption PostCopy = Add(new(nameof(PostCopy), "--postcopy")
    {
        Flag = MigrationFlags.PostCopy, Since = new(1, 3, 3), Excludes = [nameof(Offline)], Conflicts = [new(nameof(Parallel), new(10, 1))],
    });

    /// <summary>The client switches to post-copy when all memory has been sent once.</summary>
    public static readonly MigrationOption PostCopyAfterPrecopy = Add(new(nameof(PostCopyAfterPrecopy), "--postcopy-after-precopy")
    {
        Since = new(1, 3, 3), Requires = [nameof(PostCopy)],
    });

    /// <summary>The highest rate in post-copy, in bytes per second; libvirt counts in whole MiB/s.</summary>
    public static readonly MigrationOption PostCopyBandwidth = Add(new(nameof(PostCopyBandwidth), "--postcopy-bandwidth")
    {
        TypedParameter = "bandwidth.postcopy", ValueType = MigrationValueType.LargeNumber, Scale = MiB, Minimum = MiB, Since = new(5, 1, 0),
        Requires = [nameof(PostCopy)],
    });

    /// <summary>A post-copy migration that broke goes on. Resume-VmMigration sets it.</summary>
    public static readonly MigrationOption PostCopyResume = Add(new(nameof(PostCopyResume), "--postcopy-resume")
    {
        Flag = MigrationFlags.PostCopyResume, Since = new(8, 5, 0),
        Requires = [nameof(PostCopy), $"{nameof(ChangeProtection)}|{nameof(PeerToPeer)}"],
    });

    /// <summary>The guest's processors are throttled, more and more, until its memory can be moved.</summary>
    public static readonly MigrationOption AutoConverge = Add(new(nameof(AutoConverge), "--auto-converge")
    {
        Flag = MigrationFlags.AutoConverge, Since = new(1, 2, 3), Excludes = [nameof(Offline)],
    });

    /// <summary>The share of processor time that is kept from the guest at first, in percent (QEMU: 20).</summary>
    public static readonly MigrationOption AutoConvergeInitial = Add(new(nameof(AutoConvergeInitial), "--auto-converge-initial")
    {
        TypedParameter = "auto_converge.initial", ValueType = MigrationValueType.Number, Minimum = 1, Maximum = 99, Since = new(2, 0, 0),
        Requires = [nameof(AutoConverge)],
    });

    /// <summary>The share of processor time that is kept from the guest in addition when that was not enough, in percent (QEMU: 10).</summary>
    public static readonly MigrationOption AutoConvergeIncrement = Add(new(nameof(AutoConvergeIncrement), "--auto-converge-increment")
    {
        TypedParameter = "auto_converge.increment", ValueType = MigrationValueType.Number, Minimum = 1, Maximum = 99, Since = new(2, 0, 0),
        Requires = [nameof(AutoConverge)],
    });

    /// <summary>The methods that memory is compressed with. Over several connections QEMU knows zlib and zstd, over one mt and xbzrle.</summary>
    public static readonly MigrationOption Compression = Add(new(nameof(Compression), "--compressed")
    {
        Flag = MigrationFlags.Compressed, TypedParameter = "compression", ValueType = MigrationValueType.TextList,
        VirshValueOption = "--comp-methods", Since = new(1, 3, 4), Excludes = [nameof(Offline)],
        Choices =
        [
            new("mt") { Excludes = [nameof(Parallel), nameof(PostCopy)] },
            new("xbzrle") { Excludes = [nameof(Parallel)] },
            new("zlib") { Since = new(9, 4, 0), Requires = [nameof(Parallel)], Excludes = [Zstd] },
            new("zstd") { Since = new(9, 4, 0), Requires = [nameof(Parallel)] },
        ],
    });

    /// <summary>How hard <c>mt</c> compresses: 0 not at all, 1 fastest, 9 most.</summary>
    public static readonly MigrationOption CompressionMtLevel = Add(new(nameof(CompressionMtLevel), "--comp-mt-level")
    {
        TypedParameter = "compression.mt.level", ValueType = MigrationValueType.Number, Maximum = 9, Since = new(1, 3, 4), Requires = [Mt],
    });

    /// <summary>The threads that compress with <c>mt</c> at the source.</summary>
    public static readonly MigrationOption CompressionMtThreads = Add(new(nameof(CompressionMtThreads), "--comp-mt-threads")
    {
        TypedParameter = "compression.mt.threads", ValueType = MigrationValueType.Number, Minimum = 1, Maximum = 255, Since = new(1, 3, 4),
        Requires = [Mt],
    });

    /// <summary>The threads that decompress with <c>mt</c> at the destination.</summary>
    public static readonly MigrationOption CompressionMtDecompressionThreads = Add(new(nameof(CompressionMtDecompressionThreads), "--comp-mt-dthreads")
    {
        TypedParameter = "compression.mt.dthreads", ValueType = MigrationValueType.Number, Minimum = 1, Maximum = 255, Since = new(1, 3, 4),
        Requires = [Mt],
    });

    /// <summary>The size of the cache of pages that <c>xbzrle</c> compares with, in bytes.</summary>
    public static readonly MigrationOption CompressionXbzrleCache = Add(new(nameof(CompressionXbzrleCache), "--comp-xbzrle-cache")
    {
        TypedParameter = "compression.xbzrle.cache", ValueType = MigrationValueType.LargeNumber, Minimum = 4096, IsPowerOfTwo = true,
        Since = new(1, 3, 4), Requires = [Xbzrle],
    });

    /// <summary>How hard <c>zlib</c> compresses: 0 not at all, 1 fastest, 9 most.</summary>
    public static readonly MigrationOption CompressionZlibLevel = Add(new(nameof(CompressionZlibLevel), "--comp-zlib-level")
    {
        TypedParameter = "compression.zlib.level", ValueType = MigrationValueType.Number, Maximum = 9, Since = new(9, 4, 0), Requires = [Zlib],
    });

    /// <summary>How hard <c>zstd</c> compresses: 0 not at all, 1 fastest, 20 most.</summary>
    public static readonly MigrationOption CompressionZstdLevel = Add(new(nameof(CompressionZstdLevel), "--comp-zstd-level")
    {
        TypedParameter = "compression.zstd.level", ValueType = MigrationValueType.Number, Maximum = 20, Since = new(9, 4, 0), Requires = [Zstd],
    });

    /// <summary>The number of connections that memory moves over (multi-FD).</summary>
    public static readonly MigrationOption Parallel = Add(new(nameof(Parallel), "--parallel")
    {
        Flag = MigrationFlags.Parallel, TypedParameter = "parallel.connections", ValueType = MigrationValueType.Number,
        VirshValueOption = "--parallel-connections", Minimum = 1, Maximum = 255, Since = new(5, 2, 0), Excludes = [nameof(Offline)],
    });

    /// <summary>Memory is sent from where it lies, without being copied first.</summary>
    public static readonly MigrationOption ZeroCopy = Add(new(nameof(ZeroCopy), "--zerocopy")
    {
        Flag = MigrationFlags.ZeroCopy, Since = new(8, 5, 0), SinceQemu = new(7, 1), Requires = [nameof(Parallel)],
        Excludes = [nameof(Compression), nameof(Tls)],
    });

    /// <summary>All memory is pinned before a migration over RDMA begins.</summary>
    public static readonly MigrationOption RdmaPinAll = Add(new(nameof(RdmaPinAll), "--rdma-pin-all")
    {
        Flag = MigrationFlags.RdmaPinAll, Since = new(1, 2, 9), Requires = [nameof(MigrateUri)],
    });

    /// <summary>The highest rate, in bytes per second; libvirt counts in whole MiB/s.</summary>
    public static readonly MigrationOption Bandwidth = Add(new(nameof(Bandwidth), "--bandwidth")
    {
        TypedParameter = "bandwidth", ValueType = MigrationValueType.LargeNumber, Scale = MiB, Minimum = MiB, Since = new(1, 1, 0),
        Excludes = [nameof(Offline)],
    });

    /// <summary>The rate that QEMU can count on at the switchover, in bytes per second, where its own measure is too low.</summary>
    public static readonly MigrationOption AvailableSwitchoverBandwidth = Add(new(nameof(AvailableSwitchoverBandwidth), "--available-switchover-bandwidth")
    {
        TypedParameter = "bandwidth.avail.switchover", ValueType = MigrationValueType.LargeNumber, Scale = MiB, Minimum = MiB,
        Since = new(11, 1, 0), SinceQemu = new(8, 2), Excludes = [nameof(Offline)],
    });

    /// <summary>QEMU encrypts memory and copied disks on their way.</summary>
    public static readonly MigrationOption Tls = Add(new(nameof(Tls), "--tls")
    {
        Flag = MigrationFlags.Tls, Since = new(3, 2, 0), Excludes = [nameof(Offline)],
    });

    /// <summary>The name that the destination's certificate is for, where it is not the name that the source reaches it by.</summary>
    public static readonly MigrationOption TlsDestination = Add(new(nameof(TlsDestination), "--tls-destination")
    {
        TypedParameter = "tls.destination", ValueType = MigrationValueType.Text, Since = new(6, 0, 0), Requires = [nameof(Tls)],
    });

    /// <summary>The address that the source's hypervisor sends memory to, where the host's own name does not lead there.</summary>
    public static readonly MigrationOption MigrateUri = Add(new(nameof(MigrateUri), "--migrateuri")
    {
        TypedParameter = "migrate_uri", ValueType = MigrationValueType.Text, Since = new(1, 1, 0), AppliesOffline = true,
    });

    /// <summary>The address that the destination's hypervisor listens on for memory.</summary>
    public static readonly MigrationOption ListenAddress = Add(new(nameof(ListenAddress), "--listen-address")
    {
        TypedParameter = "listen_address", ValueType = MigrationValueType.Text, Since = new(1, 1, 4),
    });

    /// <summary>Where viewers of the guest's screen connect to when it has moved.</summary>
    public static readonly MigrationOption GraphicsUri = Add(new(nameof(GraphicsUri), "--graphicsuri")
    {
        TypedParameter = "graphics_uri", ValueType = MigrationValueType.Text, Since = new(1, 1, 0),
    });

    /// <summary>The VM's name at the destination.</summary>
    public static readonly MigrationOption NewName = Add(new(nameof(NewName), "--dname")
    {
        TypedParameter = "destination_name", ValueType = MigrationValueType.Text, Since = new(1, 1, 0), AppliesOffline = true,
    });

    /// <summary>The definition that the VM runs with at the destination.</summary>
    public static readonly MigrationOption DestinationXml = Add(new(nameof(DestinationXml), "--xml")
    {
        TypedParameter = "destination_xml", ValueType = MigrationValueType.Text, Since = new(1, 1, 0), AppliesOffline = true,
    });

    /// <summary>The definition that the destination keeps.</summary>
    public static readonly MigrationOption PersistentXml = Add(new(nameof(PersistentXml), "--persistent-xml")
    {
        TypedParameter = "persistent_xml", ValueType = MigrationValueType.Text, Since = new(1, 3, 4), Requires = [nameof(Persistent)],
        AppliesOffline = true,
    });

    /// <summary>The longest downtime of the guest, in milliseconds (<c>virsh migrate-setmaxdowntime</c>); QEMU's highest is 2,000 s.</summary>
    public static readonly MigrationOption MaxDowntime = Add(new(nameof(MaxDowntime), string.Empty)
    {
        ValueType = MigrationValueType.LargeNumber, Unit = TimeSpan.FromMilliseconds(1), Minimum = 1, Maximum = 2_000_000, Since = Always,
    });

    /// <summary>The time in seconds after which <see cref="OnTimeout"/> happens.</summary>
    public static readonly MigrationOption Timeout = Add(new(nameof(Timeout), "--timeout")
    {
        ValueType = MigrationValueType.Number, Unit = TimeSpan.FromSeconds(1), Minimum = 1, Maximum = int.MaxValue, Since = new(0, 3, 2),
        AppliesOffline = true,
    });

    /// <summary>What happens when the time is up.</summary>
    public static readonly MigrationOption OnTimeout = Add(new(nameof(OnTimeout), string.Empty)
    {
        ValueType = MigrationValueType.Text, Since = new(0, 3, 2), Requires = [nameof(Timeout)], AppliesOffline = true,
        Choices =
        [
            new(nameof(TimeoutAction.Abort)),
            new(nameof(TimeoutAction.Suspend)) { VirshOption = "--timeout-suspend", Excludes = [nameof(Offline)] },
            new(nameof(TimeoutAction.PostCopy)) { VirshOption = "--timeout-postcopy", Requires = [nameof(PostCopy)] },
        ],
    });

    /// <summary>All options, in the order of this file.</summary>
    public static IReadOnlyList<MigrationOption> Table { get; } = Rows.AsReadOnly();

    /// <summary>Finds a row by the name of its parameter.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The row, or null where no option has that name.</returns>
    public static MigrationOption? Find(string name) =>
        Table.FirstOrDefault(o => string.Equals(o.Name, name, StringComparison.OrdinalIgnoreCase));

    private static MigrationOption Add(MigrationOption row)
    {
        Rows.Add(row);
        return row;
    }
}
