using VirtMigrate.Hypervisor.Virsh.Parsing;
using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>Reads VMs: all of them in one run of virsh, where the driver tells all in bulk, or one in one or two.</summary>
/// <param name="virsh">The host's virsh.</param>
/// <param name="host">The host, as the VMs will name it.</param>
internal sealed class VirshVmReader(IVirsh virsh, VmHost host)
{
    private static readonly string[] State = ["--state"];
    private static readonly string[] StateAndSizes = ["--state", "--balloon", "--vcpu"];
    private static readonly string[] Transient = ["list", "--all", "--uuid", "--transient"];
    private static readonly string[] Autostart = ["list", "--all", "--uuid", "--autostart"];

    private readonly VirshVmStatistics _statistics = new(virsh);

    /// <summary>Reads all VMs.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The VMs in the host's order.</returns>
    public async Task<IReadOnlyList<Vm>> ListAsync(CancellationToken cancellationToken)
    {
        var told = await MonitorTimeout.ReadAsync(ReadBulkAsync, cancellationToken).ConfigureAwait(false);

        // One that came after the list is there the next time.
        var vms = told.Records.Select(r => (Record: r, Listed: told.Listed.Find(r.Name))).Where(v => v.Listed is not null)
            .Select(v => Read(v.Record, v.Listed!, told)).ToList();
        var sizes = await ReadSizesAsync([.. vms.Where(v => v.VCpuCount < 0).Select(v => v.Uuid)], cancellationToken).ConfigureAwait(false);
        return [.. vms.Select(v => v.VCpuCount < 0 ? WithSizes(v, sizes) : v).OfType<Vm>()];
    }

    /// <summary>Finds a VM by its name.</summary>
    /// <param name="name">The name; it is looked for on this side.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The VM; null where there is none of that name.</returns>
    public async Task<Vm?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var vms = await VirshVmList.ReadAsync(virsh, cancellationToken).ConfigureAwait(false);
        return vms.Find(name) is { } vm && await FindAsync(vm.Uuid, cancellationToken).ConfigureAwait(false) is { } found
            && found.Name.Equals(name, StringComparison.Ordinal)
            ? found
            : null;
    }

    /// <summary>Finds a VM by its UUID, without asking its QEMU or waiting for its job lock.</summary>
    /// <param name="uuid">The UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The VM; null where there is none with that UUID.</returns>
    public async Task<Vm?> FindAsync(Guid uuid, CancellationToken cancellationToken)
    {
        string[] options = [.. State, uuid.ToString()];
        var answers = await virsh.RunManyAsync([Dominfo(uuid), _statistics.Command(options)], cancellationToken).ConfigureAwait(false);
        if (Summary(answers[0], uuid) is not { } summary || VirshRefusal.IsGone(answers[1].Error))
        {
            return null;
        }

        var records = await _statistics.TakeAsync(answers[1], options, cancellationToken).ConfigureAwait(false);
        return records is [var record] && record.Name.Equals(summary.Name, StringComparison.Ordinal)
            ? new Vm
            {
                Name = summary.Name,
                Uuid = uuid,
                Id = summary.Id,
                Status = Status(record),
                VmHost = host,
                VCpuCount = summary.VCpuCount,
                Memory = summary.Memory,
                MaxMemory = summary.MaxMemory,
                IsPersistent = summary.IsPersistent,
                Autostart = summary is { IsPersistent: true, Autostart: true },
            }
            : null;
    }

    // Without monitors no QEMU is asked: each VM costs a command later, but no QEMU that does not answer holds up all.
    private async Task<Bulk> ReadBulkAsync(bool withMonitors, CancellationToken cancellationToken)
    {
        var options = withMonitors ? StateAndSizes : State;
        var answers = await virsh.RunManyAsync(
            [VirshVmList.Command, Transient, Autostart, _statistics.Command(options)], cancellationToken).ConfigureAwait(false);
        return new(
            await VirshVmList.TakeAsync(virsh, answers[0], cancellationToken).ConfigureAwait(false),
            [.. UuidsOutput.Read(answers[1].Take())],
            [.. UuidsOutput.Read(answers[2].Take())],
            await _statistics.TakeAsync(answers[3], options, cancellationToken).ConfigureAwait(false));
    }

    // A number of processors below 0 marks a VM whose sizes the statistics did not tell.
    private Vm Read(VmRecord record, ListedVm listed, Bulk told)
    {
        var current = record.Values.FindNumber("balloon.current");
        var maximum = record.Values.FindNumber("balloon.maximum");
        var vcpus = record.Values.FindNumber("vcpu.current");
        var isTold = current is not null && maximum is not null && vcpus is >= 0 and <= int.MaxValue;
        return new()
        {
            Name = record.Name,
            Uuid = listed.Uuid,
            Id = listed.Id,
            Status = Status(record),
            VmHost = host,
            VCpuCount = isTold ? (int)vcpus!.Value : -1,
            Memory = isTold ? VirshText.Bytes(current!.Value) : 0,
            MaxMemory = isTold ? VirshText.Bytes(maximum!.Value) : 0,
            IsPersistent = !told.Transient.Contains(listed.Uuid),
            Autostart = told.Autostart.Contains(listed.Uuid),
        };
    }

    private async Task<Dictionary<Guid, VmSummary>> ReadSizesAsync(IReadOnlyList<Guid> vms, CancellationToken cancellationToken)
    {
        if (vms.Count == 0)
        {
            return [];
        }

        var answers = await virsh.RunManyAsync([.. vms.Select(Dominfo)], cancellationToken).ConfigureAwait(false);
        return vms.Zip(answers, (vm, answer) => Summary(answer, vm)).OfType<VmSummary>().ToDictionary(s => s.Uuid);
    }

    private static Vm? WithSizes(Vm vm, Dictionary<Guid, VmSummary> sizes) => sizes.TryGetValue(vm.Uuid, out var summary)
        ? vm with { VCpuCount = summary.VCpuCount, Memory = summary.Memory, MaxMemory = summary.MaxMemory }
        : null;

    private static string[] Dominfo(Guid vm) => ["dominfo", vm.ToString()];

    // Where no VM has the UUID, virsh takes it for a name, which another VM may have.
    private static VmSummary? Summary(VirshAnswer answer, Guid vm) =>
        !VirshRefusal.IsGone(answer.Error) && DominfoOutput.Read(answer.Take()) is var summary && summary.Uuid == vm ? summary : null;

    private static VmStatus Status(VmRecord record) =>
        record.Values.FindNumber("state.state") is >= 0 and <= int.MaxValue and var state
            && record.Values.FindNumber("state.reason") is >= 0 and <= int.MaxValue and var reason
            ? new((VmState)state, (int)reason)
            : throw new VirshOutputException("a VM's statistics with its state", record.Name);

    private sealed record Bulk(VirshVmList Listed, HashSet<Guid> Transient, HashSet<Guid> Autostart, IReadOnlyList<VmRecord> Records);
}
