using VirtMigrate.Hypervisor.Statistics;
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

    private readonly VirshVmStatistics _statistics = new(virsh);

    /// <summary>Reads all VMs.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The VMs in the host's order.</returns>
    public Task<IReadOnlyList<Vm>> ListAsync(CancellationToken cancellationToken) => MonitorPatience.ReadAsync(ReadAllAsync, cancellationToken);

    /// <summary>Finds a VM by its name.</summary>
    /// <param name="name">The name; it is looked for on this side.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The VM; null where there is none of that name.</returns>
    public async Task<Vm?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var vms = await VirshVmList.ReadAsync(virsh, cancellationToken).ConfigureAwait(false);
        return vms.Find(name) is { } vm && await FindAsync(vm.Uuid, cancellationToken).ConfigureAwait(false) is { } found && found.Name == name
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
        return records is [var record] && record.Name == summary.Name
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

    // Without monitors no QEMU is asked: each VM costs a command, but no answer of one holds up that of another.
    private async Task<IReadOnlyList<Vm>> ReadAllAsync(bool withMonitors, CancellationToken cancellationToken)
    {
        var options = withMonitors ? StateAndSizes : State;
        IReadOnlyList<string> transient = ["list", "--all", "--uuid", "--transient"];
        IReadOnlyList<string> autostart = ["list", "--all", "--uuid", "--autostart"];
        var answers = await virsh.RunManyAsync(
            [VirshVmList.Command, transient, autostart, _statistics.Command(options)], cancellationToken).ConfigureAwait(false);
        var listed = await VirshVmList.TakeAsync(virsh, answers[0], cancellationToken).ConfigureAwait(false);
        HashSet<Guid> transients = [.. UuidsOutput.Read(answers[1].Take())];
        HashSet<Guid> autostarts = [.. UuidsOutput.Read(answers[2].Take())];
        var records = await _statistics.TakeAsync(answers[3], options, cancellationToken).ConfigureAwait(false);

        // One that came after the list is there the next time.
        var vms = records.Select(r => (Record: r, Listed: listed.Find(r.Name))).Where(v => v.Listed is not null)
            .Select(v => Read(v.Record, v.Listed!, transients, autostarts)).ToList();
        var sizes = await ReadSizesAsync([.. vms.Where(v => v.VCpuCount < 0).Select(v => v.Uuid)], cancellationToken).ConfigureAwait(false);
        return [.. vms.Select(v => v.VCpuCount < 0 ? WithSizes(v, sizes) : v).OfType<Vm>()];
    }

    // A number of processors below 0 marks a VM whose sizes the statistics did not tell.
    private Vm Read(VmRecord record, ListedVm listed, HashSet<Guid> transients, HashSet<Guid> autostarts)
    {
        var sizes = (Current: record.Values.FindNumber("balloon.current"), Maximum: record.Values.FindNumber("balloon.maximum"), VCpus: record.Values.FindNumber("vcpu.current"));
        var isTold = sizes is { Current: not null, Maximum: not null, VCpus: >= 0 and <= int.MaxValue };
        return new()
        {
            Name = record.Name,
            Uuid = listed.Uuid,
            Id = listed.Id,
            Status = Status(record),
            VmHost = host,
            VCpuCount = isTold ? (int)sizes.VCpus! : -1,
            Memory = isTold ? VirshText.Bytes(sizes.Current!.Value) : 0,
            MaxMemory = isTold ? VirshText.Bytes(sizes.Maximum!.Value) : 0,
            IsPersistent = !transients.Contains(listed.Uuid),
            Autostart = autostarts.Contains(listed.Uuid),
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
}
