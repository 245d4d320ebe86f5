using System.Collections.Concurrent;
using System.Management.Automation;
using VirtMigrate.Errors;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// What tasks want written, handed over to the pipeline thread, which alone may write. Calls may come from any thread;
/// what comes after the work has ended is dropped.
/// </summary>
internal sealed class PipelineQueue : IDisposable
{
    private readonly BlockingCollection<Action<Cmdlet>> _actions = [];

    /// <summary>Hands over each result of work that runs side by side, in the order in which it was asked for; ends only when all of it has.</summary>
    /// <typeparam name="T">A result.</typeparam>
    /// <param name="work">The work, already running.</param>
    /// <param name="write">Takes each result.</param>
    /// <returns>A task that ends with the last of the work.</returns>
    public static async Task InOrderAsync<T>(IReadOnlyList<Task<T>> work, Action<T> write)
    {
        try
        {
            foreach (var task in work)
            {
                write(await task.ConfigureAwait(false));
            }
        }
        finally
        {
            // Where one was cancelled, the others are about to end as well; none is left behind.
            await Task.WhenAll(work.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Hands over an object.</summary>
    /// <param name="value">The object; a list is written as its items.</param>
    public void WriteObject(object value) => Post(c => c.WriteObject(value, enumerateCollection: true));

    /// <summary>Hands over an error that does not end the command.</summary>
    /// <param name="error">The error.</param>
    public void WriteError(ErrorRecord error) => Post(c => c.WriteError(error));

    /// <summary>Hands over a step of progress.</summary>
    /// <param name="record">The step.</param>
    public void WriteProgress(ProgressRecord record) => Post(c => c.WriteProgress(record));

    /// <summary>Hands over a verbose message.</summary>
    /// <param name="text">The message.</param>
    public void WriteVerbose(string text) => Post(c => c.WriteVerbose(text));

    /// <summary>Hands over a warning.</summary>
    /// <param name="text">The warning.</param>
    public void WriteWarning(string text) => Post(c => c.WriteWarning(text));

    /// <summary>Hands over an information record.</summary>
    /// <param name="record">The record.</param>
    public void WriteInformation(InformationRecord record) => Post(c => c.WriteInformation(record));

    /// <summary>Hands over the result of work that concerns one VM, or else what went wrong with it.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">The work.</param>
    /// <param name="target">What it is about.</param>
    /// <returns>A task that ends with the work.</returns>
    public async Task WriteAsync<T>(Task<T> work, object target)
        where T : class
    {
        if (await TryAsync(work, target).ConfigureAwait(false) is { } result)
        {
            WriteObject(result);
        }
    }

    /// <summary>Waits for work, and hands over what went wrong with it as an error. Trouble with one VM concerns that VM only.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">The work.</param>
    /// <param name="target">What it is about.</param>
    /// <returns>The result; null where there is none.</returns>
    public async Task<T?> TryAsync<T>(Task<T> work, object target)
        where T : class
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            WriteError(ErrorRecordFactory.Create(e, target));
            return null;
        }
    }

    /// <summary>Hands over what <see cref="TryAsync"/> gives of work that runs side by side, in the order in which it was asked for.</summary>
    /// <typeparam name="T">A result.</typeparam>
    /// <param name="work">The work, already running.</param>
    /// <returns>A task that ends with the last of the work.</returns>
    public Task WriteInOrderAsync<T>(IReadOnlyList<Task<T?>> work)
        where T : class => InOrderAsync(work, result =>
        {
            if (result is not null)
            {
                WriteObject(result);
            }
        });

    /// <summary>Takes no more; the pipeline thread leaves when it has written what is queued.</summary>
    public void Complete() => _actions.CompleteAdding();

    /// <summary>Writes, on the calling thread, what comes until <see cref="Complete"/>.</summary>
    /// <param name="cmdlet">The cmdlet to write with.</param>
    public void WriteAllTo(Cmdlet cmdlet)
    {
        foreach (var action in _actions.GetConsumingEnumerable())
        {
            action(cmdlet);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _actions.Dispose();

    private void Post(Action<Cmdlet> action)
    {
        try
        {
            _actions.Add(action);
        }
        catch (InvalidOperationException)
        {
            // Completed or disposed: nobody reads any more.
        }
    }
}
