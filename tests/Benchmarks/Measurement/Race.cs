namespace VirtMigrate.Benchmarks.Measurement;

/// <summary>Lets contestants take turns, so that what else the machine does falls on all of them alike.</summary>
internal static class Race
{
    /// <summary>Runs all contestants once a round, after one round that does not count.</summary>
    /// <typeparam name="T">What a contestant measures.</typeparam>
    /// <param name="rounds">The number of rounds that count.</param>
    /// <param name="contestants">
    /// The contestants. Each round begins with the next one: of two, both come first, and last, equally often in an even number of rounds.
    /// </param>
    /// <param name="cancellationToken">Ends the race between two turns.</param>
    /// <returns>For each contestant what it measured, round by round.</returns>
    public static async Task<IReadOnlyList<IReadOnlyList<T>>> RunAsync<T>(
        int rounds, IReadOnlyList<Func<Task<T>>> contestants, CancellationToken cancellationToken)
    {
        var measured = contestants.Select(_ => new List<T>(rounds)).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            for (var turn = 0; turn < contestants.Count; turn++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var next = (turn + round + 1) % contestants.Count;
                var result = await contestants[next]();
                if (round >= 0)
                {
                    measured[next].Add(result);
                }
            }
        }

        return measured;
    }
}
