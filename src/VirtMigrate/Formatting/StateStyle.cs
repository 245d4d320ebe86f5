using System.Management.Automation;

namespace VirtMigrate.Formatting;

/// <summary>
/// Colours the words for states, for the format file. The colours are those of the user's <c>$PSStyle</c>, which PowerShell
/// leaves out where output is not rendered; the words alone carry the meaning.
/// </summary>
public static class StateStyle
{
    private const string Good = "Green";
    private const string Attention = "Yellow";
    private const string Bad = "Red";

    /// <summary>Whether a host's connection stands.</summary>
    /// <param name="host">The host.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word, coloured.</returns>
    public static string Host(VmHost host, object? style)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.IsConnected ? Paint("connected", Good, style) : Paint("lost", Bad, style);
    }

    /// <summary>A VM's state and reason.</summary>
    /// <param name="status">The state and reason.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The words, coloured.</returns>
    public static string Vm(VmStatus status, object? style) => Paint(status.ToString(), Colour(status), style);

    /// <summary>How a migration ended.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word, coloured.</returns>
    public static string Outcome(MigrationOutcome outcome, object? style) => Paint(outcome.ToString(), outcome switch
    {
        MigrationOutcome.Completed => Good,
        MigrationOutcome.RolledBack or MigrationOutcome.StayedChanged or MigrationOutcome.ArrivedChanged => Attention,
        _ => Bad,
    }, style);

    /// <summary>What becomes of a migration.</summary>
    /// <param name="status">The status.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word, coloured.</returns>
    public static string Job(MigrationJobStatus status, object? style) => Paint(status.ToString(), status switch
    {
        MigrationJobStatus.Completed => Good,
        MigrationJobStatus.Failed or MigrationJobStatus.PostCopyPaused => Bad,
        MigrationJobStatus.Unknown => Attention,
        _ => null,
    }, style);

    /// <summary>A job's state in PowerShell.</summary>
    /// <param name="state">The state.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word, coloured.</returns>
    public static string JobState(JobState state, object? style) => Paint(state.ToString(), state switch
    {
        System.Management.Automation.JobState.Completed => Good,
        System.Management.Automation.JobState.Failed => Bad,
        System.Management.Automation.JobState.Stopped => Attention,
        _ => null,
    }, style);

    /// <summary>What came of a decision.</summary>
    /// <param name="status">The status.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word, coloured.</returns>
    public static string Decision(MigrationDecisionStatus status, object? style) => Paint(status.ToString(), status switch
    {
        MigrationDecisionStatus.Refused => Bad,
        MigrationDecisionStatus.Skipped => Attention,
        _ => null,
    }, style);

    /// <summary>What a host says of a VM.</summary>
    /// <param name="instance">What it says.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The words, coloured.</returns>
    public static string Instance(VmInstance instance, object? style)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return instance switch
        {
            { IsKnown: false } => Paint(instance.ToString(), Bad, style),
            { Status: { } status } => Paint(instance.ToString(), Colour(status), style),
            _ => instance.ToString(),
        };
    }

    /// <summary>Whether a VM can be migrated.</summary>
    /// <param name="readiness">What was found.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>yes or no, coloured.</returns>
    public static string Ready(VmMigrationReadiness readiness, object? style)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        return readiness.IsReady ? Paint("yes", Good, style) : Paint("no", Bad, style);
    }

    /// <summary>What came of a check.</summary>
    /// <param name="status">The status.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word, coloured.</returns>
    public static string Check(ReadinessStatus status, object? style) => Paint(status.ToString(), status switch
    {
        ReadinessStatus.Passed => Good,
        ReadinessStatus.Failed => Bad,
        ReadinessStatus.Warning or ReadinessStatus.NotVerified => Attention,
        _ => null,
    }, style);

    /// <summary>Whether a migration ends.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word, coloured.</returns>
    public static string Convergence(MigrationConvergence verdict, object? style) => Paint(verdict.ToString(), verdict switch
    {
        MigrationConvergence.Converges => Good,
        MigrationConvergence.WillNotConverge => Bad,
        _ => Attention,
    }, style);

    /// <summary>The worst that came of a kind of checks, in a word or sign of four letters at most: ok, warn, fail, ? or -.</summary>
    /// <param name="status">The worst status; null where none was made.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word, coloured.</returns>
    public static string Mark(ReadinessStatus? status, object? style) => status switch
    {
        ReadinessStatus.Failed => Paint("fail", Bad, style),
        ReadinessStatus.Warning => Paint("warn", Attention, style),
        ReadinessStatus.NotVerified => Paint("?", Attention, style),
        ReadinessStatus.Passed => Paint("ok", Good, style),
        _ => "-",
    };

    private static string? Colour(VmStatus status) => status switch
    {
        { IsPostCopyFailed: true } or { IsIoError: true } or { State: VmState.Crashed } => Bad,
        { State: VmState.Running } => Good,
        { IsActive: true } => Attention,
        _ => null,
    };

    // $PSStyle's type is not in the standard library that the module is built against.
    private static string Paint(string text, string? colour, object? style) =>
        colour is not null && Read(Read(style, "Foreground"), colour) is string { Length: > 0 } start && Read(style, "Reset") is string end
            ? start + text + end
            : text;

    private static object? Read(object? value, string property) =>
        value is null ? null : PSObject.AsPSObject(value).Properties[property]?.Value;
}
