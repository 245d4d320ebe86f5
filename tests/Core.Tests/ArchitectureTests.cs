using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Xunit;

namespace VirtMigrate.Tests;

/// <summary>The folders of the core, each with what it may use (docs/ARCHITECTURE.md). Nothing else may.</summary>
public sealed class ArchitectureTests
{
    private const string Root = "(root)";

    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Model"] = [],
        ["Xml"] = ["Model"],
        ["Options"] = ["Model"],
        ["Failures"] = ["Model", "Options"],
        ["Hosts"] = ["Model", "Xml", "Options", "Failures"],
        ["Libvirt"] = ["Hosts", "Model", "Xml", "Options", "Failures"],
        ["Virsh"] = ["Hosts", "Model", "Xml", "Options", "Failures"],
        ["Policies"] = ["Model", "Options", "Failures"],
        ["Planning"] = ["Policies", "Hosts", "Model", "Xml", "Options", "Failures"],
        ["Readiness"] = ["Planning", "Policies", "Hosts", "Model", "Xml", "Options", "Failures"],
        ["Estimation"] = ["Planning", "Policies", "Hosts", "Model", "Xml", "Options", "Failures"],
        ["Migration"] = ["Readiness", "Estimation", "Planning", "Policies", "Hosts", "Model", "Xml", "Options", "Failures"],
        [Root] = ["Libvirt", "Virsh", "Migration", "Readiness", "Estimation", "Planning", "Policies", "Hosts", "Model", "Xml", "Options", "Failures"],
    };

    // The facade and the choice of transport share the namespace of what users get.
    private static readonly string[] OfRoot = [typeof(Migrator).FullName!, typeof(DetectedTransport).FullName!];

    private static readonly Architecture Core = new ArchLoader().LoadAssembly(typeof(Migrator).Assembly).Build();

    [Fact]
    public void A_folder_uses_what_lies_below_it_and_nothing_else()
    {
        var wrong = Core.Types
            .SelectMany(type => type.Dependencies.Select(d => (From: type, To: d.Target)))
            .Where(d => d.To is not GenericParameter)
            .Where(d => FolderOf(d.From) is { } from && FolderOf(d.To) is { } to && !string.Equals(from, to, StringComparison.Ordinal) && !Arrows[from].Contains(to, StringComparer.Ordinal))
            .Select(d => $"{FolderOf(d.From)} -> {FolderOf(d.To)}: {d.From.FullName} uses {d.To.FullName}")
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

        Assert.Equal(string.Empty, string.Join("\n", wrong));
    }

    [Fact]
    public void The_arrows_make_no_cycle()
    {
        foreach (var (folder, used) in Arrows)
        {
            Assert.All(used, other => Assert.DoesNotContain(folder, Arrows[other]));
        }
    }

    [Fact]
    public void A_file_stands_in_the_folder_of_its_namespace()
    {
        var core = Path.Combine(ProjectRoot.Path, "src", "VirtMigrate.Core");
        var wrong = Directory.EnumerateFiles(core, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(core, file))
            .Where(file => !file.StartsWith("obj", StringComparison.Ordinal))
            .Where(file => file.Split(Path.DirectorySeparatorChar) is [var folder, _, ..] &&
                !File.ReadLines(Path.Combine(core, file)).Contains(folder is "Model" ? "namespace VirtMigrate;" : NamespaceOf(folder, file), StringComparer.Ordinal));

        Assert.Equal(string.Empty, string.Join("\n", wrong));
    }

    private static string NamespaceOf(string folder, string file) =>
        file.Split(Path.DirectorySeparatorChar) is ["Libvirt", "Native", ..] ? "namespace VirtMigrate.Libvirt.Native;" : $"namespace VirtMigrate.{folder};";

    private static string? FolderOf(IType type)
    {
        var space = type.Namespace?.FullName ?? string.Empty;
        return space is "VirtMigrate" ? (OfRoot.Any(r => type.FullName.StartsWith(r, StringComparison.Ordinal)) ? Root : "Model")
            : space.Split('.') is ["VirtMigrate", var folder, ..] && Arrows.ContainsKey(folder) ? folder
            : null;
    }
}
