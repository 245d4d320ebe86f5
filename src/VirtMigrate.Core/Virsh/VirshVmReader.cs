using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>Reads VMs: all of them in one run of virsh, where the driver tells all in bulk, or one in one or two.</summary>
internal sealed class VirshVmReader(IVirsh virsh, VmHost host)
{
    private const string What = "a description of a VM";
    private const int LabelLength = 15;

    // Libvirt's word for no limit, which is a number to its C API.
    private const long NoLimit = uint.MaxValue;

    // The last line that every VM has; those after it may be anybody's text.
    private const string Last = "Managed save:";

    private static readonly string[] State = ["--state"];
    private static readonly string[] StateAndSizes = ["--state", "--balloon", "--vcpu"];
    private static readonly string[] Transient = ["list", "--all", "--uuid", "--transient"];
    private static readonly string[] Autostart = ["list", "--all", "--uuid", "--autostart"];

    private readonly VirshStatistics _statistics = new(virsh);

    /// <summary>Reads all VMs.</summary>
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
    public async Task<Vm?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var vms = await VirshVmList.ReadAsync(virsh, cancellationToken).ConfigureAwait(false);
        return vms.Find(name) is { } vm && await FindAsync(vm.Uuid, cancellationToken).ConfigureAwait(false) is { } found
            && found.Name.Equals(name, StringComparison.Ordinal)
            ? found
            : null;
    }

    /// <summary>Finds a VM by its UUID, without asking its QEMU or waiting for its job lock.</summary>
    public async Task<Vm?> FindAsync(Guid uuid, CancellationToken cancellationToken)
    {
        string[] options = [.. State, uuid.ToString()];
        var answers = await virsh.RunManyAsync([Dominfo(uuid), _statistics.Command(options)], cancellationToken).ConfigureAwait(false);
        if (Summary(answers[0], uuid) is not { } summary || answers[1].IsGone)
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
            [.. VirshOutput.Uuids(answers[1].OutputOrThrow())],
            [.. VirshOutput.Uuids(answers[2].OutputOrThrow())],
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
            Memory = isTold ? VirshOutput.Bytes(current!.Value) : 0,
            MaxMemory = isTold ? VirshOutput.Bytes(maximum!.Value) : 0,
            IsPersistent = !told.Transient.Contains(listed.Uuid),
            Autostart = told.Autostart.Contains(listed.Uuid),
        };
    }

    private async Task<Dictionary<Guid, VmSummary>> ReadSizesAsync(IReadOnlyList<Guid> vms, CancellationToken cancellationToken)
    {
        var answers = await virsh.RunManyAsync([.. vms.Select(Dominfo)], cancellationToken).ConfigureAwait(false);
        return vms.Zip(answers, (vm, answer) => Summary(answer, vm)).OfType<VmSummary>().ToDictionary(s => s.Uuid);
    }

    private static Vm? WithSizes(Vm vm, Dictionary<Guid, VmSummary> sizes) => sizes.TryGetValue(vm.Uuid, out var summary)
        ? vm with { VCpuCount = summary.VCpuCount, Memory = summary.Memory, MaxMemory = summary.MaxMemory }
        : null;

    private static string[] Dominfo(Guid vm) => ["dominfo", vm.ToString()];

    // Where no VM has the UUID, virsh takes it for a name, which another VM may have.
    private static VmSummary? Summary(VirshResult answer, Guid vm) =>
        !answer.IsGone && ParseSummary(answer.OutputOrThrow()) is var summary && summary.Uuid == vm ? summary : null;

    private static VmStatus Status(VmRecord record) =>
        record.Values.FindNumber("state.state") is >= 0 and <= int.MaxValue and var state
            && record.Values.FindNumber("state.reason") is >= 0 and <= int.MaxValue and var reason
            ? new((VmState)state, (int)reason)
            : throw new VirshOutputException("a VM's statistics with its state", record.Name);

    /// <summary>Parses <c>dominfo</c>: a label of 15 characters, a space and a value a line.</summary>
    public static VmSummary ParseSummary(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in VirshOutput.Lines(text, What))
        {
            var (label, value) = SplitLabel(line);
            if (!values.TryAdd(label, value))
            {
                throw new VirshOutputException(What, line);
            }

            if (label is Last)
            {
                break;
            }
        }

        string Get(string label) => values.TryGetValue(label, out var value) ? value : throw new VirshOutputException($"{What} with '{label}'", text);
        _ = Get(Last);
        var name = Get("Name:");
        return new(
            VirshOutput.Uuid(Get("UUID:")),
            Get("Id:") is "-" ? null : (int)VirshOutput.Number(Get("Id:"), "a VM's number", int.MaxValue),
            name.Length > 0 ? name : throw new VirshOutputException(What, text),
            (int)VirshOutput.Number(Get("CPU(s):"), "a number of processors", int.MaxValue),
            Get("Max memory:") is "no limit" ? VirshOutput.Bytes(NoLimit) : ParseMemory(Get("Max memory:")),
            ParseMemory(Get("Used memory:")),
            ParseSwitch(Get("Persistent:"), "yes", "no"),
            values.TryGetValue("Autostart:", out var autostart) ? ParseSwitch(autostart, "enable", "disable") : null);
    }

    private static (string Label, string Value) SplitLabel(string line) =>
        line.Length > LabelLength && line[LabelLength] == ' ' && line[..LabelLength].TrimEnd(' ') is { Length: > 0 } label && label[^1] == ':'
            ? (label, line[(LabelLength + 1)..])
            : throw new VirshOutputException($"a line of {What}", line);

    private static long ParseMemory(string text) => text.EndsWith(" KiB", StringComparison.Ordinal)
        ? VirshOutput.Bytes(VirshOutput.Number(text.AsSpan(0, text.Length - " KiB".Length), "a size in KiB"))
        : throw new VirshOutputException("a size in KiB", text);

    private static bool ParseSwitch(string text, string on, string off) =>
        text.Equals(on, StringComparison.Ordinal) || (text.Equals(off, StringComparison.Ordinal) ? false : throw new VirshOutputException($"'{on}' or '{off}'", text));

    private sealed record Bulk(VirshVmList Listed, HashSet<Guid> Transient, HashSet<Guid> Autostart, IReadOnlyList<VmRecord> Records);
}

/// <summary>What <c>dominfo</c> prints of a VM.</summary>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Id">The number that it has while it is active; null while it is not.</param>
/// <param name="Name">Its name.</param>
/// <param name="VCpuCount">The number of its processors.</param>
/// <param name="MaxMemory">The memory that it can have, in bytes.</param>
/// <param name="Memory">The memory that it has, in bytes.</param>
/// <param name="IsPersistent">Whether it stays defined when it stops.</param>
/// <param name="Autostart">Whether it starts with its host; null where that was not told.</param>
internal sealed record VmSummary(
    Guid Uuid, int? Id, string Name, int VCpuCount, long MaxMemory, long Memory, bool IsPersistent, bool? Autostart);
