using System.Management.Automation;

namespace VirtMigrate.Selection;

/// <summary>What a text that names VMs turns out to be.</summary>
internal enum VmNameKind
{
    /// <summary>No VM's name, and no wildcard.</summary>
    Unknown,

    /// <summary>The name of one VM, of which several hosts may know.</summary>
    Name,

    /// <summary>A wildcard, which may fit any number of VMs, or none.</summary>
    Pattern,

    /// <summary>The names of several VMs that differ from it, and from each other, in case only.</summary>
    Ambiguous,

    /// <summary>The name of a VM of another host.</summary>
    Elsewhere,

    /// <summary>A wildcard that fits VMs here, unless it is the name of a VM of a host that could not be asked.</summary>
    Undecided,
}

/// <summary>
/// The one rule by which a text names VMs. The name of a VM is that VM, whatever characters are in it: in its own case first, else in any. Only
/// what no VM is called, here or on another connected host, is read as a wildcard.
/// </summary>
/// <param name="Kind">What the text is.</param>
/// <param name="Names">The names that it stands for; of no VM that is meant where it is ambiguous, elsewhere or undecided.</param>
internal sealed record VmNameChoice(VmNameKind Kind, IReadOnlySet<string> Names)
{
    /// <summary>Whether the text is a VM's name letter by letter, so that no other host has a say in it.</summary>
    public bool IsExact { get; private init; }

    /// <summary>
    /// Whether a text could be the name of a VM and be taken for a wildcard that fits others: people name VMs with brackets, and not with
    /// * or ?.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it has brackets and is no plain name.</returns>
    public static bool IsDeceptive(string text) => IsPattern(text) && text.Contains('[', StringComparison.Ordinal);

    /// <summary>Whether a text has wildcards that are not escaped by a backtick.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it has.</returns>
    public static bool IsPattern(string text) => WildcardPattern.ContainsWildcardCharacters(text);

    /// <summary>Decides what a text stands for.</summary>
    /// <param name="text">What the user typed, or what an object has for a name.</param>
    /// <param name="here">The names of the VMs that it may stand for.</param>
    /// <param name="elsewhere">The names of other VMs, which it must not be where it is read as anything but a name letter by letter.</param>
    /// <param name="isComplete">Whether all hosts said what VMs they have.</param>
    /// <returns>The choice.</returns>
    public static VmNameChoice Of(string text, IEnumerable<string> here, IEnumerable<string>? elsewhere = null, bool isComplete = true)
    {
        var names = here.ToHashSet(StringComparer.Ordinal);
        var others = elsewhere?.ToHashSet(StringComparer.Ordinal) ?? [];

        // What PowerShell's users escape (win10 `[prod`]) is a name as well.
        string[] readings = IsPattern(text) ? [text] : [.. new[] { text, WildcardPattern.Unescape(text) }.Distinct(StringComparer.Ordinal)];
        foreach (var reading in readings.Where(names.Contains))
        {
            return new(VmNameKind.Name, Set(reading)) { IsExact = true };
        }

        foreach (var reading in readings.Where(others.Contains))
        {
            return new(VmNameKind.Elsewhere, Set(reading));
        }

        var alike = Alike(names, readings);
        if (alike.Count > 0)
        {
            return new(alike.Count == 1 ? VmNameKind.Name : VmNameKind.Ambiguous, alike);
        }

        var alikeElsewhere = Alike(others, readings);
        if (alikeElsewhere.Count > 0)
        {
            return new(VmNameKind.Elsewhere, alikeElsewhere);
        }

        if (!IsPattern(text))
        {
            return new(VmNameKind.Unknown, Set());
        }

        var pattern = WildcardPattern.Get(text, WildcardOptions.IgnoreCase);
        var matches = Set([.. names.Where(pattern.IsMatch)]);
        return new(matches.Count > 0 && !isComplete && IsDeceptive(text) ? VmNameKind.Undecided : VmNameKind.Pattern, matches);
    }

    /// <summary>Whether a VM is meant.</summary>
    /// <param name="name">The VM's name.</param>
    /// <returns>True when it is.</returns>
    public bool Includes(string name) => Kind is VmNameKind.Name or VmNameKind.Pattern && Names.Contains(name);

    private static HashSet<string> Set(params string[] names) => names.ToHashSet(StringComparer.Ordinal);

    private static HashSet<string> Alike(HashSet<string> names, string[] readings) =>
        Set([.. names.Where(n => readings.Contains(n, StringComparer.OrdinalIgnoreCase))]);
}
