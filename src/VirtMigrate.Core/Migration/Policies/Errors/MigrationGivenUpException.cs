using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>A migration was aborted since its policy gave it up.</summary>
/// <param name="verification">What both hosts said afterwards.</param>
/// <param name="policy">The policy's name.</param>
/// <param name="decision">The decision that ended it.</param>
public sealed class MigrationGivenUpException(VmMigrationVerification verification, string policy, MigrationDecision decision)
    : MigrationEndedException(verification,
        $"The policy {policy} gave the migration of '{verification.Vm}' up ({decision.Reason}). {verification.Message}")
{
    /// <inheritdoc/>
    public override string ErrorId => "MigrationGivenUp";

    /// <summary>True: a guest that was too busy once may be calmer.</summary>
    public override bool? CanRetry => true;

    /// <summary>The policy's name.</summary>
    public string Policy { get; } = policy;

    /// <summary>The decision that ended it.</summary>
    public MigrationDecision Decision { get; } = decision;
}
