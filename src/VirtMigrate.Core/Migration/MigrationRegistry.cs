using VirtMigrate.Estimation;
using VirtMigrate.Failures;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>The migrations that this session runs or has queued. The hosts keep the truth; this adds what they don't tell.</summary>
/// <param name="time">What tells the time; null for the system's clock.</param>
internal sealed class MigrationRegistry(TimeProvider? time = null)
{
    private readonly object _lock = new();
    private readonly Dictionary<Guid, Entry> _entries = [];
    private volatile bool _isEnding;

    /// <summary>The migrations of this session, with the last progress of each.</summary>
    public IReadOnlyList<(MigrationRequest Request, MigrationProgress Progress)> Current
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Values.Select(e => (e.Request, e.Progress))];
            }
        }
    }

    /// <summary>What the migrations of this session that completed have achieved.</summary>
    public BandwidthHistory History { get; } = new();

    /// <summary>What tells the time to all of them.</summary>
    internal TimeProvider Time { get; } = time ?? TimeProvider.System;

    /// <summary>Whether the process is about to end, so that nothing begins any more.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>
    /// Takes back what this process drives, since it is about to end: a migration that nobody asks its source to abort is undone by libvirt, which
    /// ends the destination's QEMU under the source's hands. What goes on without this process is left alone.
    /// </summary>
    /// <param name="patience">The longest time to wait; null for as long as a migration that is stopped may take.</param>
    /// <returns>What has become of each that had begun, when the VMs have been seen on their sources again or the patience is over.</returns>
    public async Task<IReadOnlyList<EndedMigration>> EndAsync(TimeSpan? patience = null)
    {
        Entry[] left;
        Entry[] driven;
        lock (_lock)
        {
            _isEnding = true;
            left = [.. _entries.Values.Where(e => e.Request.OutlivesProcess(e.Progress.Phase))];
            driven = [.. _entries.Values.Except(left)];
        }

        await Task.WhenAll(driven.Select(e => e.StopAsync())).WaitAsync(patience ?? MigrationDeadlines.SessionEnd, Time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return
        [
            .. left.Select(e => new EndedMigration(e.Request, GoesOn: true, Seen: null)),
            .. driven.Where(e => e.Seen is not null || !e.HasEnded).Select(e => new EndedMigration(e.Request, GoesOn: false, e.Seen)),
        ];
    }

    /// <summary>Finds a migration that this session runs or has queued.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <returns>The migration; null where the session has none.</returns>
    internal Entry? Find(Guid vm)
    {
        lock (_lock)
        {
            return _entries.GetValueOrDefault(vm);
        }
    }

    /// <summary>Enters a migration.</summary>
    /// <param name="request">The migration.</param>
    /// <param name="listener">Hears its progress as well.</param>
    /// <returns>Takes progress, and takes the migration out when disposed.</returns>
    /// <exception cref="MigrationException">This session moves the VM already.</exception>
    /// <exception cref="OperationCanceledException">The process is about to end.</exception>
    internal Entry Enter(MigrationRequest request, IProgress<MigrationProgress>? listener)
    {
        var entry = new Entry(this, request, listener);
        lock (_lock)
        {
            // Who ends the session sees the entry, or it is not made.
            if (_isEnding)
            {
                throw new OperationCanceledException();
            }

            if (!_entries.TryAdd(request.Vm.Uuid, entry))
            {
                throw VmFailures.IsMigrating(request.Vm.Name, request.Vm.VmHost.Name);
            }
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
        private readonly object _lock = new();
        private readonly CancellationTokenSource _ending = new();
        private readonly TaskCompletionSource<MigrationReport?> _ended = new();
        private volatile IProgress<MigrationProgress>[] _followers = [];
        private volatile MigrationReport? _report;
        private volatile MigrationProgress _progress = new() { Vm = request.Vm.Name, Phase = MigrationPhase.Queued };

        public MigrationRequest Request => request;

        public MigrationProgress Progress => _progress;

        /// <summary>What was seen of the VM at the end; null until then, and where the migration had not begun.</summary>
        public VmMigrationVerification? Seen => _report?.Result.Verification;

        /// <summary>Whether it has ended.</summary>
        public bool HasEnded => _ended.Task.IsCompleted;

        /// <summary>Cancelled when the process is about to end and the migration does not go on without it.</summary>
        public CancellationToken Ending => _ending.Token;

        /// <summary>Stops it.</summary>
        /// <returns>A task that ends when it has ended.</returns>
        public async Task StopAsync()
        {
            await owner.Time.YieldAsync().ConfigureAwait(false);
            _ending.Cancel();
            await _ended.Task.ConfigureAwait(false);
        }

        /// <summary>Follows it to its end.</summary>
        /// <param name="follower">Hears how it goes from now on; called from any thread.</param>
        /// <param name="cancellationToken">Stops following; the migration goes on.</param>
        /// <returns>How it ended; null where it did not begin.</returns>
        public async Task<MigrationReport?> FollowAsync(IProgress<MigrationProgress>? follower, CancellationToken cancellationToken)
        {
            if (follower is not null)
            {
                follower.Report(_progress);
                Change(f => [.. f, follower]);
            }

            try
            {
                return await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                Change(f => [.. f.Where(other => other != follower)]);
            }
        }

        /// <summary>Keeps how it ended.</summary>
        /// <param name="report">How.</param>
        /// <returns>The same.</returns>
        public MigrationReport End(MigrationReport report) => _report = report;

        public void Report(MigrationProgress value)
        {
            _progress = value;
            listener?.Report(value);
            foreach (var follower in _followers)
            {
                follower.Report(value);
            }
        }

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._entries.Remove(request.Vm.Uuid);
            }

            _ended.TrySetResult(_report);
        }

        private void Change(Func<IProgress<MigrationProgress>[], IProgress<MigrationProgress>[]> change)
        {
            lock (_lock)
            {
                _followers = change(_followers);
            }
        }
    }
}

/// <summary>What the end of its session made of a migration.</summary>
/// <param name="Request">The migration.</param>
/// <param name="GoesOn">Whether it goes on without the session.</param>
/// <param name="Seen">What was seen of the VM when it had been stopped; null where it goes on, or did not end in time.</param>
internal sealed record EndedMigration(MigrationRequest Request, bool GoesOn, VmMigrationVerification? Seen);
