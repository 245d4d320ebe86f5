namespace VirtMigrate.Simulation;

/// <summary>
/// What libvirt and QEMU were seen to do beside what is documented, and do in some runs. Others are faults (<see cref="FaultKind"/>: hidden jobs,
/// statistics that are absent, stale or foreign, reasons lost with a daemon, events out of order) or what every run has.
/// </summary>
internal enum LibvirtOddity
{
    None,

    /// <summary>A daemon that lost sight of a post-copy never learns that it has ended: its half stays, as failed, beside the whole guest (libvirt 9.0).</summary>
    PostCopyEndIsMissed,

    /// <summary>The source's QEMU ends with the destination's, by whose end it loses its connections (QEMU 7.2, util/yank.c).</summary>
    QemusEndTogether,

    /// <summary>Completed statistics don't say whether the job succeeded (before VIR_DOMAIN_JOB_SUCCESS of libvirt 6.0).</summary>
    SuccessIsUntold,
}
