using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The NUMA cells that the VM's memory is bound to must be there at the destination.</summary>
public sealed class NumaPinningCheck : ReadinessCheck
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

        var bindings = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).MemoryBindings;
        if (bindings.Count == 0)
        {
            return NotApplicable("None").Seen(move.Vm.Vm.VmHost.Name, "domain XML, numatune", null);
        }

        // Libvirt asks for every cell of the set, in all modes.
        var cells = (await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).CellNumbers;
        int[] missing = [.. bindings.SelectMany(b => b.Numbers).Except(cells).Order()];
        var finding = (cells.Count, missing.Length) switch
        {
            (0, _) => NotVerified("Unknown"),
            (_, > 0) => Failed("Missing", string.Join(", ", missing), missing[0]),
            _ => Passed("There"),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, "domain XML, numatune", string.Join("; ", bindings.Select(b => $"{b.Name} to {b.Text}")))
            .Seen(move.DestinationName, "capabilities, NUMA cells", string.Join(", ", cells.Order()));
    }
}
