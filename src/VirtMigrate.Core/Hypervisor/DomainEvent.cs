using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor;

/// <summary>Something that happened to a VM.</summary>
/// <param name="Vm">The VM's UUID.</param>
public abstract record DomainEvent(Guid Vm);

/// <summary>A migration began another pass over the guest's memory (VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION).</summary>
/// <param name="Vm">The VM's UUID.</param>
/// <param name="Iteration">The pass's number, from 1.</param>
public sealed record MigrationIterationEvent(Guid Vm, int Iteration) : DomainEvent(Vm);

/// <summary>A job ended (VIR_DOMAIN_EVENT_ID_JOB_COMPLETED).</summary>
/// <param name="Vm">The VM's UUID.</param>
/// <param name="Statistics">The job's last account.</param>
public sealed record JobCompletedEvent(Guid Vm, JobStatistics Statistics) : DomainEvent(Vm);

/// <summary>The VM came, went, stopped or went on (VIR_DOMAIN_EVENT_ID_LIFECYCLE).</summary>
/// <param name="Vm">The VM's UUID.</param>
/// <param name="Kind">The virDomainEventType.</param>
/// <param name="Detail">The detail that belongs to the kind.</param>
public sealed record LifecycleEvent(Guid Vm, int Kind, int Detail) : DomainEvent(Vm)
{
    // virDomainEventType, with the details that a migration is told by (libvirt-domain.h).
    internal const int Started = 2;
    internal const int Suspended = 3;
    internal const int SuspendedMigrated = 1;
    internal const int SuspendedIoError = 2;
    internal const int SuspendedPostCopy = 7;
    internal const int SuspendedPostCopyFailed = 8;
    internal const int Resumed = 4;
    internal const int ResumedMigrated = 1;
    internal const int ResumedPostCopy = 3;
    internal const int ResumedPostCopyFailed = 4;
    internal const int Stopped = 5;
    internal const int StoppedShutDown = 0;
    internal const int StoppedDestroyed = 1;
    internal const int StoppedCrashed = 2;
    internal const int StoppedMigrated = 3;
    internal const int StoppedFailed = 5;
    internal const int Crashed = 8;
}
