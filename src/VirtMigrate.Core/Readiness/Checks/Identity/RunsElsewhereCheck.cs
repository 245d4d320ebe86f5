using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Migration;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// What a VM that is shut off leaves behind where it moved away looks like a VM that is shut off. Where the VM is active on another host
/// that the session is connected to, its leftover must not be moved: it would take the place of the VM's own definition somewhere.
/// </summary>
public sealed class RunsElsewhereCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override bool ProtectsData => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (VmRunsElsewhereException.IsActive(move.Vm.Vm))
        {
            return NotApplicable("Here");
        }

        var vm = move.Vm.Vm.Uuid;
        var looking = move.OtherHosts.OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => LookAsync(h.Key, h.Value, vm));
        var looks = await Task.WhenAll(looking).ConfigureAwait(false);
        var active = looks.Select(l => l.Vm).FirstOrDefault(v => v is not null && VmRunsElsewhereException.IsActive(v));
        var finding = active is null ? Miss(move, looks) : Tell(move, active);
        return looks.Aggregate(finding, (all, l) => all.Seen(l.Host, "state", l.Trouble ?? l.Vm?.Status.ToString() ?? "not there"));
    }

    private static ReadinessFinding Tell(ReadinessMove move, Vm active) =>
        string.Equals(active.VmHost.Name, move.DestinationName, StringComparison.OrdinalIgnoreCase)
            ? Failed("There", active.VmHost.Name, active.Status, new CommandWord(active.VmHost.Uri), active.Uuid)
            : Failed("Active", active.VmHost.Name, active.Status, new CommandWord(active.VmHost.Uri), active.Uuid, new CommandWord(active.Name));

    // A host that is down must not keep the VMs of all others where they are, unless that was asked for.
    private static ReadinessFinding Miss(ReadinessMove move, (string Host, Vm? Vm, string? Trouble)[] looks)
    {
        var unasked = looks.Where(l => l.Trouble is not null).ToArray();
        var names = string.Join(", ", unasked.Select(l => $"'{l.Host}'"));
        return (unasked, move.Selection.IsStrict) switch
        {
            ([], _) => Passed("Nowhere", looks.Length),
            (_, true) => NotVerified("Unasked", names, unasked[0].Trouble),
            _ => Warning("Unasked", names, unasked[0].Trouble),
        };
    }

    private static async Task<(string Host, Vm? Vm, string? Trouble)> LookAsync(string name, HostFacts host, Guid vm)
    {
        try
        {
            return (name, (await host.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == vm), null);
        }
        catch (HypervisorException e)
        {
            return (name, null, e.Message);
        }
    }
}
