using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Tests.Help;

/// <summary>What Get-Help reads: the MAML that is made of the pages.</summary>
internal sealed class MamlHelp
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private readonly XElement _command;

    private MamlHelp(XElement command) => _command = command;

    /// <summary>The file.</summary>
    public static string File => Path.Combine(ProjectRoot.Path, "src", "VirtMigrate", "en-US", "VirtMigrate.dll-Help.xml");

    /// <summary>The help of each cmdlet by the cmdlet's name.</summary>
    public static IReadOnlyDictionary<string, MamlHelp> All { get; } = XDocument.Load(File).Root!.Elements(Command + "command")
        .ToDictionary(c => c.Element(Command + "details")!.Element(Command + "name")!.Value, c => new MamlHelp(c), StringComparer.Ordinal);

    /// <summary>The parameters, as <see cref="HelpParameter.WithoutSets"/> has them.</summary>
    public IEnumerable<HelpParameter> Parameters => _command.Element(Command + "parameters")!.Elements().Select(Read);

    /// <summary>The parameters of each line of the syntax.</summary>
    public IEnumerable<string> SyntaxParameters => _command.Element(Command + "syntax")!.Elements().Elements(Command + "parameter")
        .Select(Name).Distinct(StringComparer.Ordinal);

    /// <summary>The code of each example.</summary>
    public IEnumerable<string> Examples => _command.Element(Command + "examples")!.Elements().Select(e => e.Element(Dev + "code")!.Value);

    /// <summary>All of the examples but their titles.</summary>
    public string ExampleText => string.Join('\n', _command.Element(Command + "examples")!.Elements()
        .SelectMany(e => e.Element(Dev + "remarks")!.Elements().Prepend(e.Element(Dev + "code")!)).Select(p => p.Value));

    /// <summary>The description.</summary>
    public string Description => string.Join('\n', _command.Element(Maml + "description")!.Elements().Select(p => p.Value));

    /// <summary>The synopsis.</summary>
    public string Synopsis => _command.Element(Command + "details")!.Element(Maml + "description")!.Value.Trim();

    /// <summary>What is said of a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <returns>The text.</returns>
    public string Describe(string parameter) => string.Join(' ', _command.Element(Command + "parameters")!.Elements()
        .Single(p => string.Equals(Name(p), parameter, StringComparison.Ordinal)).Element(Maml + "description")!.Elements().Select(p => p.Value));

    private static string Name(XElement parameter) => parameter.Element(Maml + "name")!.Value;

    private static HelpParameter Read(XElement parameter)
    {
        string Attribute(string name) => parameter.Attribute(name)!.Value;
        var pipeline = Attribute("pipelineInput");
        return new(
            Name(parameter), parameter.Element(Dev + "type")!.Element(Maml + "name")!.Value,
            Attribute("aliases") is "none" ? [] : Attribute("aliases").Split(", "), bool.Parse(Attribute("globbing")),
            [new("(All)", int.TryParse(Attribute("position"), CultureInfo.InvariantCulture, out var position) ? position : null,
                bool.Parse(Attribute("required")), pipeline.Contains("ByValue", StringComparison.Ordinal), pipeline.Contains("ByPropertyName", StringComparison.Ordinal))]);
    }
}
