using System.Globalization;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;

namespace VirtMigrate.Errors;

/// <summary>Writes the core's advice for a user of PowerShell: an operation becomes a cmdlet, and what stands in a command can be typed.</summary>
internal static class AdviceRenderer
{
    private static readonly Dictionary<AdviceOperation, string> Cmdlets = new()
    {
        [AdviceOperation.ConnectHost] = "Connect-VmHost",
        [AdviceOperation.ListHosts] = "Get-VmHost",
        [AdviceOperation.ListVms] = "Get-Vm",
        [AdviceOperation.CheckReadiness] = "Test-VmMigrationReadiness",
        [AdviceOperation.Migrate] = "Start-VmMigration",
        [AdviceOperation.StopMigration] = "Stop-VmMigration",
        [AdviceOperation.ResumeMigration] = "Resume-VmMigration",
        [AdviceOperation.ListMigrations] = "Get-VmMigrationJob",
        [AdviceOperation.WaitForMigration] = "Wait-VmMigrationJob",
        [AdviceOperation.ChangeMigration] = "Set-VmMigrationJob",
        [AdviceOperation.VerifyMigration] = "Test-VmMigrationResult",
        [AdviceOperation.MeasureDirtyRate] = "Measure-VmDirtyRate",
        [AdviceOperation.ListBandwidths] = "Get-VmMigrationBandwidth",
        [AdviceOperation.ListPolicies] = "Get-VmMigrationPolicy",
        [AdviceOperation.WritePolicy] = "New-VmMigrationPolicy",
    };

    /// <summary>Writes advice.</summary>
    /// <param name="advice">The advice.</param>
    /// <returns>The text.</returns>
    public static string Render(Advice advice) => string.Concat(advice.Parts.Select(part => Render(part)));

    /// <summary>Writes a piece of advice.</summary>
    /// <param name="part">The piece.</param>
    /// <returns>The text.</returns>
    public static string Render(AdvicePart part) => part switch
    {
        AdviceWords { Text: var text } => text,
        AdviceWord { Word: var word } => ShellWord.Quote(word ?? string.Empty),
        AdviceCall call => RenderCall(call),
        AdviceArgument argument => RenderArgument(argument).TrimStart(),
        AdviceVariable { Name: var name, Value: var value } => $"$env:{name} = '{value}'",
        AdviceHelp { About: AdviceOperation.WritePolicy } => "Get-Help about_VmMigrationPolicies",
        AdviceHelp { About: var operation } => $"Get-Help {Cmdlets[operation]} -Parameter *",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "Advice has a piece that can't be written."),
    };

    private static string RenderCall(AdviceCall call)
    {
        var source = call.Source is { } before ? RenderCall(before) + " | " : string.Empty;
        var shown = call.Shown is { } properties ? $" | Format-List {string.Join(", ", properties)}".TrimEnd() : string.Empty;
        return $"{source}{Cmdlets[call.Operation]}{string.Concat(call.Arguments.Select(RenderArgument))}{shown}";
    }

    private static string RenderArgument(AdviceArgument argument) => argument switch
    {
        { Option: null, Parameter: AdviceParameter.Subject } => $" {Quote(argument.Value)}",
        { Option: null, Parameter: AdviceParameter.Credential } => " -Credential (Get-Credential)",
        { Value: null or true } => $" -{Name(argument)}",
        { Value: false } => $" -{Name(argument)}:$false",
        _ => $" -{Name(argument)} {Quote(argument.Value)}",
    };

    private static string Name(AdviceArgument argument) => argument.Option?.Name ?? argument.Parameter.ToString();

    private static string Quote(object? value) => value switch
    {
        AdviceExample { Begin: var begin, Name: null, End: var end } => begin + end,
        AdviceExample { Begin: var begin, Name: { } name, End: var end } => begin + PowerShellWord.Quote(name) + end,
        IEnumerable<string> values => string.Join(',', values.Select(PowerShellWord.Quote)),
        IFormattable number => number.ToString(format: null, CultureInfo.InvariantCulture),
        _ => PowerShellWord.Quote(value as string ?? string.Empty),
    };
}
