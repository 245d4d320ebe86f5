using System.Globalization;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>Keeps a step of a migration's machine.</summary>
/// <param name="at">Time since the migration began.</param>
/// <param name="happened">What the machine was told.</param>
/// <param name="commands">What it wanted done; null where it failed.</param>
internal delegate void MigrationStepRecorder(TimeSpan at, MigrationEvent happened, IReadOnlyList<MigrationCommand>? commands);

/// <summary>
/// The record of one migration for a support case: what its machine was made of, each event that went in with its time, and the commands that
/// came out. From these the machine makes the same decisions again, on any computer (build.ps1 Simulate -Trace). One file a migration, in the
/// folder that VIRTMIGRATE_TRACE names; what it holds is told in about_VmMigration.
/// </summary>
internal sealed class MigrationTrace
{
    private const string Variable = "VIRTMIGRATE_TRACE";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly string _file;
    private readonly object _lock = new();
    private StreamWriter? _writer;
    private Task _writing = Task.CompletedTask;
    private volatile bool _hasFailed;

    private MigrationTrace(string file) => _file = file;

    /// <summary>Begins to record a migration, where the environment asks for it.</summary>
    /// <param name="plan">The plan of the migration.</param>
    /// <returns>The record; null where none is kept.</returns>
    public static MigrationTrace? Open(MigrationPlan plan) =>
        Environment.GetEnvironmentVariable(Variable) is { } folder && !string.IsNullOrWhiteSpace(folder) ? Open(plan, folder, DateTimeOffset.Now) : null;

    /// <summary>Begins to record a migration in a folder.</summary>
    /// <param name="plan">The plan of the migration.</param>
    /// <param name="folder">The folder, which is made where it is missing.</param>
    /// <param name="startTime">When it begins.</param>
    /// <returns>The record.</returns>
    internal static MigrationTrace Open(MigrationPlan plan, string folder, DateTimeOffset startTime)
    {
        var name = string.Concat(plan.Vm.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        var time = startTime.ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
        var trace = new MigrationTrace(Path.Combine(folder, $"{time}-{name}.jsonl"));
        trace.Write(() => MigrationTraceFormat.Write(MigrationTraceHead.Of(plan, startTime)));
        return trace;
    }

    /// <summary>Records a step of the machine.</summary>
    /// <param name="at">Time since the migration began.</param>
    /// <param name="happened">What the machine was told.</param>
    /// <param name="commands">What it wanted done; null where it failed.</param>
    public void Write(TimeSpan at, MigrationEvent happened, IReadOnlyList<MigrationCommand>? commands)
    {
        Write(() => MigrationTraceFormat.Write(new MigrationTraceStep(at, happened, commands)));
        if (commands?.Any(c => c is MigrationCommand.Leave) == true)
        {
            Then(Close);
        }
    }

    /// <summary>Waits until what was recorded is in the file, but not for long: the process may be about to end.</summary>
    /// <returns>A task that ends then.</returns>
    public async Task WaitUntilWrittenAsync()
    {
        Task writing;
        lock (_lock)
        {
            writing = _writing;
        }

        await writing.WaitAsync(LongestWait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // The line is made at once, of what is so now. It is written by threads that the migration does not wait for: a folder on a share that
    // hangs, or a disk that is full, costs the record and nothing else.
    private void Write(Func<string> make)
    {
        if (_hasFailed)
        {
            return;
        }

        string line;
        try
        {
            line = make();
        }
        catch (Exception)
        {
            _hasFailed = true;
            return;
        }

        Then(() =>
        {
            _writer ??= Create();
            _writer.WriteLine(line);
            _writer.Flush();
        });
    }

    private void Then(Action next)
    {
        lock (_lock)
        {
            _writing = _writing.ContinueWith(_ => Attempt(next), TaskScheduler.Default);
        }
    }

    private void Attempt(Action write)
    {
        try
        {
            if (!_hasFailed)
            {
                write();
            }
        }
        catch (Exception)
        {
            _hasFailed = true;
            _writer = null;
        }
    }

    private void Close()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private StreamWriter Create()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new(_file, options);
    }
}
