using System.Globalization;
using System.Text.RegularExpressions;

namespace VirtMigrate.Tests.Help;

/// <summary>A cmdlet's page, docs/en-US/NAME.md: Markdown whose parameters carry a block of YAML each.</summary>
internal sealed partial class HelpPage
{
    private readonly string[] _lines;

    private HelpPage(string path)
    {
        Name = Path.GetFileNameWithoutExtension(path);
        _lines = File.ReadAllLines(path);
        Text = string.Join('\n', _lines);
    }

    /// <summary>The folder of the pages.</summary>
    public static string Folder => Path.Combine(ProjectRoot.Path, "docs", "en-US");

    /// <summary>The pages of all cmdlets.</summary>
    public static IReadOnlyList<HelpPage> All { get; } =
        [.. Directory.EnumerateFiles(Folder, "*-*.md").Order(StringComparer.Ordinal).Select(path => new HelpPage(path))];

    /// <summary>The cmdlet's name.</summary>
    public string Name { get; }

    /// <summary>The whole page.</summary>
    public string Text { get; }

    /// <summary>The headings of the second level, in order.</summary>
    public IEnumerable<string> Sections => _lines.Where(l => l.StartsWith("## ", StringComparison.Ordinal)).Select(l => l[3..]);

    /// <summary>The description.</summary>
    public string Description => string.Join('\n', Section("DESCRIPTION"));

    /// <summary>The headings of the examples.</summary>
    public IEnumerable<string> Examples => Headings("EXAMPLES");

    /// <summary>All of the examples but their headings and fences.</summary>
    public string ExampleText => string.Join('\n', Section("EXAMPLES")
        .Where(l => !l.StartsWith("### ", StringComparison.Ordinal) && !l.StartsWith("```", StringComparison.Ordinal)));

    /// <summary>The types of the output.</summary>
    public IEnumerable<string> Outputs => Headings("OUTPUTS").Where(h => !h.Equals("None", StringComparison.Ordinal));

    /// <summary>The parameters with what their blocks say.</summary>
    public IEnumerable<HelpParameter> Parameters => Blocks().Select(b => ReadBlock(b.Name, b.Yaml));

    /// <summary>The files that its links lead to.</summary>
    public IEnumerable<string> Links => Link().Matches(Text).Select(m => m.Groups["file"].Value);

    /// <summary>The ids of errors that its notes name, in the paragraphs that begin with that word.</summary>
    public IEnumerable<string> Errors => string.Join('\n', Section("NOTES")).Split("\n\n").Select(p => p.Trim())
        .Where(p => p.StartsWith("Errors", StringComparison.Ordinal))
        .SelectMany(p => p.Split([' ', '\n', ',', '.', ':', '(', ')'])).Where(w => ErrorId().IsMatch(w));

    /// <summary>The values that a parameter's block lists.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <returns>The values.</returns>
    public IEnumerable<string> AcceptedValues(string parameter) =>
        List(Blocks().Single(b => string.Equals(b.Name, parameter, StringComparison.Ordinal)).Yaml, "AcceptedValues");

    /// <summary>What is said of a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <returns>The text above its block.</returns>
    public string Describe(string parameter) => string.Join('\n', After($"### -{parameter}").TakeWhile(l => !l.StartsWith("```", StringComparison.Ordinal))).Trim();

    private IEnumerable<string> Section(string name) => After($"## {name}").TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal));

    private IEnumerable<string> Headings(string section) => Section(section)
        .Where(l => l.StartsWith("### ", StringComparison.Ordinal)).Select(l => l[4..]);

    private IEnumerable<string> After(string line) => _lines.SkipWhile(l => !string.Equals(l, line, StringComparison.Ordinal)).Skip(1);

    private IEnumerable<(string Name, string[] Yaml)> Blocks() => Headings("PARAMETERS").Where(h => h.StartsWith('-')).Select(h =>
        (h[1..], After($"### {h}").SkipWhile(l => !string.Equals(l, "```yaml", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(l => !string.Equals(l, "```", StringComparison.Ordinal)).ToArray()));

    private static HelpParameter ReadBlock(string name, string[] yaml) => new(
        name, Value(yaml, "Type"), [.. List(yaml, "Aliases")], IsTrue(Value(yaml, "SupportsWildcards")),
        [.. Sets(yaml).Select(ReadSet)]);

    private static HelpParameterSet ReadSet(string[] yaml) => new(
        Value(yaml, "Name"), int.TryParse(Value(yaml, "Position"), CultureInfo.InvariantCulture, out var position) ? position : null,
        IsTrue(Value(yaml, "IsRequired")), IsTrue(Value(yaml, "ValueFromPipeline")), IsTrue(Value(yaml, "ValueFromPipelineByPropertyName")));

    // A list of tables: each begins with a dash, and ends where the next one or a key of the first level begins.
    private static IEnumerable<string[]> Sets(string[] yaml)
    {
        var lines = yaml.SkipWhile(l => !l.StartsWith("ParameterSets:", StringComparison.Ordinal)).Skip(1).TakeWhile(l => l[0] is '-' or ' ').ToArray();
        var begins = Enumerable.Range(0, lines.Length).Where(i => lines[i][0] == '-').Append(lines.Length).ToArray();
        return begins.Zip(begins.Skip(1), (from, to) => lines[from..to]);
    }

    private static IEnumerable<string> List(string[] yaml, string key) =>
        yaml.SkipWhile(l => !l.StartsWith(key + ":", StringComparison.Ordinal)).Skip(1).TakeWhile(l => l.StartsWith('-')).Select(l => l[1..].Trim());

    private static string Value(string[] yaml, string key) =>
        yaml.Select(l => Entry().Match(l)).Where(m => m.Groups["key"].Value.Equals(key, StringComparison.Ordinal)).Select(m => m.Groups["value"].Value).Single();

    private static bool IsTrue(string value) => bool.Parse(value);

    [GeneratedRegex(@"\]\((?<file>[^):]+)\)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex("^([A-Z][a-z]+){2,}$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ErrorId();

    [GeneratedRegex("^[- ]*(?<key>\\w+): ?(?<value>.*)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Entry();
}
