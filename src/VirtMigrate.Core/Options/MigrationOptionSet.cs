using System.Collections;
using System.Collections.Immutable;
using System.Collections.Specialized;

namespace VirtMigrate.Options;

/// <summary>The options of one migration: rows of the table with their values. Immutable.</summary>
public sealed class MigrationOptionSet
{
    /// <summary>No options.</summary>
    public static readonly MigrationOptionSet Empty = new(ImmutableDictionary<string, object>.Empty);

    private readonly ImmutableDictionary<string, object> _values;

    private MigrationOptionSet(ImmutableDictionary<string, object> values) => _values = values;

    /// <summary>The options that are on, in the table's order, with their values.</summary>
    public IEnumerable<KeyValuePair<MigrationOption, object>> Enabled =>
        MigrationOptions.Table.Where(Has).Select(o => KeyValuePair.Create(o, _values[o.Name]));

    /// <summary>The flags of all options that are on.</summary>
    public MigrationFlags Flags => Enabled.Aggregate(MigrationFlags.None, (flags, o) => flags | o.Key.FlagsOf(o.Value));

    /// <summary>The connections that memory moves over; libvirt's and QEMU's default is two, where several are asked for without a number.</summary>
    public int Connections => Has(MigrationOptions.Parallel) ? (int)(Number(MigrationOptions.Parallel) ?? 2) : 1;

    /// <summary>What the migration may cost.</summary>
    public MigrationLimits Limits => new()
    {
        MaxDowntime = Time(MigrationOptions.MaxDowntime),
        Timeout = Time(MigrationOptions.Timeout),
        OnTimeout = Enum.TryParse<TimeoutAction>(Text(MigrationOptions.OnTimeout), ignoreCase: true, out var action) ? action : default,
    };

    /// <summary>Whether an option is on.</summary>
    /// <param name="option">The option.</param>
    /// <returns>True for a switch that is on and for a value that was given.</returns>
    public bool Has(MigrationOption option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return _values.TryGetValue(option.Name, out var value) && value is not false;
    }

    /// <summary>Whether somebody decided over an option, be it for on or off.</summary>
    /// <param name="option">The option.</param>
    /// <returns>False when a default may be put in.</returns>
    public bool IsDecided(MigrationOption option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return _values.ContainsKey(option.Name);
    }

    /// <summary>The number that an option was given.</summary>
    /// <param name="option">The option.</param>
    /// <returns>The number, or null where the option is off.</returns>
    public long? Number(MigrationOption option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return _values.TryGetValue(option.Name, out var value) ? option.ToNumber(value) : null;
    }

    /// <summary>The text that an option was given.</summary>
    /// <param name="option">The option.</param>
    /// <returns>The text, the first of a list; null where the option is off.</returns>
    public string? Text(MigrationOption option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return _values.TryGetValue(option.Name, out var value) && MigrationOption.ToTexts(value) is [var text, ..] ? text : null;
    }

    /// <summary>The same options with one more, or with another value.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">True or false for a switch, else the value in the user's units.</param>
    /// <returns>A new set.</returns>
    public MigrationOptionSet With(MigrationOption option, object value)
    {
        ArgumentNullException.ThrowIfNull(option);
        return new(_values.SetItem(option.Name, value));
    }

    /// <summary>The same options with nothing decided over one of them.</summary>
    /// <param name="option">The option.</param>
    /// <returns>A new set.</returns>
    public MigrationOptionSet Without(MigrationOption option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return new(_values.Remove(option.Name));
    }

    /// <summary>The same options with other limits; those that are not set stay as they are.</summary>
    /// <param name="limits">The limits.</param>
    /// <returns>A new set.</returns>
    public MigrationOptionSet With(MigrationLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var options = limits.MaxDowntime is { } downtime ? With(MigrationOptions.MaxDowntime, downtime) : this;
        return limits.Timeout is { } timeout
            ? options.With(MigrationOptions.Timeout, timeout).With(MigrationOptions.OnTimeout, limits.OnTimeout)
            : options;
    }

    /// <summary>
    /// The same options with those that follow from them: an offline migration and a definition for the destination are of no
    /// use unless the destination keeps one.
    /// </summary>
    /// <returns>A new set.</returns>
    public MigrationOptionSet WithImplied() =>
        (Has(MigrationOptions.Offline) || Has(MigrationOptions.PersistentXml)) && !IsDecided(MigrationOptions.Persistent)
            ? With(MigrationOptions.Persistent, true)
            : this;

    /// <summary>The same options without those that mean nothing for a VM that is shut off.</summary>
    /// <returns>A new set.</returns>
    public MigrationOptionSet WithoutLiveOptions() =>
        new(_values.RemoveRange(MigrationOptions.Table.Where(o => !o.AppliesOffline).Select(o => o.Name)));

    /// <summary>The options that are on, by name, in the table's order.</summary>
    /// <returns>The names and values, read-only.</returns>
    public OrderedDictionary ToValues() =>
        MigrationOptionValues.Of(Enabled.Select(o => KeyValuePair.Create(o.Key.Name, o.Value is TimeSpan ? o.Key.ToNumber(o.Value) : o.Value)));

    /// <summary>The set of options that names and values stand for. What is no row of the table is left out.</summary>
    /// <param name="values">The names and values.</param>
    /// <returns>The set.</returns>
    public static MigrationOptionSet FromValues(OrderedDictionary values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var set = Empty;
        foreach (DictionaryEntry entry in (IDictionary)values)
        {
            set = MigrationOptions.Find((string)entry.Key) is { } option && entry.Value is { } value ? set.With(option, value) : set;
        }

        return set;
    }

    /// <summary>Checks the options against the table, without a host.</summary>
    /// <returns>What is wrong; empty when nothing is.</returns>
    public IReadOnlyList<MigrationOptionProblem> Validate() => MigrationOptionRules.Check(this);

    private TimeSpan? Time(MigrationOption option) => !_values.TryGetValue(option.Name, out var value) ? null
        : value is TimeSpan time ? time
        : option.Unit!.Value * option.ToNumber(value);

    /// <summary>Whether what a rule of the table names is on: <c>Name</c>, <c>Name:value</c>, or one of <c>A|B</c>.</summary>
    /// <param name="rule">The rule.</param>
    /// <returns>True when it is.</returns>
    internal bool HasAny(string rule) => rule.Split('|').Any(name => name.Split(':') is [var option, var choice]
        ? MigrationOptions.Find(option) is { } row && Has(row) && row.ChoicesOf(_values[row.Name]).Any(c => string.Equals(c.Value, choice, StringComparison.Ordinal))
        : MigrationOptions.Find(name) is { } plain && Has(plain));
}

/// <summary>
/// What a migration may cost, enforced from this side while it runs. Read from the options: <see cref="Options.MigrationOptionSet.Limits"/>.
/// </summary>
public sealed record MigrationLimits
{
    /// <summary>No limits but the host's own.</summary>
    public static readonly MigrationLimits None = new();

    /// <summary>QEMU's own limit of the downtime, where nobody has set another.</summary>
    public static readonly TimeSpan UsualMaxDowntime = TimeSpan.FromMilliseconds(300);

    /// <summary>The longest downtime of the guest; null for the host's present limit (QEMU: 300 ms).</summary>
    public TimeSpan? MaxDowntime { get; init; }

    /// <summary>The time after which <see cref="OnTimeout"/> happens; null to let the migration run.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What happens when the time is up.</summary>
    public TimeoutAction OnTimeout { get; init; }
}
