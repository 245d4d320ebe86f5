using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The processors that the VM's threads are bound to must be there at the destination, which may have fewer.</summary>
public sealed class CpuPinningCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Cpu;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var bindings = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).CpuBindings;
        if (bindings.Count == 0)
        {
            return NotApplicable("None").Seen(move.Vm.Vm.VmHost.Name, "domain XML, pinning", null);
        }

        var processors = (await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).CpuNumbers;
        DomainBinding[] gone = [.. bindings.Where(b => !b.Numbers.Overlaps(processors))];
        DomainBinding[] partly = [.. bindings.Except(gone).Where(b => !b.Numbers.IsSubsetOf(processors))];

        // Linux takes a set that has one processor that exists; only a cgroup wants all of them.
        var finding = (processors.Count, gone.Length, partly.Length) switch
        {
            (0, _, _) => NotVerified("Unknown"),
            (_, > 0, _) => Failed("Missing", Describe(gone)),
            (_, _, > 0) => Warning("PartlyMissing", Describe(partly)),
            _ => Passed("There"),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, "domain XML, pinning", Describe(bindings))
            .Seen(move.DestinationName, "capabilities, processors", string.Join(", ", processors.Order()));
    }

    private static string Describe(IEnumerable<DomainBinding> bindings) => string.Join("; ", bindings.Select(b => $"{b.Name} to {b.Text}"));
}
