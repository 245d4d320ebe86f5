using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace VirtMigrate.Tests.Package;

/// <summary>The version is written in the manifest, what is new in the changelog, and both come from there into all else.</summary>
public sealed partial class VersionTests
{
    private static readonly string[] Kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Known limits"];

    private static readonly string Changelog = File.ReadAllText(Path.Combine(ProjectRoot.Path, "docs", "CHANGELOG.md"));

    [Theory]
    [InlineData("VirtMigrate.dll")]
    [InlineData("VirtMigrate.Core.dll")]
    public void The_assemblies_have_the_manifests_version(string name) =>
        Assert.Equal(BuiltPackage.Version + ".0", AssemblyName.GetAssemblyName(Path.Combine(BuiltPackage.Module, name)).Version!.ToString());

    [Fact]
    public void An_assembly_that_was_built_without_the_build_script_has_it_too() =>
        Assert.Equal(BuiltPackage.Version + ".0", typeof(Cmdlets.GetVmCommand).Assembly.GetName().Version!.ToString());

    [Fact]
    public void The_package_has_the_manifests_version()
    {
        Assert.Equal(BuiltPackage.Version, BuiltPackage.Field("version").Value);
        Assert.Equal($"VirtMigrate.{BuiltPackage.Version}.nupkg", Path.GetFileName(BuiltPackage.File));
    }

    [Fact]
    public void The_changelog_begins_with_the_manifests_version() => Assert.Equal(BuiltPackage.Version, Headings()[0].Groups["version"].Value);

    [Fact]
    public void Every_section_of_the_changelog_has_a_version_a_date_and_known_kinds_of_changes()
    {
        Assert.Equal(Changelog.Split('\n').Count(l => l.StartsWith("## ", StringComparison.Ordinal)), Headings().Count);
        Assert.All(Changelog.Split('\n').Where(l => l.StartsWith("### ", StringComparison.Ordinal)),
            kind => Assert.Contains(kind[4..], Kinds));
        Assert.Equal(Headings().Select(h => Version.Parse(h.Groups["version"].Value)).OrderDescending(), Headings().Select(h => Version.Parse(h.Groups["version"].Value)));
    }

    [Fact]
    public void The_release_notes_are_the_changelogs_section_in_the_manifest_and_in_the_package()
    {
        var manifest = BuiltPackage.ReadManifest(Path.Combine(BuiltPackage.Module, "VirtMigrate.psd1"));
        var notes = (string)BuiltPackage.GalleryData(manifest)["ReleaseNotes"]!;

        Assert.Equal(notes, BuiltPackage.Field("releaseNotes").Value);
        Assert.StartsWith("### Added", notes, StringComparison.Ordinal);
        Assert.Contains(Words(notes), Words(Changelog), StringComparison.Ordinal);
        Assert.False(BuiltPackage.GalleryData(BuiltPackage.Manifest).ContainsKey("ReleaseNotes"));
    }

    private static MatchCollection Headings() => Heading().Matches(Changelog);

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"^## \[(?<version>\d+\.\d+\.\d+)\] - (Unreleased|\d{4}-\d\d-\d\d)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();
}
