using System.Collections;
using System.IO.Compression;
using System.Management.Automation.Language;
using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace VirtMigrate.Tests.Package;

/// <summary>The package that <c>build.ps1 Package</c> has made, and <c>build.ps1 Test</c> makes first.</summary>
internal static class BuiltPackage
{
    /// <summary>The finished module that is in it.</summary>
    public static string Module { get; } = Path.Combine(ProjectRoot.Path, "out", "VirtMigrate");

    /// <summary>The manifest of the sources, in which alone the version is written.</summary>
    public static Hashtable Manifest { get; } = ReadManifest(Path.Combine(ProjectRoot.Path, "VirtMigrate.psd1"));

    /// <summary>The version.</summary>
    public static string Version { get; } = (string)Manifest["ModuleVersion"]!;

    /// <summary>The file.</summary>
    public static string File { get; } = Find();

    /// <summary>The names of its files, as they are in the zip.</summary>
    public static IReadOnlyList<string> Names { get; } = ReadNames();

    /// <summary>Its nuspec's metadata.</summary>
    public static XElement Metadata { get; } = ReadXml("VirtMigrate.nuspec").Root!.Elements().Single();

    /// <summary>Its list of parts.</summary>
    public static JsonElement Sbom { get; } = JsonDocument.Parse(Read("sbom/VirtMigrate.cdx.json")).RootElement;

    /// <summary>A file of it.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its content.</returns>
    public static byte[] Read(string name)
    {
        using var zip = ZipFile.OpenRead(File);
        using var content = new MemoryStream();
        using var stream = (zip.GetEntry(name) ?? throw new FileNotFoundException(name)).Open();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>A file of it that is XML.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The document.</returns>
    public static XDocument ReadXml(string name) => XDocument.Load(new MemoryStream(Read(name)));

    /// <summary>A field of its nuspec.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The field.</returns>
    public static XElement Field(string name) => Metadata.Elements().Single(e => e.Name.LocalName.Equals(name, StringComparison.Ordinal));

    /// <summary>Reads a manifest's data.</summary>
    /// <param name="path">The manifest.</param>
    /// <returns>The data.</returns>
    public static Hashtable ReadManifest(string path)
    {
        var syntax = Parser.ParseFile(path, out _, out var errors);
        Assert.Empty(errors);
        return (Hashtable)syntax.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
    }

    /// <summary>What a manifest tells galleries.</summary>
    /// <param name="manifest">The manifest's data.</param>
    /// <returns>The table PSData.</returns>
    public static Hashtable GalleryData(Hashtable manifest) => (Hashtable)((Hashtable)manifest["PrivateData"]!)["PSData"]!;

    private static string[] ReadNames()
    {
        using var zip = ZipFile.OpenRead(File);
        return [.. zip.Entries.Select(e => e.FullName)];
    }

    private static string Find()
    {
        var file = Path.Combine(ProjectRoot.Path, "out", $"VirtMigrate.{Version}.nupkg");
        return System.IO.File.Exists(file)
            ? file
            : throw new FileNotFoundException($"{file} is missing: run build.ps1 Package first, or build.ps1 Test for everything.");
    }
}
