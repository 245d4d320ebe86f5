using System.Collections.Specialized;
using System.Text.Json.Serialization;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Model;

/// <summary>How one migration of one VM went.</summary>
public sealed record VmMigrationResult : IVmReference
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The host that the VM was to leave.</summary>
    public required VmHost Source { get; init; }

    /// <summary>The host that the VM was to reach.</summary>
    public required VmHost Destination { get; init; }

    /// <summary>How it ended.</summary>
    public required MigrationOutcome Outcome { get; init; }

    /// <summary>Whether the VM moved while it ran (or was paused), not only its definition.</summary>
    public required bool IsLive { get; init; }

    /// <summary>When the migration began, on this machine's clock.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>When its outcome was verified, on this machine's clock.</summary>
    public required DateTimeOffset EndTime { get; init; }

    /// <summary>From start to verified outcome.</summary>
    public TimeSpan Duration => EndTime - StartTime;

    /// <summary>
    /// The guest's downtime, as libvirt measured it. In post-copy libvirt counts to the end of the migration; there it is the time between both
    /// hosts' events of the guest's stop and start. A guest that was suspended on the way (-OnTimeout Suspend, a policy) stands still from then
    /// on. Null where the VM did not move live, or nobody told.
    /// </summary>
    public TimeSpan? Downtime { get; init; }

    /// <summary>
    /// The standstill of the switch-over alone: <see cref="Downtime"/> without the time that a guest was suspended before its last
    /// pass. Null when the VM did not move live, or when no event told of that pass.
    /// </summary>
    public TimeSpan? SwitchoverDowntime { get; init; }

    /// <summary>
    /// Bytes that crossed, as libvirt counts them at the end (<c>virsh domjobinfo --completed</c>): for memory, since it leaves
    /// copied disks out then. The samples count both, with the disks' zeroes, which don't cross.
    /// </summary>
    public long? Transferred { get; init; }

    /// <summary>Bytes per second, over the time that data moved.</summary>
    public long? Throughput { get; init; }

    /// <summary>What the migration achieved, for estimates of the next one; null where it tells nothing of that (post-copy, offline, not completed).</summary>
    public VmMigrationBandwidth? Bandwidth { get; init; }

    /// <summary>Passes over the guest's memory.</summary>
    public long? Iterations { get; init; }

    /// <summary>Connections that the memory was asked to move over.</summary>
    public int Connections { get; init; }

    /// <summary>The policy's name; null where none was asked for.</summary>
    public string? Policy { get; init; }

    /// <summary>The estimate that came before it (Get-VmMigrationEstimate), to hold it to; null where there was none.</summary>
    public VmMigrationEstimate? Estimate { get; init; }

    /// <summary>The options in effect, by the names of Start-VmMigration's parameters and in their units, with all defaults put in.</summary>
    [JsonConverter(typeof(OptionValuesJsonConverter))]
    public OrderedDictionary Options { get; init; } = MigrationOptionValues.None;

    /// <summary>The phases that it went through.</summary>
    public IReadOnlyList<MigrationPhaseSpan> Phases { get; init; } = [];

    /// <summary>The state at the begin of each pass over the guest's memory, and at the end.</summary>
    public IReadOnlyList<MigrationSample> Samples { get; init; } = [];

    /// <summary>What the policy, the timeout and the parameters decided, in order, with the reasons.</summary>
    public IReadOnlyList<MigrationDecision> Decisions { get; init; } = [];

    /// <summary>The equal virsh command.</summary>
    public required string Command { get; init; }

    /// <summary>What both hosts said in the end.</summary>
    public required VmMigrationVerification Verification { get; init; }

    /// <summary>Why it did not complete, or what libvirt complained of although the VM moved; null when all went well.</summary>
    public string? Error { get; init; }

    /// <summary>The stable id of <see cref="Error"/>, as the error record has it; null when the VM moved.</summary>
    public string? ErrorId { get; init; }

    /// <summary>
    /// Whether the same migration can go well another time, with nothing changed; null when the VM moved or that can't be told. Never
    /// true where the VM has to be looked at first.
    /// </summary>
    public bool? CanRetry { get; init; }

    /// <summary>
    /// The errors of both ends, the one that ended the migration first. Libvirt returns one error of a migration and keeps the other
    /// end's to itself; what that end does (its half stops, its host can't be seen) is told here as far as its events and answers do.
    /// </summary>
    public IReadOnlyList<VmMigrationError> Errors { get; init; } = [];

    /// <summary>
    /// What deserves attention although the migration ended as it says: what was put at risk on request (-Overwrite and its like), what was
    /// asked for and not carried out, what is left on the source.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The statistics with which libvirt closed the job; null where it kept none.</summary>
    public JobStatistics? Statistics { get; init; }

    string IVmReference.GetVmName() => Vm;

    // The next command about this VM looks for it where it is now.
    VmHost IVmReference.GetLookupHost() => Verification.HasArrived ? Destination : Source;

    /// <summary>The VM's name and how its migration ended.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Vm}: {Outcome}";
}
