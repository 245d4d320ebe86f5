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
}
