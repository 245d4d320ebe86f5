namespace VirtMigrate.Hypervisor;

/// <summary>Asks all QEMUs of a host at once, which one that does not answer its monitor holds up for all.</summary>
internal static class MonitorPatience
{
    /// <summary>Reads something of all VMs; without asking their QEMUs where that takes too long.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="read">Reads it; is told whether QEMUs may be asked.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What was read.</returns>
    public static async Task<T> ReadAsync<T>(Func<bool, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(HostDeadlines.Monitors);
        try
        {
            return await read(true, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await read(false, cancellationToken).ConfigureAwait(false);
        }
    }
}
