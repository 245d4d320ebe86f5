using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The VM must not be active at the destination already. A definition of it there is what an earlier move left behind: libvirt puts the
/// arriving one in its place, where both have the same name.
/// </summary>
public sealed class UuidAtDestinationCheck : ReadinessCheck
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
        var same = (await move.Destination.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == vm.Uuid);
        var finding = same switch
        {
            null => Passed("Free"),
            _ when !string.Equals(same.Name, name, StringComparison.Ordinal) => Failed("OtherName", new CommandWord(same.Name), same.Uuid, name),
            { Status.IsActive: true } => Failed("Active", same.Name, same.Status),
            _ => Warning("LeftOver", same.Name, same.Status),
        };
        return finding.Seen(move.DestinationName, $"VM {vm.Uuid}", same is null ? "not there" : $"'{same.Name}', {same.Status}");
    }
}
