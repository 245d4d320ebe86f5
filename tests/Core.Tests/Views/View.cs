using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace VirtMigrate.Tests.Views;

/// <summary>A view of the format files.</summary>
/// <param name="Element">Its definition.</param>
internal sealed record View(XElement Element)
{
    /// <summary>All views, in the order in which PowerShell looks for one.</summary>
    public static IReadOnlyList<View> All { get; } = [.. Rendering.FormatFiles.SelectMany(f => XDocument.Load(f).Descendants("View")).Select(v => new View(v))];

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

    /// <summary>Draws an object by this view and no other.</summary>
    /// <param name="value">The object.</param>
    /// <returns>What is seen of it.</returns>
    public Rendering Draw(object value) => Draw(value, Element);

    /// <summary>What each expression makes of an object. One that fails, or gives nothing, makes an empty text.</summary>
    /// <param name="value">The object.</param>
    /// <returns>The texts, in the order of <see cref="Expressions"/>.</returns>
    public string[] ReadCells(object value)
    {
        // A list cuts nothing, and has a label of ours before each.
        var items = Expressions.Select((expression, i) => new XElement("ListItem", new XElement("Label", $"<{i}>"), expression));
        var list = new XElement("View", new XElement("Name", Name), new XElement("ViewSelectedBy", new XElement("TypeName", Type)),
            new XElement("ListControl", new XElement("ListEntries", new XElement("ListEntry", new XElement("ListItems", items)))));
        var parts = Regex.Split(Draw(value, list).Text, "^<[0-9]+> *:", RegexOptions.Multiline | RegexOptions.NonBacktracking);
        return [.. parts.Skip(1).Select(part => part.Trim())];
    }

    public override string ToString() => $"{(IsTable ? "table" : "list")} {Name}";

    private static Rendering Draw(object value, XElement view)
    {
        var file = Path.Combine(Path.GetTempPath(), $"view-{Guid.NewGuid():n}.format.ps1xml");
        new XDocument(new XElement("Configuration", new XElement("ViewDefinitions", view))).Save(file);
        try
        {
            return Rendering.Of(value, [file]);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
