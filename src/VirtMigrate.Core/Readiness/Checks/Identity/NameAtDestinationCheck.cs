using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The name that the VM is to have must not be another VM's at the destination.</summary>
public sealed class NameAtDestinationCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var (vm, name) = (move.Vm.Vm, move.NameAtDestination);
        var namesake = (await move.Destination.ListVmsAsync().ConfigureAwait(false))
            .FirstOrDefault(v => v.Uuid != vm.Uuid && string.Equals(v.Name, name, StringComparison.Ordinal));
        var before = move.Ahead.FirstOrDefault(v => v.Vm.Uuid != vm.Uuid && string.Equals(v.Vm.Name, name, StringComparison.Ordinal));
        var finding = (namesake, before) switch
        {
            ({ } other, _) => Failed("Taken", name, other.Uuid),
            (null, { } first) => Failed("TakenBefore", name, first.Vm.Uuid, first.Vm.VmHost.Name),
            _ => Passed("Free", name),
        };
        return finding.Seen(move.DestinationName, $"VM '{name}'", namesake is null ? "none but this one" : $"{namesake.Uuid}, {namesake.Status}");
    }
}
