using System.Collections.Concurrent;
using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using VirtMigrate.Progress;
using VirtMigrate.Readiness;

namespace VirtMigrate.Cmdlets;

/// <summary>Runs migrations side by side and hands over each result as soon as it is there.</summary>
/// <param name="registry">The session's migrations.</param>
/// <param name="throttleLimit">How many run at once.</param>
/// <param name="gate">Checks each VM before it begins.</param>
/// <param name="stopsAtError">
/// Whether an error ends the command (-ErrorAction Stop). Then no other VM begins; those that move already come to their end first, since
/// nothing healthy is aborted because another VM failed.
/// </param>
/// <param name="warn">Takes what must be said while the pipeline stops and nothing can be written to it; called from any thread.</param>
internal sealed class MigrationBatch(MigrationRegistry registry, int throttleLimit, ReadinessGate gate, bool stopsAtError, Action<string> warn)
{
    private readonly ConcurrentQueue<MigrationReport> _unsaid = [];
    private readonly ConcurrentQueue<ErrorRecord> _held = [];

    /// <summary>What a pipeline that stops does not say: failures, and whatever ended after the stop, such as a post-copy that can't be taken back.</summary>
    public IReadOnlyCollection<MigrationReport> Unsaid => _unsaid;

    /// <summary>Runs the migrations.</summary>
    /// <param name="requests">The migrations.</param>
    /// <param name="output">Takes results, errors and progress.</param>
    /// <param name="cancellationToken">Aborts those that run and drops those that wait.</param>
    /// <returns>A task that ends with the last of them.</returns>
    public async Task RunAsync(IReadOnlyList<MigrationRequest> requests, PipelineQueue output, CancellationToken cancellationToken)
    {
        var queue = new MigrationQueue(registry, throttleLimit, gate.EnterAsync);
        var parent = requests.Count > 1 ? new BatchProgressWriter(requests.Count, output.WriteProgress) : null;
        using var failed = new CancellationTokenSource();
        await Task.WhenAll(requests.Select(r => RunAsync(r, queue, parent, output, failed, cancellationToken))).ConfigureAwait(false);
        foreach (var error in _held)
        {
            output.WriteError(error);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (registry.IsEnding)
        {
            throw new PipelineStoppedException();
        }
    }

    private async Task RunAsync(MigrationRequest request, MigrationQueue queue, BatchProgressWriter? parent, PipelineQueue output,
        CancellationTokenSource failed, CancellationToken cancellationToken)
    {
        try
        {
            var report = await MoveAsync(request, queue, parent, output, failed.Token, cancellationToken).ConfigureAwait(false);
            if (report.Failure is not null || cancellationToken.IsCancellationRequested)
            {
                _unsaid.Enqueue(report);
            }

            foreach (var warning in report.Result.Warnings)
            {
                output.WriteWarning(warning);
            }

            output.WriteObject(report.Result);
            if (report.Failure is { } failure)
            {
                WriteError(ErrorRecordFactory.Create(failure, request.Vm), output, failed);
            }
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            WriteError(ErrorRecordFactory.Create(e, request.Vm), output, failed);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || failed.IsCancellationRequested || registry.IsEnding)
        {
            // It had not begun.
        }
    }

    private void WriteError(ErrorRecord error, PipelineQueue output, CancellationTokenSource failed)
    {
        if (!stopsAtError)
        {
            output.WriteError(error);
            return;
        }

        _held.Enqueue(error);
        failed.Cancel();
    }

    private async Task<MigrationReport> MoveAsync(
        MigrationRequest request, MigrationQueue queue, BatchProgressWriter? parent, PipelineQueue output, CancellationToken begin,
        CancellationToken cancellationToken)
    {
        // The bar goes before the result is written over it.
        using var progress = new MigrationProgressWriter(MigrationProgressWriter.Describe(request), parent, output.WriteProgress);
        var listener = new DecisionWriter(progress, Say, output.WriteInformation);
        return await queue.RunAsync(request, listener, cancellationToken, begin).ConfigureAwait(false);

        void Say(string text)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                warn(text);
            }
            else
            {
                output.WriteVerbose(text);
            }
        }
    }
}
