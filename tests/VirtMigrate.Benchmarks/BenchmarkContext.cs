using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks;

/// <summary>What the benchmarks share: the hosts, which are brought up when they are first needed, and the notes.</summary>
/// <param name="runs">How often each measurement is to be repeated; null for each benchmark's own number.</param>
/// <param name="output">Where to say how it goes.</param>
/// <param name="cancellationToken">Ends the benchmarks early.</param>
internal sealed class BenchmarkContext(int? runs, TextWriter output, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly Lab _lab = new("3");
    private bool _isUp;

    /// <summary>Ends the benchmarks early.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>How often to measure.</summary>
    /// <param name="usual">The benchmark's own number.</param>
    /// <returns>The number.</returns>
    public int Runs(int usual) => runs ?? usual;

    /// <summary>Says something that the figures don't.</summary>
    /// <param name="text">The text.</param>
    public void Note(string text) => output.WriteLine($"  {text}");

    /// <summary>Gives the hosts.</summary>
    /// <returns>The lab, up.</returns>
    public async Task<Lab> GetLabAsync()
    {
        if (!_isUp)
        {
            // What comes up half is taken down as well.
            _isUp = true;
            await _lab.InitializeAsync();
        }

        return _lab;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isUp)
        {
            await _lab.DisposeAsync();
        }
    }
}
