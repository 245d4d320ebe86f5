using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks;

/// <summary>What the benchmarks share: the hosts, which are brought up when they are first needed, and the notes.</summary>
/// <param name="options">The command line.</param>
/// <param name="output">Where to say how it goes.</param>
/// <param name="cancellationToken">Ends the benchmarks early.</param>
internal sealed class BenchmarkContext(BenchmarkOptions options, TextWriter output, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly Lab _lab = new("3");
    private bool _isUp;

    /// <summary>Ends the benchmarks early.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Where to say how it goes.</summary>
    public TextWriter Output => output;

    /// <summary>How often to measure.</summary>
    /// <param name="usual">The benchmark's own number.</param>
    /// <returns>The number.</returns>
    public int Runs(int usual) => options.Runs ?? usual;

    /// <summary>Whether a cell of a benchmark's grid is to be run.</summary>
    /// <param name="number">The cell's number, from 1.</param>
    /// <returns>True when it is.</returns>
    public bool IsChosen(int number) => options.Cells is not { } cells || (number >= cells.First && number <= cells.Last);

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
