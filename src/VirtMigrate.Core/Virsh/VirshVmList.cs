namespace VirtMigrate.Virsh;

/// <summary>The VMs that a host has, by the names that <c>domstats</c> calls them.</summary>
internal sealed class VirshVmList
{
    private const string What = "a list of VMs";
    private static readonly string[] WithoutIds = ["list", "--all", "--uuid", "--name"];

    private readonly Dictionary<string, ListedVm> _vms;
    private readonly bool _isFilled;

    private VirshVmList(IEnumerable<ListedVm> vms, bool isFilled)
    {
        _isFilled = isFilled;
        _vms = new(StringComparer.Ordinal);
        foreach (var vm in vms)
        {
            if (!_vms.TryAdd(vm.Name, vm))
            {
                throw new VirshOutputException("a list of VMs with different names", vm.Name);
            }
        }
    }

    /// <summary>The command whose answer <see cref="TakeAsync"/> takes.</summary>
    public static IReadOnlyList<string> Command { get; } = ["list", "--all", "--uuid", "--id", "--name"];

    /// <summary>The VMs' UUIDs.</summary>
    public IEnumerable<Guid> Uuids => _vms.Values.Select(v => v.Uuid);

    /// <summary>Reads the list.</summary>
    public static async Task<VirshVmList> ReadAsync(IVirsh virsh, CancellationToken cancellationToken)
    {
        var answers = await virsh.RunManyAsync([Command], cancellationToken).ConfigureAwait(false);
        return await TakeAsync(virsh, answers[0], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the list that was asked for together with other things.</summary>
    public static async Task<VirshVmList> TakeAsync(IVirsh virsh, VirshResult answer, CancellationToken cancellationToken) =>
        VirshResult.IsUnknownOption(answer.Error)
            ? await ReadWithoutIdsAsync(virsh, cancellationToken).ConfigureAwait(false)
            : new(Parse(answer.OutputOrThrow()), isFilled: false);

    /// <summary>Finds a VM by its name.</summary>
    public ListedVm? Find(string name) => _vms.GetValueOrDefault(_isFilled ? name.TrimEnd(' ') : name);

    // A virsh without the option fills the names up with spaces, and tells the numbers of active VMs one by one.
    private static async Task<VirshVmList> ReadWithoutIdsAsync(IVirsh virsh, CancellationToken cancellationToken)
    {
        var lists = await virsh.RunManyAsync([WithoutIds, ["list", "--uuid"]], cancellationToken).ConfigureAwait(false);
        var active = VirshOutput.Uuids(lists[1].OutputOrThrow());
        var numbers = await virsh.RunManyAsync([.. active.Select(u => (string[])["domid", u.ToString()])], cancellationToken).ConfigureAwait(false);
        var ids = VirshResult.TakeUnlessGone(active, numbers).ToDictionary(
            n => n.Asked,
            n => VirshOutput.Line(n.Output, "a VM's number") is "-" ? null : (int?)VirshOutput.Number(n.Output.AsSpan().TrimEnd('\n'), "a VM's number", int.MaxValue));
        return new(ParseWithoutIds(lists[0].OutputOrThrow()).Select(v => v with { Id = ids.GetValueOrDefault(v.Uuid) }), isFilled: true);
    }

    /// <summary>Parses <c>list --uuid --id --name</c>: these three a line, with a space between them.</summary>
    public static IReadOnlyList<ListedVm> Parse(string text) => Parse(text, ParseLine);

    /// <summary>Parses the list of an older virsh without <c>--id</c>, which fills the names up with spaces; those at their ends are left out.</summary>
    public static IReadOnlyList<ListedVm> ParseWithoutIds(string text) => Parse(text, line =>
        line.Length > VirshOutput.UuidLength + 1 && line[VirshOutput.UuidLength] == ' ' && line[(VirshOutput.UuidLength + 1)..].TrimEnd(' ') is { Length: > 0 } name
            ? new(VirshOutput.Uuid(line.AsSpan(0, VirshOutput.UuidLength)), null, name)
            : throw new VirshOutputException(What, line));

    private static List<ListedVm> Parse(string text, Func<string, ListedVm> read)
    {
        var vms = VirshOutput.Lines(text, What).Select(read).ToList();
        return vms.DistinctBy(v => v.Uuid).Count() == vms.Count && vms.DistinctBy(v => v.Name, StringComparer.Ordinal).Count() == vms.Count
            ? vms
            : throw new VirshOutputException("a list of different VMs", text);
    }

    private static ListedVm ParseLine(string line)
    {
        var id = line.Length > VirshOutput.UuidLength && line[VirshOutput.UuidLength] == ' ' ? line.AsSpan(VirshOutput.UuidLength + 1) : throw new VirshOutputException(What, line);
        var space = id.IndexOf(' ');
        return space > 0 && space + 1 < id.Length
            ? new(VirshOutput.Uuid(line.AsSpan(0, VirshOutput.UuidLength)), ParseId(id[..space]), id[(space + 1)..].ToString())
            : throw new VirshOutputException(What, line);
    }

    private static int? ParseId(ReadOnlySpan<char> text) => text is "-" ? null : (int)VirshOutput.Number(text, "a VM's number", int.MaxValue);
}

/// <summary>A VM in virsh's list.</summary>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Id">The number that it has while it is active; null while it is not.</param>
/// <param name="Name">Its name.</param>
internal sealed record ListedVm(Guid Uuid, int? Id, string Name);
