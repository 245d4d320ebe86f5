using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Memory modules come to the destination at the slots and addresses that they have here, so each must have one.</summary>
public sealed class DimmAddressesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var definition = await move.Vm.GetDefinitionAsync().ConfigureAwait(false);
        if (definition.DimmCount == 0)
        {
            return NotApplicable("None");
        }

        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        return (definition.UnplacedDimmCount == 0 ? Passed("Placed", definition.DimmCount) : Failed("Unplaced", definition.UnplacedDimmCount))
            .Seen(move.Vm.Vm.VmHost.Name, "domain XML, memory modules", $"{definition.DimmCount}, of which {definition.UnplacedDimmCount} without an address");
    }
}
