using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;
using System.Xml.Schema;
using NuGet.Packaging;
using Xunit;

namespace VirtMigrate.Tests.Package;

/// <summary>What is in the package, and what it says of itself.</summary>
public sealed class PackageTests
{
    private static readonly string[] OwnParts = ["[Content_Types].xml", "_rels/.rels", "VirtMigrate.nuspec", "package/services/metadata/core-properties/nuget.psmdcp"];

    [Fact]
    public void It_has_the_finished_module_as_it_is_and_beside_it_only_what_makes_it_a_package()
    {
        var files = Directory.EnumerateFiles(BuiltPackage.Module, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(BuiltPackage.Module, f).Replace('\\', '/')).ToArray();

        Assert.Equal([.. files.Concat(OwnParts).Order(StringComparer.Ordinal)], BuiltPackage.Names.Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(BuiltPackage.Module, file)), BuiltPackage.Read(file)));
    }

    [Fact]
    public void Of_programs_it_has_the_module_its_core_and_the_one_library_that_they_use() => Assert.Equal(
        ["CliWrap.dll", "VirtMigrate.Core.dll", "VirtMigrate.dll"],
        BuiltPackage.Names.Where(n => Path.GetExtension(n) is ".dll" or ".so" or ".exe" or ".pdb"));

    [Fact]
    public void Its_manifest_names_files_that_are_there()
    {
        var manifest = BuiltPackage.ReadManifest(Path.Combine(BuiltPackage.Module, "VirtMigrate.psd1"));

        object[] named = [manifest["RootModule"]!, .. (object[])manifest["FormatsToProcess"]!, .. (object[])manifest["TypesToProcess"]!];
        Assert.All(named, file => Assert.Contains((string)file, BuiltPackage.Names));
        Assert.Equal(BuiltPackage.Names.Count(n => n.EndsWith(".ps1xml", StringComparison.Ordinal)), named.Length - 1);
    }

    [Fact]
    public async Task NuGet_reads_it()
    {
        using var reader = new PackageArchiveReader(BuiltPackage.File);
        var nuspec = reader.NuspecReader;

        Assert.Equal("VirtMigrate", nuspec.GetId());
        Assert.Equal(BuiltPackage.Version, nuspec.GetVersion().ToNormalizedString());
        Assert.Equal(LicenseType.File, nuspec.GetLicenseMetadata()?.Type);
        Assert.Empty(nuspec.GetDependencyGroups());
        await reader.ValidatePackageEntriesAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Its_program_names_the_commit_that_it_was_made_of() => Assert.Matches(
        @"^[0-9.]+\+[0-9a-f]{40}$", FileVersionInfo.GetVersionInfo(Path.Combine(BuiltPackage.Module, "VirtMigrate.dll")).ProductVersion);

    [Fact]
    public void Its_nuspec_is_what_NuGets_schema_allows()
    {
        using var stream = typeof(Manifest).Assembly.GetManifestResourceStream(
            typeof(Manifest).Assembly.GetManifestResourceNames().Single(n => n.EndsWith("nuspec.xsd", StringComparison.Ordinal)))!;
        using var text = new StreamReader(stream);
        var schemas = new XmlSchemaSet();
        var space = BuiltPackage.Metadata.Name.NamespaceName;
        schemas.Add(space, System.Xml.XmlReader.Create(new StringReader(string.Format(CultureInfo.InvariantCulture, text.ReadToEnd(), space))));
        var problems = new List<string>();

        BuiltPackage.ReadXml("VirtMigrate.nuspec").Validate(schemas, (_, e) => problems.Add(e.Message));

        Assert.Empty(problems);
    }

    [Fact]
    public void Every_part_has_a_content_type()
    {
        var types = BuiltPackage.ReadXml("[Content_Types].xml").Root!.Elements().ToArray();
        var extensions = types.Attributes("Extension").Select(a => "." + a.Value).ToArray();
        var parts = types.Attributes("PartName").Select(a => a.Value[1..]).ToArray();

        Assert.All(BuiltPackage.Names.Except(["[Content_Types].xml"]), name => Assert.True(extensions.Contains(Path.GetExtension(name)) || parts.Contains(name), name));
        Assert.Equal(types.Length, extensions.Distinct().Count() + parts.Distinct().Count());
    }

    [Fact]
    public void Its_licence_and_its_icon_are_files_of_it()
    {
        var icon = BuiltPackage.Read(BuiltPackage.Field("icon").Value);

        Assert.Equal(File.ReadAllBytes(Path.Combine(ProjectRoot.Path, "LICENSE")), BuiltPackage.Read(BuiltPackage.Field("license").Value));
        Assert.Equal("PNG"u8, icon.AsSpan(1, 3));
        Assert.Equal(128, BinaryPrimitives.ReadInt32BigEndian(icon.AsSpan(16)));
        Assert.Equal(128, BinaryPrimitives.ReadInt32BigEndian(icon.AsSpan(20)));
    }

    [Fact]
    public void Every_cmdlet_is_found_by_its_name()
    {
        var tags = BuiltPackage.Field("tags").Value.Split(' ');

        Assert.Equal(tags.Distinct(StringComparer.OrdinalIgnoreCase), tags);
        Assert.All(["PSModule", "PSEdition_Core", "PSIncludes_Cmdlet", "libvirt"], tag => Assert.Contains(tag, tags));
        Assert.All(((object[])BuiltPackage.Manifest["CmdletsToExport"]!).Cast<string>(), cmdlet =>
        {
            Assert.Contains("PSCmdlet_" + cmdlet, tags);
            Assert.Contains("PSCommand_" + cmdlet, tags);
        });
    }
}
