using VirtMigrate.Hypervisor.Virsh.Parsing;
using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>The VMs that a host has, by the names that <c>domstats</c> calls them.</summary>
internal sealed class VirshVmList
{
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
    /// <param name="virsh">The host.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The VMs.</returns>
    public static async Task<VirshVmList> ReadAsync(IVirsh virsh, CancellationToken cancellationToken)
    {
        var answers = await virsh.RunManyAsync([Command], cancellationToken).ConfigureAwait(false);
        return await TakeAsync(virsh, answers[0], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the list that was asked for together with other things.</summary>
    /// <param name="virsh">The host.</param>
    /// <param name="answer">The answer to <see cref="Command"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The VMs.</returns>
    public static async Task<VirshVmList> TakeAsync(IVirsh virsh, VirshAnswer answer, CancellationToken cancellationToken) =>
        VirshRefusal.IsUnknownOption(answer.Error)
            ? await ReadWithoutIdsAsync(virsh, cancellationToken).ConfigureAwait(false)
            : new(ListOutput.Read(answer.Take()), isFilled: false);

    /// <summary>Finds a VM by its name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The VM; null where there is none.</returns>
    public ListedVm? Find(string name) => _vms.GetValueOrDefault(_isFilled ? name.TrimEnd(' ') : name);

    // A virsh without the option fills the names up with spaces, and tells the numbers of active VMs one by one.
    private static async Task<VirshVmList> ReadWithoutIdsAsync(IVirsh virsh, CancellationToken cancellationToken)
    {
        var lists = await virsh.RunManyAsync([WithoutIds, ["list", "--uuid"]], cancellationToken).ConfigureAwait(false);
        var active = UuidsOutput.Read(lists[1].Take());
        var numbers = await virsh.RunManyAsync([.. active.Select(u => (string[])["domid", u.ToString()])], cancellationToken).ConfigureAwait(false);
        var ids = VirshRefusal.TakeUnlessGone(active, numbers).ToDictionary(
            n => n.Asked,
            n => VirshText.Line(n.Output, "a VM's number") is "-" ? null : (int?)VirshText.Number(n.Output.AsSpan().TrimEnd('\n'), "a VM's number", int.MaxValue));
        return new(ListOutput.ReadWithoutIds(lists[0].Take()).Select(v => v with { Id = ids.GetValueOrDefault(v.Uuid) }), isFilled: true);
    }
}
