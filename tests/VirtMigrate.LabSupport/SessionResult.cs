using System.Management.Automation;

namespace VirtMigrate.LabSupport;

/// <summary>What a script wrote.</summary>
/// <param name="Output">Its objects.</param>
/// <param name="Errors">Its errors, with the one that ended it first.</param>
/// <param name="Progress">Its progress.</param>
/// <param name="Warnings">Its warnings.</param>
/// <param name="Information">Its information records.</param>
public sealed record SessionResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<ProgressRecord> Progress,
    IReadOnlyList<WarningRecord> Warnings,
    IReadOnlyList<InformationRecord> Information);
