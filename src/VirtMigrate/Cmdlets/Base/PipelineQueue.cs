using System.Collections.Concurrent;
using System.Management.Automation;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// What tasks want written, handed over to the pipeline thread, which alone may write. Calls may come from any thread;
/// what comes after the work has ended is dropped.
/// </summary>
internal sealed class PipelineQueue : IDisposable
{
    private readonly BlockingCollection<Action<Cmdlet>> _actions = [];

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

    /// <summary>Takes no more; the pipeline thread leaves when it has written what is there.</summary>
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
