using VirtMigrate.Hosts;
using VirtMigrate.Xml;

namespace VirtMigrate.Virsh;

/// <summary>Looks at many VMs at once: at their definitions, or at all the rest, in as few runs of virsh as their number allows.</summary>
internal sealed class VirshVmInspector(IVirsh virsh)
{
    private static readonly string[] Monitors = ["--balloon", "--block", "--backing"];
    private static readonly string[] MonitorsAndRates = [.. Monitors, "--dirtyrate"];

    private readonly VirshStatistics _statistics = new(virsh);

    /// <summary>Reads one definition.</summary>
    public async Task<string> ReadDefinitionAsync(Guid vm, CancellationToken cancellationToken)
    {
        var xml = await virsh.RunAsync(Dumpxml(vm), cancellationToken).ConfigureAwait(false);
        return VirshOutput.Xml(xml, "domain", VirshOutput.XmlUuid) == vm ? xml : throw new VmNotFoundException(vm.ToString(), virsh.Address);
    }

    /// <summary>Reads definitions.</summary>
    public async Task<IReadOnlyDictionary<Guid, DomainDefinition>> ReadDefinitionsAsync(
        IReadOnlyCollection<Guid> wanted, CancellationToken cancellationToken)
    {
        Guid[] vms = [.. wanted.Distinct()];
        var answers = await virsh.RunManyAsync([.. vms.Select(Dumpxml)], cancellationToken).ConfigureAwait(false);
        return VirshResult.TakeUnlessGone(vms, answers)
            .Where(d => VirshOutput.Xml(d.Output, "domain", VirshOutput.XmlUuid) == d.Asked)
            .ToDictionary(d => d.Asked, d => new DomainDefinition(d.Output));
    }

    /// <summary>Reads the definitions of all VMs.</summary>
    public async Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync(CancellationToken cancellationToken)
    {
        var lists = await virsh.RunManyAsync([["list", "--all", "--uuid"], ["list", "--uuid"]], cancellationToken).ConfigureAwait(false);
        (Guid Vm, string[] Command)[] asked =
        [
            .. VirshOutput.Uuids(lists[0].OutputOrThrow()).Select(u => (u, Dumpxml(u))),
            .. VirshOutput.Uuids(lists[1].OutputOrThrow()).Select(u => (u, (string[])["dumpxml", "--inactive", u.ToString()])),
        ];
        var answers = await virsh.RunManyAsync([.. asked.Select(a => a.Command)], cancellationToken).ConfigureAwait(false);
        return [.. VirshResult.TakeUnlessGone(asked, answers).Select(d => new DomainDefinition(VirshOutput.XmlText(d.Output, "domain")))];
    }

    /// <summary>Looks at all VMs. Where a QEMU does not answer its monitor, memory, images and dirty rates stay unknown.</summary>
    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectAsync(CancellationToken cancellationToken) =>
        MonitorTimeout.ReadAsync(InspectAsync, cancellationToken);

    /// <summary>Counts a VM's snapshots.</summary>
    public async Task<int> CountSnapshotsAsync(Guid vm, CancellationToken cancellationToken) =>
        VirshOutput.Names(await virsh.RunAsync(["snapshot-list", "--name", vm.ToString()], cancellationToken).ConfigureAwait(false)).Count;

    private async Task<IReadOnlyDictionary<Guid, VmInspection>> InspectAsync(bool withMonitors, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> snapshots = ["list", "--all", "--uuid", "--with-snapshot"];
        IReadOnlyList<string> checkpoints = ["list", "--all", "--uuid", "--with-checkpoint"];
        IReadOnlyList<string> saved = ["list", "--all", "--uuid", "--with-managed-save"];
        IReadOnlyList<string>[] commands = [VirshVmList.Command, snapshots, checkpoints, saved];
        var answers = await virsh.RunManyAsync(
            withMonitors ? [.. commands, _statistics.Command(MonitorsAndRates)] : commands, cancellationToken).ConfigureAwait(false);
        var listed = await VirshVmList.TakeAsync(virsh, answers[0], cancellationToken).ConfigureAwait(false);
        HashSet<Guid> withSnapshots = [.. VirshOutput.Uuids(answers[1].OutputOrThrow())];
        HashSet<Guid> withManagedSaves = [.. VirshOutput.Uuids(answers[3].OutputOrThrow())];

        // Where checkpoints are not known, there are none.
        HashSet<Guid> withCheckpoints = answers[2].Error is HypervisorNotSupportedException || answers[2].IsUnknownFlag
            ? []
            : [.. VirshOutput.Uuids(answers[2].OutputOrThrow())];
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
    private async Task<IReadOnlyList<VmRecord>?> ReadStatisticsAsync(VirshResult answer, CancellationToken cancellationToken)
    {
        try
        {
            return await _statistics.TakeAsync(answer, MonitorsAndRates, cancellationToken).ConfigureAwait(false);
        }
        catch (HypervisorNotSupportedException e) when (!VirshResult.IsUnknownOption(e))
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
