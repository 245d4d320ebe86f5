using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Hypervisor.Libvirt.Readers;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Libvirt.DirtyRates;

/// <summary>Looks at and starts measurements of how fast guests change their memory (virDomainStartDirtyRateCalc).</summary>
/// <param name="address">The host.</param>
/// <param name="jobs">Reads the VMs' jobs.</param>
internal sealed class LibvirtDirtyRates(HostAddress address, LibvirtJobs jobs)
{
    private const uint Groups = LibvirtStatistics.StateGroup | LibvirtStatistics.BalloonGroup | LibvirtStatistics.DirtyRateGroup;

    /// <summary>Looks at a VM's measurement.</summary>
    /// <param name="domain">The VM.</param>
    /// <returns>The one that is going on, or the last one that ended.</returns>
    /// <exception cref="HypervisorException">The VM does not run.</exception>
    public DirtyRateStatus Look(DomainHandle domain)
    {
        using var statistics = LibvirtStatistics.Of(domain, Groups, address);
        return DirtyRateStatistics.ReadOfRunning(statistics.Count == 0 ? [] : statistics[0], address);
    }

    /// <summary>Begins a measurement, unless one is going on.</summary>
    /// <param name="domain">The VM.</param>
    /// <param name="seconds">How long it takes.</param>
    /// <param name="mode">How it is made.</param>
    /// <returns>Whether it was begun; otherwise somebody else's is going on.</returns>
    /// <exception cref="VmBusyException">A job holds the VM, for whose end libvirt would wait half a minute.</exception>
    /// <exception cref="HypervisorNotSupportedException">The VM can't be measured in this mode.</exception>
    public bool Start(DomainHandle domain, int seconds, DirtyRateMode mode)
    {
        DirtyRateMeter.RefuseBusy(jobs.ReadPresent(domain), address);
        return NativeMethods.DomainStartDirtyRateCalc(domain, seconds, Flag(mode)) >= 0
            || DirtyRateMeter.FalseIfMeasuring(LibvirtErrors.LastException(address), address);
    }

    // virDomainDirtyRateCalcFlags.
    private static uint Flag(DirtyRateMode mode) => mode switch
    {
        DirtyRateMode.DirtyBitmap => 1 << 0,
        DirtyRateMode.DirtyRing => 1 << 1,
        _ => 0,
    };
}
