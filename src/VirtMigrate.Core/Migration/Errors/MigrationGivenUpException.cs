using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>A migration was aborted since its policy gave it up.</summary>
/// <param name="verification">What both hosts said afterwards.</param>
/// <param name="policy">The policy's name.</param>
/// <param name="decision">The decision that ended it.</param>
public sealed class MigrationGivenUpException(VmMigrationVerification verification, string policy, MigrationDecision decision)
    : MigrationException($"The policy {policy} gave the migration of '{verification.Vm}' up ({decision.Reason}). {verification.Message}")
{
    /// <summary>What both hosts said afterwards.</summary>
    public VmMigrationVerification Verification { get; } = verification;

    /// <summary>The policy's name.</summary>
    public string Policy { get; } = policy;

    /// <summary>The decision that ended it.</summary>
    public MigrationDecision Decision { get; } = decision;
}
