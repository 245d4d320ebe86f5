using System.Management.Automation;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// A cmdlet whose work runs on tasks. It never leaves before its work has ended: not at Ctrl+C, not when a command
/// downstream has had enough, not when writing an error ends the pipeline.
/// </summary>
public abstract class CancellableCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Cancels the work; the pipeline thread then waits for its end.</summary>
    protected override void StopProcessing() => _stopping.Cancel();

    /// <summary>Frees what the cmdlet holds.</summary>
    /// <param name="disposing">Whether this is a deliberate disposal.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
        }
    }

    /// <summary>Runs work on a task and writes what it hands over, until it has ended.</summary>
    /// <param name="work">The work.</param>
    private protected void Run(Func<PipelineQueue, CancellationToken, Task> work)
    {
        // A cmdlet that was stopped and disposed of in between has no token to give.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using var queue = new PipelineQueue();
        var task = Task.Run(() => RunToCompletionAsync(work, queue, stopping.Token));
        try
        {
            queue.WriteAllTo(this);
        }
        catch
        {
            // The pipeline is ending (PipelineStoppedException and its kin): first the work has to end.
            stopping.Cancel();
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
            throw;
        }

        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Runs work that has a result and writes nothing.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">The work.</param>
    /// <returns>The result.</returns>
    private protected T Run<T>(Func<CancellationToken, Task<T>> work)
    {
        T result = default!;
        Run(async (_, cancellationToken) => result = await work(cancellationToken).ConfigureAwait(false));
        return result;
    }

    private static async Task RunToCompletionAsync(
        Func<PipelineQueue, CancellationToken, Task> work, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            await work(queue, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            queue.Complete();
        }
    }
}
