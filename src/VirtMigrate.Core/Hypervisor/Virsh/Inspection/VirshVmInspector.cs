using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Virsh.Parsing;
using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>Looks at many VMs at once: at their definitions, or at all the rest, in as few runs of virsh as their number allows.</summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshVmInspector(IVirsh virsh)
{
    private static readonly string[] Monitors = ["--balloon", "--block", "--backing"];
    private static readonly string[] MonitorsAndRates = [.. Monitors, "--dirtyrate"];

    private readonly VirshVmStatistics _statistics = new(virsh);

    /// <summary>Reads one definition.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The domain XML.</returns>
    public async Task<string> ReadDefinitionAsync(Guid vm, CancellationToken cancellationToken)
    {
        var xml = await virsh.RunAsync(Dumpxml(vm), cancellationToken).ConfigureAwait(false);
        return XmlOutput.Read(xml, "domain", XmlOutput.Uuid) == vm ? xml : throw new VmNotFoundException(vm.ToString(), virsh.Address);
    }

    /// <summary>Reads definitions.</summary>
    /// <param name="wanted">The VMs' UUIDs.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The definitions of those VMs that are there.</returns>
    public async Task<IReadOnlyDictionary<Guid, DomainDefinition>> ReadDefinitionsAsync(
        IReadOnlyCollection<Guid> wanted, CancellationToken cancellationToken)
    {
        Guid[] vms = [.. wanted.Distinct()];
        if (vms.Length == 0)
        {
            return new Dictionary<Guid, DomainDefinition>();
        }

        var answers = await virsh.RunManyAsync([.. vms.Select(Dumpxml)], cancellationToken).ConfigureAwait(false);
        return VirshRefusal.TakeUnlessGone(vms, answers)
            .Where(d => XmlOutput.Read(d.Output, "domain", XmlOutput.Uuid) == d.Asked)
            .ToDictionary(d => d.Asked, d => new DomainDefinition(d.Output));
    }

    /// <summary>Reads the definitions of all VMs.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The definitions; of a running VM the live one and the one that it is started by the next time.</returns>
    public async Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync(CancellationToken cancellationToken)
    {
        var lists = await virsh.RunManyAsync([["list", "--all", "--uuid"], ["list", "--uuid"]], cancellationToken).ConfigureAwait(false);
        (Guid Vm, string[] Command)[] asked =
        [
            .. UuidsOutput.Read(lists[0].Take()).Select(u => (u, Dumpxml(u))),
            .. UuidsOutput.Read(lists[1].Take()).Select(u => (u, (string[])["dumpxml", "--inactive", u.ToString()])),
        ];
        if (asked.Length == 0)
        {
            return [];
        }

        var answers = await virsh.RunManyAsync([.. asked.Select(a => a.Command)], cancellationToken).ConfigureAwait(false);
        return [.. VirshRefusal.TakeUnlessGone(asked, answers).Select(d => new DomainDefinition(XmlOutput.Check(d.Output, "domain")))];
    }

    /// <summary>Looks at all VMs. Where a QEMU does not answer its monitor, memory, images and dirty rates stay unknown.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What was seen.</returns>
    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectAsync(CancellationToken cancellationToken) =>
        MonitorTimeout.ReadAsync(InspectAsync, cancellationToken);

    /// <summary>Counts a VM's snapshots.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The number.</returns>
    public async Task<int> CountSnapshotsAsync(Guid vm, CancellationToken cancellationToken) =>
        NamesOutput.Read(await virsh.RunAsync(["snapshot-list", "--name", vm.ToString()], cancellationToken).ConfigureAwait(false)).Count;

    private async Task<IReadOnlyDictionary<Guid, VmInspection>> InspectAsync(bool withMonitors, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> snapshots = ["list", "--all", "--uuid", "--with-snapshot"];
        IReadOnlyList<string> checkpoints = ["list", "--all", "--uuid", "--with-checkpoint"];
        IReadOnlyList<string> saved = ["list", "--all", "--uuid", "--with-managed-save"];
        IReadOnlyList<string>[] commands = [VirshVmList.Command, snapshots, checkpoints, saved];
        var answers = await virsh.RunManyAsync(
            withMonitors ? [.. commands, _statistics.Command(MonitorsAndRates)] : commands, cancellationToken).ConfigureAwait(false);
        var listed = await VirshVmList.TakeAsync(virsh, answers[0], cancellationToken).ConfigureAwait(false);
        HashSet<Guid> withSnapshots = [.. UuidsOutput.Read(answers[1].Take())];
        HashSet<Guid> withManagedSaves = [.. UuidsOutput.Read(answers[3].Take())];

        // Where checkpoints are not known, there are none.
        HashSet<Guid> withCheckpoints = answers[2].Error is HypervisorNotSupportedException || VirshRefusal.IsUnknownFlag(answers[2].Error)
            ? []
            : [.. UuidsOutput.Read(answers[2].Take())];
        var seen = withMonitors && await ReadStatisticsAsync(answers[4], cancellationToken).ConfigureAwait(false) is { } records
            ? records.Select(r => (Record: r, Vm: listed.Find(r.Name))).Where(r => r.Vm is not null)
                .Select(r => VmInspection.Read(r.Vm!.Uuid, r.Record.Values, isActive: r.Vm.Id is not null))
            : listed.Uuids.Select(u => new VmInspection(u));
        return seen.ToDictionary(v => v.Vm, v => v with
        {
            HasSnapshots = withSnapshots.Contains(v.Vm),
            HasCheckpoints = withCheckpoints.Contains(v.Vm),
            HasManagedSave = withManagedSaves.Contains(v.Vm),
        });
    }

    // A single QEMU that refuses to tell its dirty rate, or dies meanwhile, fails the answer for all; and so does a virsh that does not
    // know of dirty rates (before 7.2).
    private async Task<IReadOnlyList<VmRecord>?> ReadStatisticsAsync(VirshAnswer answer, CancellationToken cancellationToken)
    {
        try
        {
            return await _statistics.TakeAsync(answer, MonitorsAndRates, cancellationToken).ConfigureAwait(false);
        }
        catch (HypervisorNotSupportedException e) when (!VirshRefusal.IsUnknownOption(e))
        {
            return null;
        }
        catch (HypervisorException e) when (e is not HostConnectionLostException and not VirshOutputException)
        {
            return await _statistics.ReadAsync(Monitors, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string[] Dumpxml(Guid vm) => ["dumpxml", vm.ToString()];
}
