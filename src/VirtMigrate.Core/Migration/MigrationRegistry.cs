using System.Collections.Concurrent;
using VirtMigrate.Estimation;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>The migrations that this session runs or has queued. The hosts keep the truth; this adds what they don't tell.</summary>
public sealed class MigrationRegistry
{
    private readonly ConcurrentDictionary<Guid, Entry> _entries = new();

    /// <summary>The migrations of this session, with the last progress of each.</summary>
    public IReadOnlyList<(MigrationRequest Request, MigrationProgress Progress)> Current =>
        [.. _entries.Values.Select(e => (e.Request, e.Progress))];

    /// <summary>What the migrations of this session that completed have achieved.</summary>
    public BandwidthHistory History { get; } = new();

    /// <summary>Enters a migration.</summary>
    /// <param name="request">The migration.</param>
    /// <param name="listener">Hears its progress as well.</param>
    /// <returns>Takes progress, and takes the migration out when disposed.</returns>
    /// <exception cref="VmMigratingException">This session moves the VM already.</exception>
    internal Entry Enter(MigrationRequest request, IProgress<MigrationProgress>? listener)
    {
        var entry = new Entry(this, request, listener);
        return _entries.TryAdd(request.Vm.Uuid, entry)
            ? entry
            : throw new VmMigratingException(request.Vm.Name, request.Vm.VmHost.Name) { Vm = request.Vm.Name };
    }

    /// <summary>One migration of this session.</summary>
    /// <param name="owner">The registry.</param>
    /// <param name="request">The migration.</param>
    /// <param name="listener">Hears its progress as well.</param>
    internal sealed class Entry(MigrationRegistry owner, MigrationRequest request, IProgress<MigrationProgress>? listener)
        : IProgress<MigrationProgress>, IDisposable
    {
        private volatile MigrationProgress _progress = new() { Vm = request.Vm.Name, Phase = MigrationPhase.Queued };

        public MigrationRequest Request => request;

        public MigrationProgress Progress => _progress;

        public void Report(MigrationProgress value)
        {
            _progress = value;
            listener?.Report(value);
        }

        public void Dispose() => owner._entries.TryRemove(request.Vm.Uuid, out _);
    }
}
