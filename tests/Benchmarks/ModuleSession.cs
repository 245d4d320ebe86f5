using System.Diagnostics;
using System.IO.Pipes;
using System.Text.Json;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks;

/// <summary>A warm PowerShell with the finished module, in which every error ends the benchmark (<c>Scripts/Session.ps1</c>).</summary>
internal sealed class ModuleSession : IAsyncDisposable
{
    private readonly Process _process;
    private readonly NamedPipeServerStream _pipe;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _stopping;

    // They want a pipe that is connected.
    private StreamReader? _reader;
    private StreamWriter? _writer;

    private ModuleSession(Process process, NamedPipeServerStream pipe, CancellationToken cancellationToken)
    {
        (_process, _pipe, _cancellationToken) = (process, pipe, cancellationToken);
        _stopping = cancellationToken.Register(Kill);
    }

    /// <summary>Starts a PowerShell.</summary>
    /// <param name="cancellationToken">Ends it, whatever it does.</param>
    /// <returns>The session, with the module in it.</returns>
    public static async Task<ModuleSession> OpenAsync(CancellationToken cancellationToken)
    {
        var name = $"virtmigrate-bench-{Guid.NewGuid():N}";
        var pipe = new NamedPipeServerStream(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        var words = PowerShellProgram.CommandLine("Session.ps1", "-Module", ProjectLayout.Module, "-Pipe", name);
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        var process = Process.Start(start) ?? throw new BenchmarkException("PowerShell did not start.");
        var session = new ModuleSession(process, pipe, cancellationToken);

        // Nobody types there, and nobody looks at the progress: it is not to depend on a terminal whether bars are drawn.
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        try
        {
            var connecting = pipe.WaitForConnectionAsync(cancellationToken);
            if (await Task.WhenAny(connecting, process.WaitForExitAsync(cancellationToken)) != connecting)
            {
                throw new BenchmarkException($"PowerShell ended with exit code {process.ExitCode} before it could be asked for anything.");
            }

            await connecting;
            (session._reader, session._writer) = (new(pipe), new(pipe) { AutoFlush = true });
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects to hosts.</summary>
    /// <param name="hosts">Their URIs.</param>
    /// <returns>A task that ends when it is connected to all.</returns>
    public Task ConnectAsync(params string[] hosts) => RunAsync("Connect-VmHost", new { VmHost = hosts });

    /// <summary>Runs a command.</summary>
    /// <param name="command">The cmdlet, or the function of <c>Scripts</c>.</param>
    /// <param name="arguments">Its arguments, by parameter.</param>
    /// <param name="read">The properties to read of each object that it emits, with dots between nested ones; an empty one is the object.</param>
    /// <returns>What came of it.</returns>
    public async Task<SessionAnswer> RunAsync(string command, object arguments, params string[] read)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        string? line = null;
        try
        {
            await _writer!.WriteLineAsync(JsonSerializer.Serialize(new { Command = command, Arguments = arguments, Read = read }));
            line = await _reader!.ReadLineAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // It has ended.
        }

        _cancellationToken.ThrowIfCancellationRequested();
        var answer = line is null ? null : JsonSerializer.Deserialize<SessionAnswer>(line);
        return answer switch
        {
            null => throw new BenchmarkException($"PowerShell ended while it ran {command}."),
            { Error: { } error } => throw new BenchmarkException($"{command}: {error}"),
            _ => answer,
        };
    }

    /// <summary>Runs a command whose time alone matters.</summary>
    /// <param name="command">The cmdlet, or the function of <c>Scripts</c>.</param>
    /// <param name="arguments">Its arguments, by parameter.</param>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> TimeAsync(string command, object arguments) => (await RunAsync(command, arguments)).Time;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync();

        // It ends when nobody asks any more.
        await _pipe.DisposeAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Kill();
        _process.Dispose();
    }

    private void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }
}

/// <summary>What came of a command.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="Count">How many objects it emitted.</param>
/// <param name="Read">What was read of each.</param>
/// <param name="Error">Its error; null where there was none.</param>
internal sealed record SessionAnswer(double Seconds, int Count, IReadOnlyList<Dictionary<string, JsonElement>> Read, string? Error)
{
    /// <summary>How long it took.</summary>
    public TimeSpan Time => TimeSpan.FromSeconds(Seconds);

    /// <summary>What was read of the only object.</summary>
    /// <param name="what">What gave it, for the message.</param>
    /// <returns>The object.</returns>
    /// <exception cref="BenchmarkException">There is none, or there are several.</exception>
    public ReadObject Single(string what) =>
        Read is [var single] ? new(single) : throw new BenchmarkException($"{what} gave {Read.Count} objects instead of one.");
}

/// <summary>What was read of an object.</summary>
/// <param name="values">The values, by property.</param>
internal sealed class ReadObject(IReadOnlyDictionary<string, JsonElement> values)
{
    /// <summary>A property as text.</summary>
    /// <param name="property">The property.</param>
    /// <returns>The text; nothing where the property has no value.</returns>
    public string Text(string property) => values[property].ToString();

    /// <summary>A property as a number.</summary>
    /// <param name="property">The property.</param>
    /// <returns>The number; null where the property has no value.</returns>
    public long? Number(string property) =>
        values[property] is { ValueKind: JsonValueKind.Number } value ? value.TryGetInt64(out var number) ? number : (long)value.GetDouble() : null;

    /// <summary>A property as a duration.</summary>
    /// <param name="property">The property.</param>
    /// <returns>The duration; null where the property has no value.</returns>
    public TimeSpan? Duration(string property) =>
        values[property] is { ValueKind: JsonValueKind.Number } value ? TimeSpan.FromSeconds(value.GetDouble()) : null;
}
