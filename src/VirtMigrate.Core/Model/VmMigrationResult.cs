using System.Collections.Specialized;
using System.Globalization;
using System.Text.Json.Serialization;

namespace VirtMigrate;

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
    /// hosts' events of the guest's stop and start. A guest that was suspended on the way (-OnTimeout Suspend, a policy) is stopped from then
    /// on. Null where the VM did not move live, or nobody told.
    /// </summary>
    public TimeSpan? Downtime { get; init; }

    /// <summary>
    /// The downtime of the switchover alone: <see cref="Downtime"/> without the time that a guest was suspended before its last
    /// iteration. Null when the VM did not move live, or when no event told of that iteration.
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

    /// <summary>Iterations over the guest's memory.</summary>
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

    /// <summary>The state at the start of each iteration over the guest's memory, and at the end.</summary>
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

/// <summary>How a migration ended, as both hosts were found afterwards.</summary>
public enum MigrationOutcome
{
    /// <summary>The VM is on the destination, and only there, in the state that was asked for.</summary>
    Completed,

    /// <summary>The VM is on the source as it was before, and not active on the destination.</summary>
    RolledBack,

    /// <summary>Post-copy broke: each host holds a half of the VM. It can be resumed; neither half may be destroyed.</summary>
    PostCopyPaused,

    /// <summary>What became of the VM could not be seen for certain. The verification says what is known of each host.</summary>
    Unknown,

    /// <summary>The VM moved to the destination, and is not in the state that was asked for: it ran, and is paused there.</summary>
    ArrivedChanged,

    /// <summary>The VM stayed on the source, and is not as it was before: it ran, and is paused now.</summary>
    StayedChanged,

    /// <summary>The guest shut itself down on the way, or was asked to (virsh shutdown).</summary>
    GuestShutDown,

    /// <summary>Somebody destroyed the VM on the way (virsh destroy).</summary>
    GuestDestroyed,

    /// <summary>The VM's QEMU, or the guest in it, crashed on the way.</summary>
    GuestCrashed,
}

/// <summary>One error of a migration, as libvirt or this side gave it.</summary>
public sealed record VmMigrationError
{
    /// <summary>
    /// Where it arose, as far as the error tells: the message is one that only this end gives, names its job, or its connection
    /// is the one that broke.
    /// </summary>
    public required MigrationEnd End { get; init; }

    /// <summary>The name of that end's host; null where the end is this machine or not known.</summary>
    public string? Host { get; init; }

    /// <summary>What went wrong, as a number (virErrorNumber); null where no libvirt error stands behind it.</summary>
    public int? Code { get; init; }

    /// <summary>The part of libvirt that says so, as a number (virErrorDomain).</summary>
    public int? Domain { get; init; }

    /// <summary>The whole message, unchanged.</summary>
    public required string Message { get; init; }

    /// <summary>The id that the message is known by; null for one that is not known.</summary>
    public string? ErrorId { get; init; }

    /// <summary>When this side learned of it, on this machine's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The end and the message.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => End == MigrationEnd.Unknown ? Message : $"{Host ?? "this machine"}: {Message}";
}

/// <summary>Which side of a migration something comes from.</summary>
public enum MigrationEnd
{
    /// <summary>Either host: libvirt hands on one error of a migration and does not say whose it is.</summary>
    Unknown,

    /// <summary>This machine, which drives or watches the migration.</summary>
    Client,

    /// <summary>The host that the VM was to leave.</summary>
    Source,

    /// <summary>The host that the VM was to reach.</summary>
    Destination,
}

/// <summary>One phase that a migration went through.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Start">When it was entered, as time since the migration began.</param>
/// <param name="Duration">How long it lasted.</param>
public sealed record MigrationPhaseSpan(MigrationPhase Phase, TimeSpan Start, TimeSpan Duration)
{
    /// <summary>The phase and its duration: <c>Copying 4.2 s</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Phase} {Duration.TotalSeconds:0.0} s");
}

/// <summary>
/// What libvirt told at one moment of a migration. A result has one for the start of each iteration over the guest's
/// memory, and a last one for its end.
/// </summary>
public sealed record MigrationSample
{
    private const double MiB = 1024 * 1024;

    /// <summary>Time since the migration began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The iteration over the guest's memory, from 1; null before the first.</summary>
    public long? Iteration { get; init; }

    /// <summary>Bytes still to be moved: at the start of an iteration, what the guest wrote during the one before.</summary>
    public long Remaining { get; init; }

    /// <summary>Bytes moved so far.</summary>
    public long Transferred { get; init; }

    /// <summary>The rate of the move in bytes per second; null before anything has moved.</summary>
    public long? Rate { get; init; }

    /// <summary>The downtime that sending at once what remained at the start of the iteration would have taken; null where it can't be told.</summary>
    public TimeSpan? ImpliedDowntime { get; init; }

    /// <summary>Pages that the guest wrote during the last iteration, per second; null where libvirt does not say.</summary>
    public long? DirtyPagesPerSecond { get; init; }

    /// <summary>The share of its processor time that auto-converge keeps from the guest, in percent; null where it does not run.</summary>
    public int? Throttle { get; init; }

    /// <summary>Pages that the destination asked for in post-copy.</summary>
    public long? PostCopyRequests { get; init; }

    /// <summary>Takes a sample from job statistics.</summary>
    /// <param name="statistics">The statistics.</param>
    /// <param name="elapsed">Time since the migration began.</param>
    /// <param name="rate">The rate of the move in bytes per second.</param>
    /// <returns>The sample.</returns>
    public static MigrationSample Of(JobStatistics statistics, TimeSpan elapsed, long? rate)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        return new()
        {
            Elapsed = elapsed,
            Iteration = statistics.Iteration,
            Remaining = statistics.DataRemaining,
            Transferred = statistics.DataProcessed,
            Rate = rate,
            DirtyPagesPerSecond = statistics.DirtyPagesPerSecond,
            Throttle = statistics.AutoConvergeThrottle is > 0 and { } throttle ? throttle : null,
            PostCopyRequests = statistics.PostCopyRequests is > 0 and { } requests ? requests : null,
        };
    }

    /// <summary>The sample in one line: <c>4.1 s, iteration 2: 71.5 MiB remaining</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Elapsed.TotalSeconds:0.0} s, iteration {Iteration ?? 0}: {Remaining / MiB:0.0} MiB remaining");
}
