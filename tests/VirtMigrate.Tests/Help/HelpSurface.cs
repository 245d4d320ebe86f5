using System.Management.Automation;
using VirtMigrate.Tests.Surface;

namespace VirtMigrate.Tests.Help;

/// <summary>What the engine says of the cmdlets.</summary>
internal static class HelpSurface
{
    private const string AllSets = "__AllParameterSets";

    /// <summary>The parameters of each cmdlet by the cmdlet's name, without those that every cmdlet has.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<HelpParameter>> Cmdlets { get; } = Read();

    /// <summary>The types of the output of each cmdlet by the cmdlet's name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Outputs { get; } = ModuleRun
        .Of("Get-Command -Module VirtMigrate | ForEach-Object { [pscustomobject] @{ Name = $_.Name; Types = @($_.OutputType | ForEach-Object Name) } }")
        .Output.ToDictionary(c => (string)c.Properties["Name"].Value,
            c => (IReadOnlyList<string>)[.. ((object[])c.Properties["Types"].Value).Select(t => t.ToString()!)], StringComparer.Ordinal);

    private static Dictionary<string, IReadOnlyList<HelpParameter>> Read() =>
        ModuleRun.Of("Get-Command -Module VirtMigrate | ForEach-Object { [pscustomobject] @{ Name = $_.Name; Parameters = @($_.Parameters.Values) } }")
            .Output.ToDictionary(
                c => (string)c.Properties["Name"].Value,
                c => (IReadOnlyList<HelpParameter>)[.. ((object[])c.Properties["Parameters"].Value).Select(Unwrap).Where(IsOwn).Select(Describe)],
                StringComparer.Ordinal);

    private static ParameterMetadata Unwrap(object value) => (ParameterMetadata)(value is PSObject wrapped ? wrapped.BaseObject : value);

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
