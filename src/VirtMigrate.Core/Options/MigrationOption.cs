using System.Globalization;

namespace VirtMigrate.Options;

/// <summary>One option of a migration: one row of <see cref="MigrationOptions.Table"/>.</summary>
/// <param name="Name">The name of Start-VmMigration's parameter.</param>
/// <param name="VirshOption">
/// The option of <c>virsh migrate</c>, with its dashes; empty where each choice has its own, and where virsh has no such option since it does
/// not look.
/// </param>
public sealed record MigrationOption(string Name, string VirshOption)
{
    /// <summary>The flag that switches it on; none for an option that is a value only.</summary>
    public MigrationFlags Flag { get; init; }

    /// <summary>The typed parameter (VIR_MIGRATE_PARAM_…) that carries its value; null for a plain switch.</summary>
    public string? TypedParameter { get; init; }

    /// <summary>The libvirt type of the value.</summary>
    public MigrationValueType ValueType { get; init; }

    /// <summary>The virsh option that carries the value, where it is another than <see cref="VirshOption"/>.</summary>
    public string? VirshValueOption { get; init; }

    /// <summary>The only values that it takes; empty where it takes any.</summary>
    public IReadOnlyList<MigrationChoice> Choices { get; init; } = [];

    /// <summary>How many of the user's units make one of libvirt's: 1,048,576 for bytes given as MiB.</summary>
    public long Scale { get; init; } = 1;

    /// <summary>What a number of it is, where it is a time: one second, one millisecond; null for any other number.</summary>
    public TimeSpan? Unit { get; init; }

    /// <summary>The least value, in the user's units.</summary>
    public long Minimum { get; init; }

    /// <summary>The greatest value, in the user's units.</summary>
    public long Maximum { get; init; } = long.MaxValue;

    /// <summary>Whether the value must be a power of two, as QEMU's page caches are.</summary>
    public bool IsPowerOfTwo { get; init; }

    /// <summary>The libvirt version that brought it.</summary>
    public required Version Since { get; init; }

    /// <summary>The QEMU version that brought it, where that is one that is still met.</summary>
    public Version? SinceQemu { get; init; }

    /// <summary>
    /// What must be given with it: names of options, <c>Name:value</c> for a certain value of one, <c>A|B</c> for one of several.
    /// </summary>
    public IReadOnlyList<string> Requires { get; init; } = [];

    /// <summary>What can't be given with it, written in the same way.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>The options that go with it from some QEMU on only.</summary>
    public IReadOnlyList<MigrationConflict> Conflicts { get; init; } = [];

    /// <summary>
    /// What is put at risk by it, in a sentence about VM <c>{0}</c>; it is asked before it is taken, and no policy may bring it. Null for none.
    /// </summary>
    public string? Risk { get; init; }

    /// <summary>Whether it has a meaning for a VM that is shut off.</summary>
    public bool AppliesOffline { get; init; }

    /// <summary>The values of an option that takes several, or the only one.</summary>
    /// <param name="value">The value that was given.</param>
    /// <returns>The texts.</returns>
    public static IReadOnlyList<string> ToTexts(object value) => value switch
    {
        IEnumerable<string> list => [.. list],
        _ => [Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty],
    };

    /// <summary>The number of an option that has one, in the user's units; a time that is given as such is rounded up.</summary>
    internal long ToNumber(object value) => (value, Unit) is (TimeSpan time, { } unit)
        ? (long)Math.Ceiling(time / unit)
        : Convert.ToInt64(value, CultureInfo.InvariantCulture);

    /// <summary>The flags that the option sets with a value.</summary>
    /// <param name="value">The value that was given.</param>
    /// <returns>The flags.</returns>
    public MigrationFlags FlagsOf(object value) => ChoicesOf(value).Aggregate(Flag, (flags, choice) => flags | choice.Flag);

    /// <summary>The choices that a value names, whatever the case of its letters.</summary>
    /// <param name="value">The value that was given.</param>
    /// <returns>The choices; those that don't exist are left out.</returns>
    public IEnumerable<MigrationChoice> ChoicesOf(object value) => Choices.Count == 0
        ? []
        : ToTexts(value).Select(FindChoice).OfType<MigrationChoice>();

    /// <summary>Finds a choice.</summary>
    /// <param name="value">Its value.</param>
    /// <returns>The choice; null where there is none.</returns>
    public MigrationChoice? FindChoice(string value) =>
        Choices.FirstOrDefault(c => string.Equals(c.Value, value, StringComparison.OrdinalIgnoreCase));

