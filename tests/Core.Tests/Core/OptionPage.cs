using System.Globalization;
using VirtMigrate.Options;

namespace VirtMigrate.Tests.Core;

/// <summary>The table of docs/en-US/about_VmMigrationOptions.md, made of the option table.</summary>
internal static class OptionPage
{
    private const long MiB = 1024 * 1024;

    /// <summary>The table's lines.</summary>
    /// <returns>Markdown.</returns>
    public static IEnumerable<string> Lines() => MigrationOptions.Table.Where(o => o != MigrationOptions.PostCopyResume).Select(Line)
        .Prepend("| --- | --- | --- | --- | --- | --- |")
        .Prepend("| Parameter | Value | virsh migrate | Since | Needs | Not with |");

    private static string Line(MigrationOption option) =>
        $"| -{option.Name} | {Value(option)} | {Spelling(option)} | {Since(option)} | {Rules(option, o => o.Requires, c => c.Requires)} | {Against(option)} |";

    private static string Value(MigrationOption option) => option switch
    {
        { Choices.Count: > 0 } => string.Join(", ", option.Choices.Select(c => c.Value)),
        { ValueType: MigrationValueType.None } => string.Empty,
        { ValueType: MigrationValueType.TextList } => "list",
        { ValueType: MigrationValueType.Text } => "text",
        { Scale: MiB } => "bytes/s, whole MiB/s",
        { IsPowerOfTwo: true } => $"bytes, a power of two from {option.Minimum.ToString(CultureInfo.InvariantCulture)}",
        { Maximum: int.MaxValue } => $"from {option.Minimum.ToString(CultureInfo.InvariantCulture)}{Unit(option)}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{option.Minimum} to {option.Maximum}{Unit(option)}"),
    };

    private static string Unit(MigrationOption option) => option.Unit is not { } unit ? string.Empty : unit == TimeSpan.FromSeconds(1) ? " s" : " ms";

    private static string Spelling(MigrationOption option) => string.Join(' ', option.Choices.Select(c => c.VirshOption)
        .Prepend(option.VirshValueOption).Prepend(option.VirshOption).Where(o => !string.IsNullOrEmpty(o)).Select(o => $"`{o}`"));

    private static string Since(MigrationOption option) => string.Join(", ", option.Choices.Where(c => c.Since is not null)
        .Select(c => $"{c.Value} {c.Since}").Prepend(option.SinceQemu is { } qemu ? $"QEMU {qemu}" : string.Empty)
        .Prepend(option.Since.Major + option.Since.Minor > 0 ? option.Since.ToString() : string.Empty).Where(t => t.Length > 0));

    private static string Against(MigrationOption option) => string.Join("; ", option.Conflicts
        .Select(c => $"-{c.Option} before QEMU {c.SolvedInQemu}").Prepend(Rules(option, o => o.Excludes, c => c.Excludes)).Where(t => t.Length > 0));

    private static string Rules(
        MigrationOption option, Func<MigrationOption, IReadOnlyList<string>> own, Func<MigrationChoice, IReadOnlyList<string>> choices) =>
        string.Join("; ", option.Choices.Where(c => choices(c).Count > 0).Select(c => $"{c.Value}: {Names(choices(c))}")
            .Prepend(Names(own(option))).Where(t => t.Length > 0));

    private static string Names(IReadOnlyList<string> rules) => string.Join(", ", rules.Select(rule =>
        string.Join(" or ", rule.Split('|').Select(name => "-" + name.Replace(':', ' ')))));
}
