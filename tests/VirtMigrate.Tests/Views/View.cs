using System.Xml.Linq;
using VirtMigrate.Tests.Surface;

namespace VirtMigrate.Tests.Views;

/// <summary>A view of the format files.</summary>
/// <param name="Element">Its definition.</param>
internal sealed record View(XElement Element)
{
    /// <summary>All views, in the order in which PowerShell looks for one.</summary>
    public static IReadOnlyList<View> All { get; } = [.. ModuleRun.FormatFiles.SelectMany(f => XDocument.Load(f).Descendants("View")).Select(v => new View(v))];

    /// <summary>Its name.</summary>
    public string Name => Element.Element("Name")!.Value;

    /// <summary>The type that it is for.</summary>
    public string Type => Element.Descendants("TypeName").Single().Value;

    /// <summary>Whether it is a table; a list else.</summary>
    public bool IsTable => Element.Element("TableControl") is not null;

    /// <summary>Its labels, in order.</summary>
    public IEnumerable<string> Labels => Element.Descendants(IsTable ? "TableColumnHeader" : "ListItem").Select(e => e.Element("Label")!.Value);

    /// <summary>What its cells or lines are made of: scripts and names of properties.</summary>
    public IEnumerable<XElement> Expressions =>
        Element.Descendants(IsTable ? "TableColumnItem" : "ListItem").Select(e => e.Element("ScriptBlock") ?? e.Element("PropertyName")!);

    /// <summary>Prints an object by this view and no other.</summary>
    /// <param name="value">The object.</param>
    /// <returns>The run.</returns>
    public ModuleRun Print(object value)
    {
        var file = Path.Combine(Path.GetTempPath(), $"view-{Guid.NewGuid():n}.format.ps1xml");
        new XDocument(new XElement("Configuration", new XElement("ViewDefinitions", Element))).Save(file);
        try
        {
            return ModuleRun.PrintedWith([file], "$value", ("value", value));
        }
        finally
        {
            File.Delete(file);
        }
    }

    public override string ToString() => $"{(IsTable ? "table" : "list")} {Name}";
}
