using VirtMigrate.Hosts;

namespace VirtMigrate.Migration;

/// <summary>
/// How long each part of a migration may take, whatever the hosts do. After a stop, or after the end of the call, the result is out within
/// <see cref="Result"/>: <see cref="Abort"/>, <see cref="Settle"/>, a last <see cref="Look"/> and <see cref="Closing"/> are less together.
/// </summary>
internal static class MigrationDeadlines
{
    /// <summary>The longest time from a stop, or from the end of the call, to the result.</summary>
    public static readonly TimeSpan Result = TimeSpan.FromSeconds(90);

    /// <summary>How long a session that ends waits for its migrations: as long as they may take, and less than systemd gives a service to stop.</summary>
    public static readonly TimeSpan SessionEnd = TimeSpan.FromSeconds(85);

    /// <summary>From a stop to the end of the call: a source's QEMU takes a moment for it, and a job that has not begun yet has to begin first.</summary>
    public static readonly TimeSpan Abort = TimeSpan.FromSeconds(40);

    /// <summary>As <see cref="Abort"/>, where the source has done with the migration and libvirt waits for a destination that hangs.</summary>
    public static readonly TimeSpan AbortOverdue = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks that may lead to an abort.</summary>
    public static readonly TimeSpan BetweenAborts = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two looks of the guard that outlives the result.</summary>
    public static readonly TimeSpan BetweenGuards = TimeSpan.FromSeconds(1);

    /// <summary>How long the guard waits for a job to appear whose call ended without an answer. One whose call is out is waited for as long as it is.</summary>
    public static readonly TimeSpan GuardAdrift = TimeSpan.FromMinutes(5);

    /// <summary>How long after the loss of its call a job may begin that is the call's own: what was sent is carried out at once, or never.</summary>
    public static readonly TimeSpan LateJob = TimeSpan.FromSeconds(10);

    /// <summary>How old a look at the job may be that leads to an abort.</summary>
    public static readonly TimeSpan FreshLook = TimeSpan.FromSeconds(1);

    /// <summary>How much older than the call a job may look that is the call's own, where the look took its time: a request may be late to be served.</summary>
    public static readonly TimeSpan JobAge = TimeSpan.FromSeconds(1);

    /// <summary>As <see cref="JobAge"/>, where the look took none: libvirt counts in milliseconds.</summary>
    public static readonly TimeSpan JobClock = TimeSpan.FromMilliseconds(5);

    /// <summary>After a job is over, for how long no other may appear before the lost call is taken to be over too: one that waits for the lock takes it at once.</summary>
    public static readonly TimeSpan LockFree = TimeSpan.FromSeconds(2);

    /// <summary>The source has done with the migration, and the call does not return: the destination's QEMU hangs.</summary>
    public static readonly TimeSpan Overdue = TimeSpan.FromSeconds(30);

    /// <summary>A destination's connection that closed is opened again within this time, or a migration that needs it is aborted.</summary>
    public static readonly TimeSpan DestinationLost = TimeSpan.FromSeconds(10);

    /// <summary>Between two attempts to open it again.</summary>
    public static readonly TimeSpan BetweenReopens = TimeSpan.FromSeconds(1);

    /// <summary>A call that ended without an answer is followed on the source for this time after it began, and after it was last seen to move anything.</summary>
    public static readonly TimeSpan Adrift = TimeSpan.FromSeconds(30);

    /// <summary>A post-copy of which a stop was asked is waited for while it makes progress, and this long without any.</summary>
    public static readonly TimeSpan PostCopyStall = TimeSpan.FromSeconds(60);

    /// <summary>Between two looks at a post-copy that is resumed.</summary>
    public static readonly TimeSpan ResumePoll = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two calls that resume a post-copy, after one that failed.</summary>
    public static readonly TimeSpan BetweenResumes = TimeSpan.FromSeconds(2);

    /// <summary>A half that still runs, and moves nothing, is taken for one that has not noticed the loss of its link after this time.</summary>
    public static readonly TimeSpan NoticeBreak = TimeSpan.FromSeconds(10);

    /// <summary>A host's answer to a look, a reading or a request.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>Between the first two looks at the job; small VMs are through within a second.</summary>
    public static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two looks at the job of a longer move.</summary>
    public static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(500);

    /// <summary>Both hosts come to rest within this time after the end of the call, or what was seen last counts.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    /// <summary>Between the first two looks at both hosts.</summary>
    public static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(20);

    /// <summary>Two looks at the hosts are of one time when they are answered within this time, or when the earlier one, repeated, finds the same.</summary>
    public static readonly TimeSpan OneTime = TimeSpan.FromMilliseconds(50);

    /// <summary>A look that was answered longer ago than this is repeated before anything is concluded from it.</summary>
    public static readonly TimeSpan YoungLook = TimeSpan.FromSeconds(1);

    /// <summary>As <see cref="YoungLook"/>, when the time to look is over and nothing is repeated any more: what is older is not known.</summary>
    public static readonly TimeSpan LastLook = TimeSpan.FromSeconds(3);

