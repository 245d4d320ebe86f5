using System.Collections;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Xunit;

namespace VirtMigrate.Tests.Shell;

public sealed class BuildScriptTests
{
    /// <summary>Commands that neither the scripts nor the engine nor the module bring along.</summary>
    private static readonly string[] Others = ["dotnet"];

    [Theory]
    [InlineData("build.ps1")]
    [InlineData("src/VirtMigrate/Package/Manifest.ps1")]
    [InlineData("src/VirtMigrate/Package/New-Package.ps1")]
    [InlineData("src/VirtMigrate/Package/New-Sbom.ps1")]
    [InlineData("src/VirtMigrate/Package/Set-ReleaseNotes.ps1")]
    [InlineData("tests/Lab/demo.ps1")]
    public void It_uses_no_command_that_the_engine_package_lacks(string script)
    {
        var syntax = Parser.ParseFile(Path.Combine(ProjectRoot.Path, script), out _, out var errors);

        // Beside its own functions it has those of the scripts in its folder, which it may read in.
        var own = Directory.EnumerateFiles(Path.GetDirectoryName(Path.Combine(ProjectRoot.Path, script))!, "*.ps1")
            .SelectMany(file => Parser.ParseFile(file, out _, out _).FindAll(node => node is FunctionDefinitionAst, searchNestedScriptBlocks: true))
            .Select(node => ((FunctionDefinitionAst)node).Name);
        var used = syntax.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true)
            .Select(node => ((CommandAst)node).GetCommandName())
            .Where(name => name is not null);

        Assert.Empty(errors);
        Assert.Empty(used.Except([.. own, .. EngineCommands(), .. ModuleCommands(), .. Others], StringComparer.OrdinalIgnoreCase));
    }

    private static IEnumerable<string> EngineCommands() => InitialSessionState.CreateDefault2().Commands.Select(command => command.Name);

    private static IEnumerable<string> ModuleCommands()
    {
        var manifest = Parser.ParseFile(Path.Combine(ProjectRoot.Path, "VirtMigrate.psd1"), out _, out _);
        var data = (Hashtable)manifest.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
        return ((object[])data["CmdletsToExport"]!).Cast<string>();
    }
}
