using System.Collections.Concurrent;
using VirtMigrate.Libvirt;

namespace VirtMigrate.Tests.Transports;

/// <summary>A connection that notes how it is used.</summary>
internal sealed class FakeConnection : IPooledConnection
{
    private int _users;

    /// <summary>Whether the connection stands.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>Whether it was closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The thread that closed it.</summary>
    public int ClosedBy { get; private set; }

    /// <summary>What nobody may do.</summary>
    public ConcurrentQueue<string> Offences { get; } = new();

    /// <inheritdoc/>
    public void Enter(NativeCall call)
    {
        if (IsClosed)
        {
            Offences.Enqueue("used after it was closed");
        }
    }

    /// <summary>Is called.</summary>
    /// <param name="work">What the call does.</param>
    /// <returns>The calling thread.</returns>
    public int Call(Action work)
    {
        if (Interlocked.Increment(ref _users) > 1)
        {
            Offences.Enqueue("used by two at once");
        }

        work();
        Interlocked.Decrement(ref _users);
        return Environment.CurrentManagedThreadId;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Volatile.Read(ref _users) > 0)
        {
            Offences.Enqueue("closed while it was used");
        }

        if (IsClosed)
        {
            Offences.Enqueue("closed twice");
        }

        IsClosed = true;
        ClosedBy = Environment.CurrentManagedThreadId;
    }
}
