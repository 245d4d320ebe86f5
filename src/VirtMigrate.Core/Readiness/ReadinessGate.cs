using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// Lets those VMs of a batch begin that the quick checks find nothing against. A VM that comes with a report is checked for what can have
/// changed since, and for what the report had against it.
/// </summary>
/// <param name="connections">The session's hosts, each of which may have one of the VMs.</param>
/// <param name="skip">The ids of checks to leave out, or <see cref="ReadinessSelection.All"/>.</param>
internal sealed class ReadinessGate(HostConnections connections, IReadOnlyCollection<string> skip)
{
    private readonly ReadinessSelection _selection = new() { QuickOnly = true, Skip = skip };
    private readonly HostCache _cache = new(connections);
    private readonly List<MigrationRequest> _underWay = [];
    private readonly List<MigrationRequest> _counted = [];

    /// <summary>Checks a VM whose turn has come.</summary>
    /// <param name="request">The migration.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>To be told how the migration ended, so that its share of the destination is free again where it failed.</returns>
    /// <exception cref="VmNotReadyException">Something stands in the way.</exception>
    public async Task<ReadinessAdmission> EnterAsync(MigrationRequest request, CancellationToken cancellationToken)
    {
        var ahead = Join(request);
        try
        {
            var readiness = await CheckAsync(request, ahead, check => IsWanted(check, request.Readiness), cancellationToken).ConfigureAwait(false);
            return new(this, request, readiness);
        }
        catch
        {
            Leave(request, hasArrived: false);
            throw;
        }
    }

    /// <summary>Makes the checks that protect data, and no others, for a migration that is only thought of (-WhatIf).</summary>
    /// <param name="request">The migration.</param>
    /// <param name="ahead">Those that would go before it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="VmNotReadyException">Data would be lost.</exception>
    public async Task<VmMigrationReadiness> RefuseLossAsync(
        MigrationRequest request, IReadOnlyList<MigrationRequest> ahead, CancellationToken cancellationToken)
    {
        // As in earnest, the VM is checked as it is now.
        var vm = await request.Source.ReadAsync(h => h.FindVmAsync(request.Vm.Uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
        MigrationRequest[] before = [.. ahead.Where(r => r.Destination == request.Destination)];
        return await CheckAsync(request with { Vm = vm ?? request.Vm }, before, check => check.ProtectsData, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a migration out that has ended.</summary>
    /// <param name="request">The migration.</param>
    /// <param name="hasArrived">Whether it keeps its share of the destination.</param>
    internal void Leave(MigrationRequest request, bool hasArrived)
    {
        lock (_underWay)
        {
            _underWay.Remove(request);
            if (!hasArrived)
            {
                _counted.Remove(request);
            }
        }
    }

    // What is free at a destination is read when nothing is under way to it. From then on each VM that begins is counted against
    // that figure, since those under way have taken only a part of what they will.
    private MigrationRequest[] Join(MigrationRequest request)
    {
        lock (_underWay)
        {
            if (!_underWay.Exists(r => r.Destination == request.Destination))
            {
                _counted.RemoveAll(r => r.Destination == request.Destination);
            }

            MigrationRequest[] ahead = [.. _counted.Where(r => r.Destination == request.Destination)];
            _underWay.Add(request);
            _counted.Add(request);
            return ahead;
        }
    }

    private async Task<VmMigrationReadiness> CheckAsync(
        MigrationRequest request, MigrationRequest[] ahead, Func<ReadinessCheck, bool> isWanted, CancellationToken cancellationToken)
    {
        var run = new ReadinessRun(_selection, _cache, cancellationToken);
        var readiness = await run.CheckAsync(request, ahead, isWanted).ConfigureAwait(false);
        return readiness.IsReady ? readiness : throw new VmNotReadyException(readiness);
    }

    private bool IsWanted(ReadinessCheck check, VmMigrationReadiness? report)
    {
        if (check.ProtectsData || check.IsSkipped(_selection))
        {
            return check.ProtectsData;
        }

        var known = report?.Checks.FirstOrDefault(c => string.Equals(c.Id, check.Id, StringComparison.Ordinal));
        return known is null ? check.IsQuick : known.Status == ReadinessStatus.Failed || (check.IsQuick && check.CanChange);
    }
}

/// <summary>The admission of one VM that the checks let begin; given back when its migration has ended.</summary>
/// <param name="gate">The gate that gave it.</param>
/// <param name="request">The migration.</param>
/// <param name="readiness">What was found before it began.</param>
internal sealed class ReadinessAdmission(ReadinessGate gate, MigrationRequest request, VmMigrationReadiness readiness) : IDisposable
{
    /// <summary>
    /// What has to be said with the result: what the checks that protect data found, and checks that broke.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; } =
    [
        .. readiness.Checks.Where(c => c is { ProtectsData: true, Status: ReadinessStatus.Warning }).Select(c => c.Message),
        .. readiness.Checks.Where(c => c.Defect is not null).Select(c => c.ToString()),
    ];

    /// <summary>Whether the VM has arrived, and keeps what it takes of the destination.</summary>
    public bool HasArrived { get; set; }

    /// <summary>Gives it back.</summary>
    public void Dispose() => gate.Leave(request, HasArrived);
}

/// <summary>The checks before a migration found something that stands in its way; nothing has moved.</summary>
/// <param name="readiness">What was found.</param>
public sealed class VmNotReadyException(VmMigrationReadiness readiness)
    : MigrationException(readiness.Obstacles.Any(o => o.ProtectsData) ? RequestFailures.DataAtRisk : RequestFailures.NotReady, new()
    {
        Vm = readiness.Vm,
        Host = readiness.Source.Name,
        HostUri = readiness.Source.Uri,
        Destination = readiness.Destination.Name,
        DestinationUri = readiness.Destination.Uri,
        Said = $"'{readiness.Vm}' can't be migrated to '{readiness.Destination.Name}': " +
            string.Join(' ', readiness.Obstacles.Select(c => $"{c.Id}: {c.Message}")),
        Obstacles = [.. readiness.Obstacles.Select(o => o.Id)],
        Recommendations = string.Join(' ', readiness.Obstacles.Select(o => o.Recommendation).OfType<string>()),
    })
{
    /// <summary>What was found.</summary>
    public VmMigrationReadiness Readiness { get; } = readiness;
}
