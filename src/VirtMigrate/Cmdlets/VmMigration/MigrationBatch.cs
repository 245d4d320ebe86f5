using System.Collections.Concurrent;
using VirtMigrate.Errors;
using VirtMigrate.Migration;
using VirtMigrate.Progress;

namespace VirtMigrate.Cmdlets;

/// <summary>Runs migrations side by side and hands over each result as soon as it is there.</summary>
/// <param name="registry">The session's migrations.</param>
/// <param name="throttleLimit">How many run at once.</param>
internal sealed class MigrationBatch(MigrationRegistry registry, int throttleLimit)
{
    private readonly ConcurrentQueue<MigrationReport> _reports = [];

    /// <summary>What has ended so far.</summary>
    public IReadOnlyCollection<MigrationReport> Reports => _reports;

    /// <summary>Runs the migrations.</summary>
    /// <param name="requests">The migrations.</param>
    /// <param name="output">Takes results, errors and progress.</param>
    /// <param name="cancellationToken">Aborts those that run and drops those that wait.</param>
    /// <returns>A task that ends with the last of them.</returns>
    public async Task RunAsync(IReadOnlyList<MigrationRequest> requests, PipelineQueue output, CancellationToken cancellationToken)
    {
        using var turns = new MigrationQueue(registry, throttleLimit);
        var parent = requests.Count > 1 ? new BatchProgressWriter(requests.Count, output.WriteProgress) : null;
        await Task.WhenAll(requests.Select(r => RunAsync(r, turns, parent, output, cancellationToken))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task RunAsync(
        MigrationRequest request, MigrationQueue turns, BatchProgressWriter? parent, PipelineQueue output, CancellationToken cancellationToken)
    {
        try
        {
            var report = await RunAsync(request, turns, new MigrationProgressWriter(MigrationActivity.Of(request), parent, output.WriteProgress),
                cancellationToken).ConfigureAwait(false);
            _reports.Enqueue(report);
            output.WriteObject(report.Result);
            if (report.Failure is { } failure)
            {
                output.WriteError(ErrorRecordFactory.Create(failure, request.Vm));
            }
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            output.WriteError(ErrorRecordFactory.Create(e, request.Vm));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It had not begun.
        }
    }

    private static async Task<MigrationReport> RunAsync(
        MigrationRequest request, MigrationQueue turns, MigrationProgressWriter progress, CancellationToken cancellationToken)
    {
        // The bar goes before the result is written over it.
        using (progress)
        {
            return await turns.RunAsync(request, progress, cancellationToken).ConfigureAwait(false);
        }
    }
}
