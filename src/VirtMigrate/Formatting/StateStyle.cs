using System.Management.Automation;
using VirtMigrate.Selection;

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

    private static readonly ReadinessStatus[] WorstFirst =
        [ReadinessStatus.Failed, ReadinessStatus.Warning, ReadinessStatus.NotVerified, ReadinessStatus.Passed];

    /// <summary>The word for a state, or for the state that an object is in.</summary>
    /// <param name="state">
    /// An outcome, a status, a verdict; what a host says of a VM; a host, of which its connection is shown; a readiness report, of which
    /// yes or no is.
    /// </param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word, coloured.</returns>
    public static string Show(object? state, object? style) => (state is PSObject wrapped ? wrapped.BaseObject : state) switch
    {
        VmHost host => host.IsConnected ? Paint("connected", Good, style) : Paint("lost", Bad, style),
        VmMigrationReadiness readiness => readiness.IsReady ? Paint("yes", Good, style) : Paint("no", Bad, style),
        var other => Paint(other?.ToString() ?? string.Empty, Colour(other), style),
    };

    /// <summary>The worst that the checks of a category found, in four letters at most: ok, warn, fail, ? or -.</summary>
    /// <param name="readiness">The report.</param>
    /// <param name="category">The category.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word or sign, coloured.</returns>
    public static string Mark(VmMigrationReadiness readiness, ReadinessCategory category, object? style)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        var found = readiness.Checks.Where(c => c.Category == category).Select(c => c.Status).ToHashSet();
        ReadinessStatus? worst = WorstFirst.Where(found.Contains).Cast<ReadinessStatus?>().FirstOrDefault();
        var sign = worst switch
        {
            ReadinessStatus.Failed => "fail",
            ReadinessStatus.Warning => "warn",
            ReadinessStatus.NotVerified => "?",
            ReadinessStatus.Passed => "ok",
            _ => "-",
        };
        return Paint(sign, Colour(worst), style);
    }

    private static string? Colour(object? state) => state switch
    {
        VmInstance { IsKnown: false } => Bad,
        VmInstance instance => Colour(instance.Status),

        VmStatus { IsPostCopyFailed: true } or VmStatus { IsIoError: true } or VmStatus { State: VmState.Crashed } => Bad,
        VmStatus { State: VmState.Running } => Good,
        VmStatus { IsActive: true } => Attention,

        MigrationOutcome.Completed => Good,
        MigrationOutcome.RolledBack or MigrationOutcome.StayedChanged or MigrationOutcome.ArrivedChanged => Attention,
        MigrationOutcome => Bad,

        MigrationJobStatus.Completed or JobState.Completed or ReadinessStatus.Passed or MigrationConvergence.Converges => Good,
        MigrationJobStatus.Unknown or JobState.Stopped or MigrationDecisionStatus.Skipped => Attention,
        ReadinessStatus.Warning or ReadinessStatus.NotVerified => Attention,
        MigrationJobStatus.Failed or MigrationJobStatus.PostCopyPaused or JobState.Failed or MigrationDecisionStatus.Refused => Bad,
        ReadinessStatus.Failed or MigrationConvergence.WillNotConverge => Bad,
        MigrationConvergence => Attention,
        _ => null,
    };

    // $PSStyle's type is not in the standard library that the module is built against.
    private static string Paint(string text, string? colour, object? style) =>
        colour is not null && TransformationInput.ReadText(TransformationInput.ReadValue(style, "Foreground"), colour) is { } start &&
        TransformationInput.ReadText(style, "Reset") is { } end
            ? start + text + end
            : text;
}
