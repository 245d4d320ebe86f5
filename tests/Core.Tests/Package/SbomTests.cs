using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace VirtMigrate.Tests.Package;

/// <summary>The list of what the package is made of.</summary>
public sealed class SbomTests
{
    private static readonly string[] NotListed =
        ["[Content_Types].xml", "_rels/.rels", "VirtMigrate.nuspec", "package/services/metadata/core-properties/nuget.psmdcp", "sbom/VirtMigrate.cdx.json"];

    private static JsonElement Own => BuiltPackage.Sbom.GetProperty("metadata").GetProperty("component");

    private static IEnumerable<JsonElement> Libraries => BuiltPackage.Sbom.GetProperty("components").EnumerateArray();

    [Fact]
    public void It_lists_every_file_with_its_hash()
    {
        var listed = Libraries.Prepend(Own).SelectMany(c => c.GetProperty("components").EnumerateArray()).ToArray();

        Assert.Equal(BuiltPackage.Names.Except(NotListed).Order(StringComparer.Ordinal), listed.Select(f => Text(f, "name")).Order(StringComparer.Ordinal));
        Assert.All(listed, file =>
        {
            var hash = file.GetProperty("hashes").EnumerateArray().Single();
            Assert.Equal("SHA-256", Text(hash, "alg"));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(BuiltPackage.Read(Text(file, "name")))), Text(hash, "content"));
        });
    }

    [Fact]
    public void It_names_the_module_by_the_manifests_version_and_the_licence()
    {
        Assert.Equal(("CycloneDX", "1.6"), (Text(BuiltPackage.Sbom, "bomFormat"), Text(BuiltPackage.Sbom, "specVersion")));
        Assert.Equal(("VirtMigrate", BuiltPackage.Version, $"pkg:nuget/VirtMigrate@{BuiltPackage.Version}", "MIT"),
            (Text(Own, "name"), Text(Own, "version"), Text(Own, "purl"), Licence(Own)));
        Assert.StartsWith("MIT License", Encoding.UTF8.GetString(BuiltPackage.Read("LICENSE")), StringComparison.Ordinal);
    }

    [Fact]
    public void It_names_every_library_of_others_by_the_version_that_is_really_there()
    {
        var library = Assert.Single(Libraries);
        var assembly = FileVersionInfo.GetVersionInfo(Path.Combine(BuiltPackage.Module, "CliWrap.dll"));

        Assert.Equal(("CliWrap", "MIT"), (Text(library, "name"), Licence(library)));
        Assert.StartsWith(Text(library, "version"), assembly.ProductVersion, StringComparison.Ordinal);
        Assert.Equal($"pkg:nuget/CliWrap@{Text(library, "version")}", Text(library, "purl"));
        Assert.Equal(["CliWrap.dll"], library.GetProperty("components").EnumerateArray().Select(f => Text(f, "name")));
    }

    [Fact]
    public void It_says_what_depends_on_what()
    {
        var dependencies = BuiltPackage.Sbom.GetProperty("dependencies").EnumerateArray().ToDictionary(
            d => Text(d, "ref"), d => d.GetProperty("dependsOn").EnumerateArray().Select(r => r.GetString()!).ToArray(), StringComparer.Ordinal);
        var library = Text(Libraries.Single(), "bom-ref");

        Assert.Equal([library], dependencies[Text(Own, "bom-ref")]);
        Assert.Empty(dependencies[library]);
    }

    [Fact]
    public void The_terms_of_every_library_of_others_are_in_the_package()
    {
        var notices = Encoding.UTF8.GetString(BuiltPackage.Read("THIRD-PARTY-NOTICES.txt"));

        Assert.All(Libraries, library =>
        {
            Assert.Contains(Text(library, "name"), notices, StringComparison.Ordinal);
            Assert.Contains("Copyright (c) 2017-2026 Oleksii Holub", notices, StringComparison.Ordinal);
        });
        Assert.Contains("shall be included in all", notices, StringComparison.Ordinal);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Licence(JsonElement component) => Text(component.GetProperty("licenses").EnumerateArray().Single(), "expression");
}
