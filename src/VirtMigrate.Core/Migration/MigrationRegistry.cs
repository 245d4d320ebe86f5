using System.Collections.Concurrent;
using VirtMigrate.Estimation;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>The migrations that this session runs or has queued. The hosts keep the truth; this adds what they don't tell.</summary>
public sealed class MigrationRegistry
{
    private readonly ConcurrentDictionary<Guid, Entry> _entries = new();
    private volatile bool _isEnding;

    /// <summary>The migrations of this session, with the last progress of each.</summary>
    public IReadOnlyList<(MigrationRequest Request, MigrationProgress Progress)> Current =>
        [.. _entries.Values.Select(e => (e.Request, e.Progress))];

    /// <summary>What the migrations of this session that completed have achieved.</summary>
    public BandwidthHistory History { get; } = new();

    /// <summary>Whether the process is about to end, so that nothing begins any more.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>
    /// Takes back what this process drives, since it is about to end: a migration that nobody asks its source to abort is undone by libvirt, which
    /// ends the destination's QEMU under the source's hands. What goes on without this process is left alone.
    /// </summary>
    /// <param name="patience">The longest time to wait; null for as long as a migration that is stopped may take.</param>
    /// <returns>A task that ends when the VMs have been seen on their sources again, or when the patience does.</returns>
    public async Task EndAsync(TimeSpan? patience = null)
    {
        _isEnding = true;
        Entry[] driven = [.. _entries.Values.Where(e => !e.Request.OutlivesProcess(e.Progress.Phase))];
        await Task.WhenAll(driven.Select(e => e.StopAsync())).WaitAsync(patience ?? MigrationDeadlines.SessionEnd).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Enters a migration.</summary>
    /// <param name="request">The migration.</param>
    /// <param name="listener">Hears its progress as well.</param>
    /// <returns>Takes progress, and takes the migration out when disposed.</returns>
    /// <exception cref="VmMigratingException">This session moves the VM already.</exception>
    /// <exception cref="OperationCanceledException">The process is about to end.</exception>
    internal Entry Enter(MigrationRequest request, IProgress<MigrationProgress>? listener)
    {
        if (_isEnding)
        {
            throw new OperationCanceledException();
        }

        var entry = new Entry(this, request, listener);
        if (!_entries.TryAdd(request.Vm.Uuid, entry))
        {
            throw new VmMigratingException(request.Vm.Name, request.Vm.VmHost.Name) { Vm = request.Vm.Name };
        }

        // Who ends the session sees either the entry or, here, that it ends.
        if (_isEnding)
        {
            entry.Dispose();
            throw new OperationCanceledException();
        }

        return entry;
    }

    /// <summary>One migration of this session.</summary>
    /// <param name="owner">The registry.</param>
    /// <param name="request">The migration.</param>
    /// <param name="listener">Hears its progress as well.</param>
    internal sealed class Entry(MigrationRegistry owner, MigrationRequest request, IProgress<MigrationProgress>? listener)
        : IProgress<MigrationProgress>, IDisposable
    {
        private readonly CancellationTokenSource _ending = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile MigrationProgress _progress = new() { Vm = request.Vm.Name, Phase = MigrationPhase.Queued };

        public MigrationRequest Request => request;

        public MigrationProgress Progress => _progress;

        /// <summary>Cancelled when the process is about to end and the migration does not go on without it.</summary>
        public CancellationToken Ending => _ending.Token;

        /// <summary>Stops it.</summary>
        /// <returns>A task that ends when it has ended.</returns>
        public async Task StopAsync()
        {
            await _ending.CancelAsync().ConfigureAwait(false);
            await _ended.Task.ConfigureAwait(false);
        }

        public void Report(MigrationProgress value)
        {
            _progress = value;
            listener?.Report(value);
        }

        public void Dispose()
        {
            owner._entries.TryRemove(request.Vm.Uuid, out _);
            _ended.TrySetResult();
        }
    }
}
