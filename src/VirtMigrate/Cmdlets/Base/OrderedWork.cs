using VirtMigrate.Errors;

namespace VirtMigrate.Cmdlets;

/// <summary>Work that runs side by side and is written in the order in which it was asked for.</summary>
internal static class OrderedWork
{
    /// <summary>Hands over each result in order, and ends only when all of the work has.</summary>
    /// <typeparam name="T">A result.</typeparam>
    /// <param name="work">The work, already running.</param>
    /// <param name="write">Takes each result.</param>
    /// <returns>A task that ends with the last of the work.</returns>
    public static async Task WriteAsync<T>(IReadOnlyList<Task<T>> work, Action<T> write)
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

    /// <summary>Writes each result in order, and ends only when all of the work has. What gave none has told why.</summary>
    /// <typeparam name="T">A result.</typeparam>
    /// <param name="work">The work, already running.</param>
    /// <param name="queue">Where to write.</param>
    /// <returns>A task that ends with the last of the work.</returns>
    public static Task WriteAsync<T>(IReadOnlyList<Task<T?>> work, PipelineQueue queue)
        where T : class => WriteAsync(work, result =>
        {
            if (result is not null)
            {
                queue.WriteObject(result);
            }
        });

    /// <summary>Writes what went wrong in some work as an error. Trouble with one VM concerns that VM only.</summary>
    /// <typeparam name="T">A result.</typeparam>
    /// <param name="work">The work.</param>
    /// <param name="target">What it is about.</param>
    /// <param name="queue">Where to write.</param>
    /// <returns>The result; null where there is none.</returns>
    public static async Task<T?> TellErrorAsync<T>(Task<T> work, object target, PipelineQueue queue)
        where T : class
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            queue.WriteError(ErrorRecordFactory.Create(e, target));
            return null;
        }
    }
}
