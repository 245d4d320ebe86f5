using System.Diagnostics.CodeAnalysis;

namespace VirtMigrate.Hosts;

/// <summary>Keeps what was once asked for, so that it is asked for once. The asking begins with the first who wants to know.</summary>
/// <remarks>
/// All who want to know the same thing meanwhile wait for one asking. It is given up when the last of them has gone, and goes on for as
/// long as any other waits. What was given up is not kept.
/// </remarks>
internal sealed class FactCache(bool keepsFailures = true)
{
    private readonly Dictionary<object, Asking> _facts = [];

    /// <summary>Gives a fact, asking for it where nobody has.</summary>
    public async Task<T> GetAsync<T>(object key, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        for (var isLast = false; ; isLast = true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (asking, answer) = Enter(key, ask);
            try
            {
                return await answer.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!isLast && !cancellationToken.IsCancellationRequested)
            {
                // What it rested on was somebody else's, who stopped.
            }
            finally
            {
                Leave(key, asking);
            }
        }
    }

    private (Asking Asking, Task<T> Answer) Enter<T>(object key, Func<CancellationToken, Task<T>> ask)
    {
        lock (_facts)
        {
            if (!_facts.TryGetValue(key, out var asking) || asking.IsWorthless(keepsFailures))
            {
                asking = new();
                _facts[key] = asking;
                var token = asking.Token;
                asking.Answer = Task.Run(() => ask(token), CancellationToken.None);
            }

            asking.Waiting++;
            return (asking, (Task<T>)asking.Answer);
        }
    }

    private void Leave(object key, Asking asking)
    {
        lock (_facts)
        {
            asking.Waiting--;
            if (asking.Waiting > 0)
            {
                return;
            }

            if (!asking.Answer.IsCompleted)
            {
                asking.GiveUp();
            }

            if (asking.IsWorthless(keepsFailures) && _facts.TryGetValue(key, out var kept) && kept == asking)
            {
                _facts.Remove(key);
            }
        }
    }

    [SuppressMessage("Design", "CA1001", Justification = "A source without a timer that nobody waits for by its handle holds nothing.")]
    private sealed class Asking
    {
        private readonly CancellationTokenSource _givingUp = new();

        public Task Answer { get; set; } = Task.CompletedTask;

        public int Waiting { get; set; }

        public CancellationToken Token => _givingUp.Token;

        public bool IsWorthless(bool keepsFailures) =>
            _givingUp.IsCancellationRequested || Answer.IsCanceled || (Answer.IsFaulted && !keepsFailures);

        // Whoever asks is not run by the one who leaves.
        public void GiveUp() => _ = _givingUp.CancelAsync();
    }
}
