using System.Management.Automation.Runspaces;

namespace VirtMigrate.Shell;

/// <summary>One thing that a signal ends; disposed when it has ended.</summary>
internal sealed class InterruptionScope(Pipeline? pipeline, Action ended) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private int _presses;

    public CancellationToken Token => _cancellation.Token;

    /// <summary>Asks for the end, once, and does not wait for it; tells how often it was asked for.</summary>
    public int Interrupt()
    {
        if (++_presses == 1)
        {
            _cancellation.Cancel();
            pipeline?.StopAsync();
        }

        return _presses;
    }

    public void Dispose()
    {
        ended();
        _cancellation.Dispose();
    }
}
