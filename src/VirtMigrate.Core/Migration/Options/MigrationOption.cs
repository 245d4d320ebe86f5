using System.Globalization;

namespace VirtMigrate.Migration.Options;

/// <summary>One option of a migration: one row of <see cref="MigrationOptions.Table"/>.</summary>
/// <param name="Name">The name of Start-VmMigration's parameter.</param>
/// <param name="VirshOption">The option of <c>virsh migrate</c>, with its dashes.</param>
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

    /// <summary>How many of the user's units make one of libvirt's: 1,048,576 for bytes given as MiB.</summary>
    public long Scale { get; init; } = 1;

    /// <summary>The least value, in the user's units.</summary>
    public long Minimum { get; init; }

    /// <summary>The greatest value, in the user's units.</summary>
    public long Maximum { get; init; } = long.MaxValue;

    /// <summary>The libvirt version that brought it.</summary>
    public required Version Since { get; init; }

    /// <summary>The names of the options that must be given with it.</summary>
    public IReadOnlyList<string> Requires { get; init; } = [];

    /// <summary>The names of the options that can't be given with it.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Whether it has a meaning for a VM that is shut off.</summary>
    public bool AppliesOffline { get; init; }

    /// <summary>Turns the user's value into libvirt's.</summary>
    /// <param name="value">The value in the user's units.</param>
    /// <returns>An integer or a text.</returns>
    public object Encode(object value) => ValueType == MigrationValueType.Text
        ? (object)(Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty)
        : Math.Max(1, Convert.ToInt64(value, CultureInfo.InvariantCulture) / Scale);
}
