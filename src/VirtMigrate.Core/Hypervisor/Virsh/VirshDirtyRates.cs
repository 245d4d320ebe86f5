using System.Globalization;
using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>Looks at and starts measurements of how fast guests change their memory (domstats --dirtyrate, domdirtyrate-calc).</summary>
/// <param name="virsh">The host's virsh.</param>
/// <param name="jobs">Reads the VMs' jobs.</param>
internal sealed class VirshDirtyRates(IVirsh virsh, VirshJobs jobs)
{
    /// <summary>Looks at a VM's measurement.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The one that is going on, or the last one that ended.</returns>
    /// <exception cref="HypervisorException">The VM does not run.</exception>
    public async Task<DirtyRateStatus> LookAsync(Guid vm, CancellationToken cancellationToken)
    {
        var output = await virsh.RunAsync(["domstats", "--raw", "--state", "--balloon", "--dirtyrate", $"{vm}"], cancellationToken).ConfigureAwait(false);
        return DirtyRateStatistics.ReadOfRunning(DomstatsOutput.Read(output) is [var only] ? only.Values : [], virsh.Address);
    }

    /// <summary>Begins a measurement, unless one is going on.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="seconds">How long it takes.</param>
    /// <param name="mode">How it is made.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Whether it was begun; otherwise somebody else's is going on.</returns>
    /// <exception cref="VmBusyException">A job holds the VM, for whose end libvirt would wait half a minute.</exception>
    /// <exception cref="HypervisorNotSupportedException">The VM can't be measured in this mode.</exception>
    public async Task<bool> StartAsync(Guid vm, int seconds, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        DirtyRateMeter.RefuseBusy(await jobs.ReadPresentAsync(vm, cancellationToken).ConfigureAwait(false), virsh.Address);

        // Virsh before 8.1 knows no modes.
        string[] how = mode == DirtyRateMode.PageSampling ? [] : ["--mode", DirtyRateModes.ToName(mode)];
        try
        {
            await virsh.RunAsync(
                ["domdirtyrate-calc", $"{vm}", "--seconds", seconds.ToString(CultureInfo.InvariantCulture), .. how], cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (HypervisorException e)
        {
            return DirtyRateMeter.FalseIfMeasuring(e, virsh.Address);
        }
    }
}