    /// <summary>Between two later looks at both hosts.</summary>
    public static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    /// <summary>A destination's event that its half has stopped may come later than its answer that the VM is not there.</summary>
    public static readonly TimeSpan LateEvent = TimeSpan.FromSeconds(2);

    /// <summary>The last readings, and what is put back: statistics, downtime limit, autostart.</summary>
    public static readonly TimeSpan Closing = TimeSpan.FromSeconds(10);

    /// <summary>A timer counts no further.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    /// <summary>All of them, with the reasons.</summary>
    public static IReadOnlyList<DeadlineRow> Table { get; } =
    [
        new("From a stop, or from the end of the migrate call, to the result.", Result, "Abort, final state, one query and the last statistics take 80 s together."),
        new("A session that ends waits for its migrations.", SessionEnd, "As long as they may take (80 s), and less than the 90 s that systemd gives a service to stop."),
        new("From a stop to the end of the migrate call.", Abort,
            "A job that has not begun must begin before it can be aborted; libvirt waits up to 30 s for the VM's job lock, and QEMU needs a moment to stop."),
        new("The same, when the source has finished the migration.", AbortOverdue, "Nothing is left on the source that an abort could end."),
        new("Poll interval before an abort.", BetweenAborts, "An abort is sent within a second of the stop."),
        new("Maximum age of the query that an abort is based on.", FreshLook, "What an older one showed may have ended, and the job may be another client's."),
        new("Poll interval of the watchdog that stays after the result.", BetweenGuards, "A job that appears late is aborted before it has moved much."),
        new("The watchdog waits for the job of a call that ended without an answer.", GuardAdrift,
            "Such a call may still wait for a lock, a hook or storage. For a call that has not ended, the watchdog waits as long as that takes."),
        new("A job that begins within this time after its call was lost may be that call's.", LateJob, "A request that was sent is carried out at once or never; a lock or a busy daemon delays it."),
        new("How far a job's reported age may exceed that of its call, when the query took its time.", JobAge, "A request may be served late; a job's age is read on the source."),
        new("The same, when the query was answered at once.", JobClock, "Libvirt counts a job's age in milliseconds."),
        new("After the job of a lost call, no other job appears for this time: the call has ended as well.", LockFree, "A call that waits for the VM's job lock takes it as soon as it is free."),
        new("The source has finished the migration, and the migrate call does not return.", Overdue, "QEMU on the destination hangs; a healthy one takes over within seconds."),
        new("The connection to the destination is opened again.", DestinationLost, "Its daemon restarts within seconds. A migration that needs the connection is aborted afterwards."),
        new("Pause between two attempts at that.", BetweenReopens, "A connection that is refused is refused at once."),
        new("A call that ended without an answer is followed on the source.", Adrift, "Counted from its start, and from the last progress seen; libvirt waits 30 s for the VM's job lock before it refuses."),
        new("A post-copy that was asked to stop makes no progress.", PostCopyStall, "It can't be aborted, and a busy link may starve it for a while."),
        new("Poll interval of a post-copy that is resumed.", ResumePoll, "It may complete within seconds, and break again."),
        new("Pause between two calls that resume a post-copy, after one that failed.", BetweenResumes, "What made it fail, a link or a daemon, takes seconds to come back."),
        new("A half that still runs but moves nothing has not noticed that its link broke.", NoticeBreak,
            "Resuming a post-copy that continues by itself can make libvirt 9.0 miss its end."),
        new("A host's answer to a query or a request.", Look, "Milliseconds, unless the host hangs."),
        new("First poll interval of the job.", FirstPoll, "Small VMs migrate within a second. The interval doubles."),
        new("Longest poll interval of the job.", LongestPoll, "Policies decide at each iteration, which takes a second or more."),
        new("Both hosts reach a final state after the end of the migrate call.", Settle, "A daemon that restarts, a half that is killed. After this time the last query counts."),
        new("First poll interval of both hosts.", FirstLook, "A migration ends in steps within milliseconds. The interval doubles."),
        new("Two queries of the hosts count as simultaneous.", OneTime, "If one was answered longer before the other, it is repeated, and counts if it gives the same."),
        new("Maximum age of a query that a conclusion is based on.", YoungLook, "An older one is repeated."),
        new("The same, when the time for a final state is over.", LastLook, "Nothing is repeated then; a state that is older counts as unknown."),
        new("Longest poll interval of both hosts.", LongestLook, "A query costs a host little, and many migrations may end at once."),
        new("The destination reports that its half has stopped.", LateEvent, "It drops the VM first; the event may come later than the answer that the VM is not there."),
        new("The last statistics, and what is restored.", Closing, "Statistics, downtime limit, autostart: one request each."),
        new("Maximum of a timer.", LongestTimer, "Timers count milliseconds in 32 bits. A longer `-Timeout` is as good as none."),
    ];
}
