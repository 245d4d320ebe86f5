using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor;

/// <summary>What a look at a VM's present job found.</summary>
/// <param name="Statistics">The job's account; null when there is none to read.</param>
/// <param name="IsHidden">Whether somebody else held the VM's job lock, so that a job may be there unseen.</param>
/// <param name="IsIncoming">Whether the VM is just arriving here; only its source accounts for that job.</param>
public readonly record struct JobReading(JobStatistics? Statistics, bool IsHidden = false, bool IsIncoming = false);
