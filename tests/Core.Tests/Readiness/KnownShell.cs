using VirtMigrate.Hosts;

namespace VirtMigrate.Tests.Readiness;

/// <summary>A host's shell of which a test says what its commands answer. It lacks all others.</summary>
internal sealed class KnownShell : IHostShell
{
    private readonly List<(string Part, Func<Task<HostShellResult?>> Answer)> _answers = [];

    /// <summary>The commands that were run.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>Says what commands answer.</summary>
    /// <param name="part">A part by which they are known; the first that fits counts.</param>
    /// <param name="output">What they print.</param>
    /// <param name="error">What they print as errors.</param>
    /// <param name="exitCode">Their exit code.</param>
    /// <returns>The same shell.</returns>
    public KnownShell Answering(string part, string output = "", string error = "", int exitCode = 0) =>
        With(part, () => Task.FromResult<HostShellResult?>(new(exitCode, output, error)));

    /// <summary>Says what commands answer at the time when they run.</summary>
    /// <param name="part">A part by which they are known.</param>
    /// <param name="answer">What they answer.</param>
    /// <returns>The same shell.</returns>
    public KnownShell With(string part, Func<Task<HostShellResult?>> answer)
    {
        _answers.Add((part, answer));
        return this;
    }

    public Task<HostShellResult?> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var line = string.Join(' ', command);
        Commands.Add(line);
        return _answers.Where(a => line.Contains(a.Part, StringComparison.Ordinal)).Select(a => a.Answer).FirstOrDefault()?.Invoke()
            .WaitAsync(cancellationToken) ?? Task.FromResult<HostShellResult?>(null);
    }
}
