namespace VirtMigrate.LabSupport;

/// <summary>
/// Something that was changed and is taken back when disposed, or at once when the change fails half-way: hosts are shared by all tests, and
/// what one leaves there breaks the others.
/// </summary>
public sealed class Change : IAsyncDisposable
{
    private readonly Func<Task>[] _undo;

    private Change(Func<Task>[] undo) => _undo = undo;

    /// <summary>Changes something.</summary>
    /// <param name="change">The change.</param>
    /// <param name="undo">The steps that take it back: all are run, from whatever state, also when one of them fails.</param>
    /// <returns>Takes the change back.</returns>
    /// <exception cref="LabException">The change failed, and so did a step that took it back, which may have had nothing to take back.</exception>
    public static async Task<IAsyncDisposable> MakeAsync(Func<Task> change, params Func<Task>[] undo)
    {
        ArgumentNullException.ThrowIfNull(change);
        var made = new Change(undo);
        try
        {
            await change();
        }
        catch (Exception failure)
        {
            try
            {
                await made.DisposeAsync();
            }
            catch (Exception e)
            {
                throw new LabException($"{failure.Message}\nAfterwards, taking back what was changed: {e.Message}", failure);
            }

            throw;
        }

        return made;
    }

    /// <inheritdoc/>
    /// <exception cref="AggregateException">Some steps failed.</exception>
    public async ValueTask DisposeAsync()
    {
        var failures = new List<Exception>();
        foreach (var step in _undo)
        {
            try
            {
                await step();
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }
}
