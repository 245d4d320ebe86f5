namespace VirtMigrate.Migration.Options;

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
