using VirtMigrate.Hypervisor;

namespace VirtMigrate.Migration;

/// <summary>
/// The calls that ask libvirt to resume a migration, one at a time. A call may hang for as long as a QEMU does; it is then left
/// behind on its thread and its connections, which nothing else uses.
/// </summary>
/// <param name="request">The migration.</param>
internal sealed class ResumeCall(PostCopyResumeRequest request)
{
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromSeconds(2);

    private Task? _call;
    private long _next;

    /// <summary>Whether a call is under way.</summary>
    public bool IsPending => _call is { IsCompleted: false };

    /// <summary>Why the last call failed; null where none has.</summary>
    public HypervisorException? Failure { get; private set; }

    /// <summary>Asks again, unless a call is under way or the last one has only just failed.</summary>
    /// <param name="cancellationToken">Gives up reaching the hosts; never a call.</param>
    /// <returns>A task that ends when the call has begun.</returns>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        if (IsPending || Environment.TickCount64 < _next)
        {
            return;
        }

        _next = Environment.TickCount64 + (long)BetweenCalls.TotalMilliseconds;
        try
        {
            var source = await request.Source.GetAsync(cancellationToken).ConfigureAwait(false);
            var destination = await request.Destination.GetAsync(cancellationToken).ConfigureAwait(false);
            _call = KeepFailureAsync(source.MigrateAsync(request.Uuid, destination, request.Options, CancellationToken.None));
        }
        catch (HypervisorException e)
        {
            Failure = e;
        }
    }

    /// <summary>Waits for the end of the call that is under way.</summary>
    /// <param name="patience">How long at most.</param>
    /// <returns>A task that ends with the call or with the patience; it never fails.</returns>
    public Task WaitAsync(TimeSpan patience) => _call is { } call ? Task.WhenAny(call, Task.Delay(patience)) : Task.CompletedTask;

    private async Task KeepFailureAsync(Task call)
    {
        try
        {
            await call.ConfigureAwait(false);
            Failure = null;
        }
        catch (HypervisorException e)
        {
            Failure = e;
        }
        finally
        {
            _next = Environment.TickCount64 + (long)BetweenCalls.TotalMilliseconds;
        }
    }
}
