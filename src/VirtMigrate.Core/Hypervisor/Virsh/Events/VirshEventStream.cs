using System.Threading.Channels;
using VirtMigrate.Hypervisor.Virsh.Errors;
using VirtMigrate.Hypervisor.Virsh.Inspection;
using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

namespace VirtMigrate.Hypervisor.Virsh.Events;

/// <summary>Listens to a host by <c>virsh event --all --loop</c>.</summary>
/// <param name="virsh">The host's virsh.</param>
/// <param name="publish">Is told each event.</param>
internal sealed class VirshEventStream(VirshClient virsh, Action<DomainEvent> publish)
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);

    // What virsh prints of one event comes at once.
    private static readonly TimeSpan EventEnd = TimeSpan.FromMilliseconds(50);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private VirshVmList? _vms;

    /// <summary>Listens, and begins anew where virsh ends, until it is told to stop or the host is lost.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>A task that ends when it has stopped.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var reading = ReadAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested && virsh.IsAlive)
        {
            await ListenAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(BetweenTries, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void NoteLoss(string line)
        {
            // It would go on listening to nothing.
            if (VirshErrorText.IsDisconnection(line))
            {
                virsh.Lose();
                listening.Cancel();
            }
        }

        try
        {
            await virsh.ListenAsync(["event", "--all", "--loop"], line => _lines.Writer.TryWrite(line), NoteLoss, listening.Token).ConfigureAwait(false);
        }
        catch (HypervisorToolException)
        {
            // A program that is missing is told by whatever else is asked of the host; statistics alone are watched then.
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var block = new List<string>();
        while (true)
        {
            if (block.Count > 0 && await IsQuietAsync(cancellationToken).ConfigureAwait(false))
            {
                await PublishAsync(block, cancellationToken).ConfigureAwait(false);
                block.Clear();
            }

            var line = await _lines.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (EventOutput.IsBegin(line) && block.Count > 0)
            {
                await PublishAsync(block, cancellationToken).ConfigureAwait(false);
                block.Clear();
            }

            block.Add(line);
        }
    }

    private async Task<bool> IsQuietAsync(CancellationToken cancellationToken)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(EventEnd);
        try
        {
            return !await _lines.Reader.WaitToReadAsync(quiet.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task PublishAsync(IReadOnlyList<string> block, CancellationToken cancellationToken)
    {
        try
        {
            if (EventOutput.Read(block) is { } parsed && await FindAsync(parsed.Names, cancellationToken).ConfigureAwait(false) is { } vm)
            {
                publish(parsed.ToEvent(vm));
            }
        }
        catch (HypervisorException)
        {
            // What can't be read is no event that anybody waits for; what the host does is looked up as well.
        }
    }

    // A name that was never seen is a VM's that came meanwhile.
    private async Task<Guid?> FindAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (Find(names) is { } known)
        {
            return known;
        }

        _vms = await VirshVmList.ReadAsync(virsh, cancellationToken).ConfigureAwait(false);
        return Find(names);
    }

    private Guid? Find(IReadOnlyList<string> names) => names.Select(n => _vms?.Find(n)?.Uuid).FirstOrDefault(u => u is not null);
}
