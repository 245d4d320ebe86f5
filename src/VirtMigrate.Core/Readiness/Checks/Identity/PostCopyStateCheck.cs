using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A VM whose post-copy migration broke is two halves on two hosts. It goes on by being resumed, never by being migrated anew.</summary>
public sealed class PostCopyStateCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var here = move.Vm.Vm;
        var finding = here.Status.IsPostCopyHalf ? Failed("Half", here.VmHost.Name, here.Status) : null;
        VmStatus? there = null;
        if (finding is null)
        {
            there = (await move.Destination.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == here.Uuid)?.Status;
            finding = there is { IsPostCopyHalf: true } half ? Failed("Half", move.DestinationName, half) : Passed("Whole");
        }

        return finding
            .Seen(here.VmHost.Name, "state", here.Status)
            .Seen(move.DestinationName, "state", there?.ToString() ?? (here.Status.IsPostCopyHalf ? "not asked" : "not there"));
    }
}
