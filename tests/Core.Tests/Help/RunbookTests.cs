using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using VirtMigrate.Cmdlets;
using Xunit;

namespace VirtMigrate.Tests.Help;

/// <summary>The runbooks as far as they can be told without running them: tests/Acceptance runs them.</summary>
public sealed class RunbookTests
{
    private static readonly string Folder = Path.Combine(ProjectRoot.Path, "docs", "runbooks");

    private static readonly Dictionary<string, Type> Cmdlets = typeof(GetVmCommand).Assembly.GetExportedTypes()
        .Select(t => (Type: t, Attribute: t.GetCustomAttribute<CmdletAttribute>()))
        .Where(t => t.Attribute is not null)
        .ToDictionary(t => $"{t.Attribute!.VerbName}-{t.Attribute.NounName}", t => t.Type, StringComparer.OrdinalIgnoreCase);

    public static TheoryData<string> Scripts => new(Directory.EnumerateFiles(Folder, "*.ps1").Select(Path.GetFileName).Order(StringComparer.Ordinal)!);

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_runbook_tells_what_it_does_and_how_it_ends(string script)
    {
        var help = Parse(script).GetHelpContent();

        Assert.NotEmpty(help.Synopsis);
        Assert.NotEmpty(help.Examples);
        Assert.Equal(
            Parse(script).ParamBlock.Parameters.Select(p => p.Name.VariablePath.UserPath.ToUpperInvariant()).Order(StringComparer.Ordinal),
            help.Parameters.Keys.Order(StringComparer.Ordinal));
        Assert.Contains($"({script})", File.ReadAllText(Path.Combine(Folder, "README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_runbook_gives_cmdlets_only_parameters_that_they_have(string script) =>
        Assert.All(Parse(script).FindAll(a => a is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>(), command =>
        {
            if (command.GetCommandName() is { } name && Cmdlets.TryGetValue(name, out var type))
            {
                Assert.All(command.CommandElements.OfType<CommandParameterAst>(), p => Assert.True(HasParameter(type, p.ParameterName), $"{p.Extent.Text} of {name}"));
            }
        });

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_runbook_forces_nothing(string script) =>
        Assert.DoesNotContain(
            Parse(script).FindAll(a => a is CommandParameterAst, searchNestedScriptBlocks: true).Cast<CommandParameterAst>(),
            p => p.ParameterName is "Unsafe" or "Overwrite" or "AssumeSeparateStorage" or "LeaveManagedSave" or "SkipCheck" or "Force" or "UndefineSource");

    private static bool HasParameter(Type cmdlet, string name) =>
        Cmdlet.CommonParameters.Concat(Cmdlet.OptionalCommonParameters).Contains(name, StringComparer.OrdinalIgnoreCase) ||
        cmdlet.GetProperties().Any(p => p.GetCustomAttribute<ParameterAttribute>() is not null && string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));

    private static ScriptBlockAst Parse(string script)
    {
        var syntax = Parser.ParseFile(Path.Combine(Folder, script), out _, out var errors);
        Assert.Empty(errors);
        return syntax;
    }
}
