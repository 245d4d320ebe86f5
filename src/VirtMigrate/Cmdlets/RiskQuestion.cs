using System.Management.Automation;
using VirtMigrate.Errors;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Asks before something that may lose a VM. The question is always asked, unless <c>-Confirm:$false</c> answers it beforehand;
/// where nobody can be asked, an error says how to go on.
/// </summary>
/// <param name="cmdlet">The cmdlet, of medium impact.</param>
/// <param name="caption">What the question is about.</param>
internal sealed class RiskQuestion(PSCmdlet cmdlet, string caption)
{
    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>Asks about one VM.</summary>
    /// <param name="action">What would be done, for -WhatIf and -Verbose.</param>
    /// <param name="risk">What can be lost.</param>
    /// <param name="target">The object that an error is about.</param>
    /// <returns>Whether to go on.</returns>
    public bool Ask(string action, string risk, object target)
    {
        var question = $"{risk} Continue?";
        if (!cmdlet.ShouldProcess(action, question, caption))
        {
            return false;
        }

        if (IsAnswered())
        {
            return true;
        }

        try
        {
            return cmdlet.ShouldContinue(question, caption, ref _yesToAll, ref _noToAll);
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            // Hosts that can't ask say so each in its own way; PowerShell's console, when its input has ended, by a null reference.
            cmdlet.WriteError(ErrorRecordFactory.ConfirmationNeeded(risk, target));
            return false;
        }
    }

    // Whoever gave -Confirm, or has PowerShell confirm more than it does by itself, was asked by ShouldProcess.
    private bool IsAnswered() => cmdlet.MyInvocation.BoundParameters.ContainsKey("Confirm") ||
        cmdlet.GetVariableValue("ConfirmPreference") is ConfirmImpact.Low or ConfirmImpact.Medium;
}
