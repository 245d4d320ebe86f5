namespace VirtMigrate.Failures;

/// <summary>Another job, such as a backup or a dump, holds the VM.</summary>
/// <param name="vm">The VM's name.</param>
/// <param name="operation">What the job does.</param>
public sealed class VmJobException(string vm, JobOperation operation)
    : MigrationException($"The VM '{vm}' is busy with another job ({operation}).")
{
    /// <summary>What the job does.</summary>
    public JobOperation Operation { get; } = operation;
}
