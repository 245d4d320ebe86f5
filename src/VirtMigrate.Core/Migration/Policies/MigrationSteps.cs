using System.Diagnostics;
using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>Does at the source what was decided over a migration, and puts back what a guest that stays had before.</summary>
/// <param name="plan">The migration.</param>
internal sealed class MigrationSteps(MigrationPlan plan)
{
    private static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(10);

    private TimeSpan? _formerMaxDowntime;
    private bool _isTakenOver;

    /// <summary>The standstill that is allowed now, be it by a step or by somebody else.</summary>
    public TimeSpan MaxDowntime { get; private set; } = MigrationLimits.UsualMaxDowntime;

    /// <summary>The moment at which the guest was suspended (Stopwatch.GetTimestamp); null where it was not.</summary>
    public long? SuspendedAt { get; private set; }

    /// <summary>Sets the standstill that is allowed at the begin.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when the host has taken the limit.</returns>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (plan.Limits.MaxDowntime is null && plan.Policy is not { SetsMaxDowntime: true })
        {
            return;
        }

        // QEMU keeps the limit with the guest, so that it is put back where the guest stays.
        var source = await plan.Source.GetAsync(cancellationToken).ConfigureAwait(false);
        _formerMaxDowntime = MaxDowntime = await source.GetMaxDowntimeAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false);
        if (plan.Limits.MaxDowntime is { } limit)
        {
            await source.SetMaxDowntimeAsync(plan.Vm.Uuid, limit, cancellationToken).ConfigureAwait(false);
            MaxDowntime = limit;
        }
    }

    /// <summary>Does what was decided. An abort is the caller's, who knows how to see it through.</summary>
    /// <param name="decision">The decision.</param>
    /// <returns>The decision with what became of it.</returns>
    public async Task<MigrationDecision> DoAsync(MigrationDecision decision)
    {
        if (decision.Status != MigrationDecisionStatus.Done ||
            decision.Action is MigrationAction.Continue or MigrationAction.SetOption or MigrationAction.Abort)
        {
            return decision;
        }

        string error;
        try
        {
            using var patience = new CancellationTokenSource(RequestPatience);
            var source = await plan.Source.GetAsync(patience.Token).ConfigureAwait(false);
            return await RequestAsync(decision, source, patience.Token).ConfigureAwait(false);
        }
        catch (HypervisorException e)
        {
            error = e.Message;
        }
        catch (OperationCanceledException)
        {
            error = $"no answer within {PolicyWording.Seconds(RequestPatience)}";
        }

        return decision with { Status = MigrationDecisionStatus.Refused, Error = error };
    }

    /// <summary>Gives the guest that has stayed its former limit back.</summary>
    /// <returns>A task that ends when the host has taken it, or refused.</returns>
    public async Task RestoreAsync()
    {
        if (_formerMaxDowntime is not { } limit)
        {
            return;
        }

        try
        {
            using var patience = new CancellationTokenSource(RequestPatience);
            var source = await plan.Source.GetAsync(patience.Token).ConfigureAwait(false);
            await source.SetMaxDowntimeAsync(plan.Vm.Uuid, limit, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            // The limit concerns later migrations only, and each of them can set its own.
        }
    }

    private async Task<MigrationDecision> RequestAsync(MigrationDecision decision, IHypervisor source, CancellationToken cancellationToken)
    {
        switch (decision.Action)
        {
            case MigrationAction.SetMaxDowntime:
                return await SetMaxDowntimeAsync(decision, source, cancellationToken).ConfigureAwait(false);
            case MigrationAction.PostCopy:
                await source.StartPostCopyAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false);
                return decision;
            case MigrationAction.Suspend:
                // Set before, since the event of it may come before the answer.
                SuspendedAt = Stopwatch.GetTimestamp();
                await SuspendAsync(source, cancellationToken).ConfigureAwait(false);
                return decision;
            default:
                throw new ArgumentOutOfRangeException(nameof(decision), decision.Action, "Only steps that a host takes are requested.");
        }
    }

    // A limit that somebody set meanwhile (Set-VmMigrationJob, virsh) is as good as one that was given.
    private async Task<MigrationDecision> SetMaxDowntimeAsync(MigrationDecision decision, IHypervisor source, CancellationToken cancellationToken)
    {
        var present = await source.GetMaxDowntimeAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false);
        if (_isTakenOver || present != MaxDowntime)
        {
            (_isTakenOver, MaxDowntime) = (true, present);
            return decision with
            {
                Status = MigrationDecisionStatus.Skipped,
                Reason = $"{decision.Reason}, but somebody set {PolicyWording.Milliseconds(present)} meanwhile, and that stays",
            };
        }

        var limit = decision.MaxDowntime ?? MigrationLimits.UsualMaxDowntime;
        await source.SetMaxDowntimeAsync(plan.Vm.Uuid, limit, cancellationToken).ConfigureAwait(false);
        MaxDowntime = limit;
        return decision;
    }

    private async Task SuspendAsync(IHypervisor source, CancellationToken cancellationToken)
    {
        try
        {
            await source.SuspendVmAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            SuspendedAt = null;
            throw;
        }
    }
}
