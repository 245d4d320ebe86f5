using VirtMigrate.Hosts;
using VirtMigrate.LabSupport;
using VirtMigrate.Libvirt;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using VirtMigrate.Virsh;

namespace VirtMigrate.Traces;

/// <summary>Carries scenes out and keeps their traces. A guest that is whole after a scene plays in the next one too, from where it is.</summary>
/// <param name="lab">The hosts.</param>
/// <param name="folder">Where the traces go.</param>
internal sealed class SceneRecorder(Lab lab, string folder) : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);
    private readonly Dictionary<string, LabGuest> _guests = new(StringComparer.Ordinal);
    private int _started;

    /// <summary>Records a scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>How it ended.</returns>
    public async Task<string> RecordAsync(Scene scene)
    {
        using var stop = new CancellationTokenSource();
        var (guest, from, to) = await FindGuestAsync(scene.Guest);
        var stage = new Stage(lab, guest, from, to, stop);
        await using var before = scene.Before is { } prepare ? await prepare(stage) : null;
        await using var source = Open(scene, from);
        await using var destination = Open(scene, to);
        var vm = await (await source.GetAsync(CancellationToken.None)).FindVmAsync(guest.Name, CancellationToken.None)
            ?? throw new LabException($"{from.Name} does not have '{guest.Name}'.");
        var plan = await MigrationPlanner.PlanAsync(
            new MigrationSettings(scene.Options.With(scene.Limits), scene.Policy).ToRequest(vm, source, destination), CancellationToken.None);

        using var temporary = new TemporaryFolder();
        var trace = MigrationTrace.Open(plan, temporary.Path, DateTimeOffset.UtcNow);
        var moving = MigrationDriver.RunAsync(plan, progress: null, TimeProvider.System, stop.Token, trace.Write);
        var during = scene.During?.Invoke(stage) ?? Task.CompletedTask;
        if (await Task.WhenAny(moving, Task.Delay(Longest)) != moving)
        {
            await stop.CancelAsync();
        }

        var report = await moving;
        await during;
        await trace.WaitUntilWrittenAsync();
        var file = await KeepAsync(Directory.GetFiles(temporary.Path).Single(), scene.Name);
        if (report.Result.Outcome is not (MigrationOutcome.Completed or MigrationOutcome.RolledBack))
        {
            await DropAsync(scene.Guest);
        }

        return $"{report.Result.Outcome}, {new FileInfo(file).Length / 1024} KiB{(report.Result.Error is { } error ? ": " + error.ReplaceLineEndings(" ") : string.Empty)}";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var guest in _guests.Values)
        {
            await guest.DisposeAsync();
        }
    }

    private async Task<(LabGuest Guest, LabHost From, LabHost To)> FindGuestAsync(IReadOnlyList<string> arguments)
    {
        var key = string.Join(' ', arguments);
        if (_guests.TryGetValue(key, out var guest) && arguments != Scene.Off)
        {
            var (first, second) = (await IsRunningAsync(lab.Host1, guest), await IsRunningAsync(lab.Host2, guest));
            if (first != second)
            {
                var (from, to) = first ? (lab.Host1, lab.Host2) : (lab.Host2, lab.Host1);
                await Lab.VirshAsync(to, "undefine", guest.Name);
                return (guest, from, to);
            }
        }

        await DropAsync(arguments);
        _guests[key] = guest = await lab.StartGuestAsync($"trace{++_started}", [.. arguments]);
        return (guest, lab.Host1, lab.Host2);
    }

    private async Task DropAsync(IReadOnlyList<string> arguments)
    {
        if (_guests.Remove(string.Join(' ', arguments), out var guest))
        {
            await guest.DisposeAsync();
        }
    }

    private static async Task<bool> IsRunningAsync(LabHost host, LabGuest guest)
    {
        var about = await Lab.VirshAsync(host, "dominfo", guest.Name);
        return about.Contains("running", StringComparison.Ordinal) && about.Contains("Persistent:     yes", StringComparison.Ordinal);
    }

    private static HostConnection Open(Scene scene, LabHost host)
    {
        var (transport, way) = scene.Transport.Split('/') is [var first, var second] ? (first, second) : throw new ArgumentException(scene.Transport, nameof(scene));
        return new(transport switch
        {
            "Libvirt" => new LibvirtTransport(),
            "Virsh" => new VirshTransport(),
            "Ssh" => (ITransport)new SshTransport(),
            _ => throw new ArgumentOutOfRangeException(nameof(scene), transport, "There is no such transport."),
        }, HostAddress.Parse(host.Uri(way)));
    }

    // Where this checkout lies is nobody's business.
    private async Task<string> KeepAsync(string recorded, string name)
    {
        var file = Path.Combine(folder, name + ".jsonl");
        Directory.CreateDirectory(folder);
        var text = await File.ReadAllTextAsync(recorded);
        await File.WriteAllTextAsync(file, text.Replace(ProjectLayout.Root, "/virtmigrate", StringComparison.Ordinal));
        return file;
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("virtmigrate-trace").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
