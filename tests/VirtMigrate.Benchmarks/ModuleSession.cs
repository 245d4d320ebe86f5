using System.Diagnostics;
using System.Management.Automation;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks;

/// <summary>A warm session with the finished module, in which every error ends the benchmark.</summary>
/// <param name="cancellationToken">Stops the script that runs.</param>
internal sealed class ModuleSession(CancellationToken cancellationToken) : IDisposable
{
    private readonly PowerShellSession _session = new();

    /// <summary>Sets a variable of the session.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    public void Set(string name, object? value) => _session.Set(name, value);

    /// <summary>Runs a script.</summary>
    /// <param name="script">The script.</param>
    /// <returns>What it gave, and how long it took.</returns>
    public (IReadOnlyList<PSObject> Output, TimeSpan Time) Run(string script)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var begun = Stopwatch.GetTimestamp();
        using var running = _session.Begin(script);
        using var stopping = cancellationToken.Register(running.Stop);
        var result = running.Wait();
        var time = Stopwatch.GetElapsedTime(begun);
        cancellationToken.ThrowIfCancellationRequested();
        return result.Errors.Count == 0
            ? (result.Output, time)
            : throw new BenchmarkException($"{script}: {result.Errors[0]}");
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
