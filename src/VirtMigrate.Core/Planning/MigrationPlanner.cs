using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Planning;

/// <summary>Asks both hosts whether a migration may begin, and settles its options.</summary>
internal static class MigrationPlanner
{
    /// <summary>Makes a plan of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MigrationException">The migration can't be made as asked.</exception>
    /// <exception cref="HypervisorException">A host can't be asked.</exception>
    public static async Task<MigrationPlan> PlanAsync(MigrationRequest request, CancellationToken cancellationToken)
    {
        var opening = request.Destination.GetAsync(cancellationToken);
        var source = await request.Source.GetAsync(cancellationToken).ConfigureAwait(false);
        var destination = await opening.ConfigureAwait(false);
        if (source.Host.SharedWith(destination.Host) is { } shared)
        {
            throw RequestFailures.SameHost(request.Vm.Name, source.Host, destination.Host, shared);
        }

        // A VM on its way has a half on the destination already; its source tells that it is on its way.
        var vm = await source.FindVmAsync(request.Vm.Uuid, cancellationToken).ConfigureAwait(false)
            ?? throw VmFailures.IsGone(request.Vm.Name, source.Host.Name);
        await RefuseBusyAsync(vm, source, cancellationToken).ConfigureAwait(false);
        var effective = Settle(new(request.Options, request.Policy), vm, source.Host, destination.Host);
        var name = effective.Options.Text(MigrationOptions.NewName) ?? vm.Name;
        var leftover = await RefuseObstaclesAsync(vm, name, destination, cancellationToken).ConfigureAwait(false);
        return new(vm, request.Source, request.Destination, source.Host, destination.Host, effective.Options)
        {
            Leftover = leftover,
            Policy = request.Policy,
            Estimate = request.Estimate,
            GivenMaxDowntime = request.Options.Limits.MaxDowntime,
            Decisions = effective.Decisions,
        };
    }

    /// <summary>Settles policy and options of one VM's migration and holds them to the table and to both hosts' versions.</summary>
    /// <param name="given">What was given.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="source">The host that it leaves.</param>
    /// <param name="destination">The host that it goes to.</param>
    /// <returns>What is in effect.</returns>
    /// <exception cref="MigrationException">
    /// The VM is not in a state for what was asked. The options don't fit together. A host is too old for one of them.
    /// </exception>
    public static EffectiveOptions Settle(MigrationSettings given, Vm vm, VmHost source, VmHost destination)
    {
        var effective = EffectiveOptions.Of(given.Policy, EffectiveOptions.ForVm(given.Options, vm), source, destination);
        if (effective.Options.Validate() is { Count: > 0 } problems)
        {
            throw RequestFailures.Invalid(vm.Name, problems);
        }

        return MigrationOptionRules.CheckVersions(effective.Options, source, destination) is { Count: > 0 } unsupported
            ? throw RequestFailures.Unsupported(vm.Name, unsupported)
            : effective;
    }

    // The same VM shut off is what an earlier move left behind; libvirt checks and replaces such a definition itself.
    private static async Task<Vm?> RefuseObstaclesAsync(Vm vm, string name, IHypervisor destination, CancellationToken cancellationToken)
    {
        var same = await destination.FindVmAsync(vm.Uuid, cancellationToken).ConfigureAwait(false);
        RefuseBrokenPostCopy(same);
        if (same is { Status.IsActive: true })
        {
            throw VmFailures.IsOnDestination(vm, same);
        }

        if (same is null && await destination.FindVmAsync(name, cancellationToken).ConfigureAwait(false) is { } namesake)
        {
            throw VmFailures.IsOnDestination(vm, namesake);
        }

        return same;
    }

    private static async Task RefuseBusyAsync(Vm vm, IHypervisor source, CancellationToken cancellationToken)
    {
        if (!vm.Status.IsActive)
        {
            return;
        }

        RefuseBrokenPostCopy(vm);
        var job = (await source.GetJobAsync(vm.Uuid, cancellationToken).ConfigureAwait(false)).Statistics;
        if (job is { IsMigration: true })
        {
            throw VmFailures.IsMigrating(vm.Name, source.Host.Name);
        }

        if (job is not null)
        {
            throw VmFailures.IsBusy(vm.Name, job.Operation);
        }
    }

    // Whatever begins with one half loses the other; the way out is to resume.
    private static void RefuseBrokenPostCopy(Vm? vm)
    {
        if (vm is { Status.IsPostCopyFailed: true })
        {
            throw OutcomeFailures.IsBroken(vm.Name);
        }
    }
}
