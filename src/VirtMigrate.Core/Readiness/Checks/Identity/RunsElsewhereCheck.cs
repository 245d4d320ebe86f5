using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// What a VM that is shut off leaves behind where it moved away looks like a VM that is shut off. Where the VM is active on another host
/// that the session is connected to, its leftover must not be moved: it would take the place of the VM's own definition somewhere.
/// </summary>
internal sealed class RunsElsewhereCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject =>
        "A VM that is shut off here is not active on another connected host: then this would be only a definition that it left behind.";
    public override bool CanChange => true;
    public override bool ProtectsData => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (context.Vm.Vm.IsActive)
        {
            return NotApplicable($"The VM is active on '{context.SourceName}' itself.");
        }

        var vm = context.Vm.Vm.Uuid;
        var looking = context.OtherHosts.OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => LookAsync(h.Key, h.Value, vm));
        var looks = await Task.WhenAll(looking).ConfigureAwait(false);
        var active = looks.Select(l => l.Vm).FirstOrDefault(v => v is not null && v.IsActive);
        var finding = active is null ? Miss(context, looks) : Tell(context, active);
        return looks.Aggregate(finding, (all, l) => all.Seen(l.Host, "state", l.Trouble ?? l.Vm?.Status.ToString() ?? "not there"));
    }

    private static Finding Tell(CheckContext context, Vm active)
    {
        var (uri, name) = (new CommandWord(active.VmHost.Uri), new CommandWord(active.Name));
        FindingText tidy = $"To remove the leftover, check that the VM is active on '{active.VmHost.Name}': virsh -c {uri} domstate {active.Uuid}. " +
            $"Check that the leftover holds no changes that you need: virsh -c {context.SourceUri} dumpxml {active.Uuid} --inactive. Then remove " +
            $"it from '{context.SourceName}': virsh -c {context.SourceUri} undefine {active.Uuid} --keep-nvram (and --keep-tpm, where the hosts " +
            $"share the state of its TPM)";
        return string.Equals(active.VmHost.Name, context.DestinationName, StringComparison.OrdinalIgnoreCase)
            ? Failed(
                $"What '{context.SourceName}' has of the VM is a leftover: the VM is already {active.Status} on the destination '{active.VmHost.Name}'.",
                advice: $"There is nothing to move. {tidy}")
            : Failed(
                $"What '{context.SourceName}' has of the VM is a leftover: the VM is {active.Status} on '{active.VmHost.Name}'.",
                advice: $"Move it from there: Start-VmMigration {name} -VmHost {uri} -Destination {context.DestinationUri}. {tidy}");
    }

    // A host that is down must not keep the VMs of all others where they are, unless that was asked for.
    private static Finding Miss(CheckContext context, (string Host, Vm? Vm, string? Trouble)[] looks)
    {
        var unasked = looks.Where(l => l.Trouble is not null).ToArray();
        var names = string.Join(", ", unasked.Select(l => $"'{l.Host}'"));
        if (unasked.Length == 0)
        {
            return Passed($"The VM is not active on any other connected host ({looks.Length}).");
        }

        var finding = NotVerified(
            $"{names} could not be asked whether the VM is active there: {unasked[0].Trouble}",
            advice: $"Before you move its definition, make sure that it is not: virsh -c <host> list --all");
        return context.Selection.IsStrict ? finding : finding with { Status = ReadinessStatus.Warning };
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
