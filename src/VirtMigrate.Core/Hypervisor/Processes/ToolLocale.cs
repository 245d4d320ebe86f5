namespace VirtMigrate.Hypervisor.Processes;

/// <summary>The language of programs whose output is read: that of C, with UTF-8 for names.</summary>
/// <remarks>
/// In plain C, virsh prints every letter beyond ASCII in its tables as <c>\xff</c>. In C.UTF-8 the GNU message catalogues still heed
/// LANGUAGE, which plain C overrules. A system without C.UTF-8 falls back to C.
/// </remarks>
internal static class ToolLocale
{
    /// <summary>The variables that set it.</summary>
    public static IReadOnlyDictionary<string, string?> Variables { get; } =
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["LC_ALL"] = "C.UTF-8", ["LANGUAGE"] = string.Empty };

    /// <summary>Puts it before a program on another machine.</summary>
    /// <param name="words">The program and its arguments.</param>
    /// <returns>A program and its arguments.</returns>
    public static IReadOnlyList<string> Words(IEnumerable<string> words) => ["env", .. Variables.Select(v => $"{v.Key}={v.Value}"), .. words];
}