    /// <summary>Turns the user's value into libvirt's.</summary>
    /// <param name="value">The value in the user's units.</param>
    /// <returns>An integer, a text, or a list of texts.</returns>
    public object Encode(object value) => ValueType switch
    {
        MigrationValueType.TextList => Choices.Count == 0 ? ToTexts(value) : [.. ChoicesOf(value).Select(c => c.Value)],
        MigrationValueType.Text => value is MigrationXml xml ? xml.Text : ToTexts(value)[0],
        _ when Scale > 1 => Math.Max(1, ToNumber(value) / Scale),
        _ => ToNumber(value),
    };
}

/// <summary>One of the values that an option can be given.</summary>
/// <param name="Value">The value as the user gives it.</param>
public sealed record MigrationChoice(string Value)
{
    /// <summary>The flag that this value sets.</summary>
    public MigrationFlags Flag { get; init; }

    /// <summary>The option of <c>virsh migrate</c> that stands for this value; null where the value itself is given to virsh.</summary>
    public string? VirshOption { get; init; }

    /// <summary>The libvirt version that brought the value, where it is later than the option's.</summary>
    public Version? Since { get; init; }

    /// <summary>What must be given with it, as in <see cref="MigrationOption.Requires"/>.</summary>
    public IReadOnlyList<string> Requires { get; init; } = [];

    /// <summary>What can't be given with it, as in <see cref="MigrationOption.Requires"/>.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];
}

/// <summary>An option that can't be given with another before some QEMU.</summary>
/// <param name="Option">The other option's name.</param>
/// <param name="SolvedInQemu">The QEMU version from which both work together; both hosts need it.</param>
public sealed record MigrationConflict(string Option, Version SolvedInQemu);

/// <summary>The libvirt types that values of migration options have (virTypedParameterType).</summary>
public enum MigrationValueType
{
    /// <summary>No value: a switch.</summary>
    None,

    /// <summary>VIR_TYPED_PARAM_INT.</summary>
    Number,

    /// <summary>VIR_TYPED_PARAM_ULLONG.</summary>
    LargeNumber,

    /// <summary>VIR_TYPED_PARAM_STRING.</summary>
    Text,

    /// <summary>VIR_TYPED_PARAM_STRING, given once for each value; virsh takes the values with commas between them.</summary>
    TextList,
}

/// <summary>Libvirt's migration flags (virDomainMigrateFlags) with libvirt's values.</summary>
[Flags]
public enum MigrationFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>The guest keeps running while it moves.</summary>
    Live = 1 << 0,

    /// <summary>The source's daemon runs the migration, not the client.</summary>
    PeerToPeer = 1 << 1,

    /// <summary>All data goes through the connection between the two daemons.</summary>
    Tunnelled = 1 << 2,

    /// <summary>The destination keeps a definition.</summary>
    PersistDestination = 1 << 3,

    /// <summary>The source drops its definition.</summary>
    UndefineSource = 1 << 4,

    /// <summary>The guest is paused when it has arrived.</summary>
    Paused = 1 << 5,

    /// <summary>Disks that are not shared are copied whole.</summary>
    NonSharedDisk = 1 << 6,

    /// <summary>Of disks that are not shared, what lies over a common base image is copied.</summary>
    NonSharedIncremental = 1 << 7,

    /// <summary>Nobody changes the VM's definition on the way.</summary>
    ChangeProtection = 1 << 8,

    /// <summary>Libvirt's own safety checks are passed over.</summary>
    Unsafe = 1 << 9,

    /// <summary>Only the definition of a VM that is shut off moves.</summary>
    Offline = 1 << 10,

    /// <summary>Memory is compressed.</summary>
    Compressed = 1 << 11,

    /// <summary>An I/O error of the guest ends the migration.</summary>
    AbortOnError = 1 << 12,

    /// <summary>The guest's processors are throttled until its memory can be moved.</summary>
    AutoConverge = 1 << 13,

    /// <summary>All memory is pinned before an RDMA migration begins.</summary>
    RdmaPinAll = 1 << 14,

    /// <summary>The migration may go on in post-copy.</summary>
    PostCopy = 1 << 15,

    /// <summary>QEMU encrypts memory and disks on their way.</summary>
    Tls = 1 << 16,

    /// <summary>Memory moves over several connections.</summary>
    Parallel = 1 << 17,

    /// <summary>What the guest writes to a copied disk is written at the destination at the same time.</summary>
    SynchronousWrites = 1 << 18,

    /// <summary>A post-copy migration that broke goes on.</summary>
    PostCopyResume = 1 << 19,

    /// <summary>Memory is sent from where it lies, without being copied first.</summary>
    ZeroCopy = 1 << 20,
}
