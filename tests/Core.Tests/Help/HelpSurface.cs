using System.Management.Automation;
using System.Reflection;
using VirtMigrate.Cmdlets;

namespace VirtMigrate.Tests.Help;

/// <summary>What the cmdlets declare, as PowerShell reads it of their classes.</summary>
internal static class HelpSurface
{
    private const string AllSets = "__AllParameterSets";

    private static readonly CmdletInfo[] Commands =
    [
        .. from type in typeof(GetVmCommand).Assembly.GetExportedTypes()
           let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
           where cmdlet is not null
           select new CmdletInfo($"{cmdlet.VerbName}-{cmdlet.NounName}", type),
    ];

    /// <summary>The parameters of each cmdlet by the cmdlet's name, without those that every cmdlet has.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<HelpParameter>> Cmdlets { get; } = Commands.ToDictionary(
        c => c.Name, c => (IReadOnlyList<HelpParameter>)[.. c.Parameters.Values.Where(IsOwn).Select(Describe)], StringComparer.Ordinal);

    /// <summary>The types of the output of each cmdlet by the cmdlet's name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Outputs { get; } = Commands.ToDictionary(
        c => c.Name, c => (IReadOnlyList<string>)[.. c.OutputType.Select(t => t.Name)], StringComparer.Ordinal);

    private static bool IsOwn(ParameterMetadata parameter) => !Cmdlet.CommonParameters.Contains(parameter.Name);

    private static HelpParameter Describe(ParameterMetadata parameter) => new(
        parameter.Name,
        (Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType).ToString(),
        [.. parameter.Aliases],
        parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any(),
        [.. parameter.ParameterSets.Select(s => new HelpParameterSet(
            string.Equals(s.Key, AllSets, StringComparison.Ordinal) ? "(All)" : s.Key,
            s.Value.Position == int.MinValue ? null : s.Value.Position,
            s.Value.IsMandatory, s.Value.ValueFromPipeline, s.Value.ValueFromPipelineByPropertyName))]);
}
