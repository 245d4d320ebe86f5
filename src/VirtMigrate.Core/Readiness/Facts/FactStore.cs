using System.Collections.Concurrent;

namespace VirtMigrate.Readiness.Facts;

/// <summary>Keeps what was once asked for, so that it is asked for once. The asking begins with the first who wants to know.</summary>
internal sealed class FactStore
{
    private readonly ConcurrentDictionary<object, Lazy<Task>> _facts = [];

    /// <summary>Gives a fact, asking for it where nobody has.</summary>
    /// <typeparam name="T">The fact.</typeparam>
    /// <param name="key">What is asked.</param>
    /// <param name="ask">Asks.</param>
    /// <returns>The fact, or the error that the asking ended with.</returns>
    public Task<T> GetAsync<T>(object key, Func<Task<T>> ask) =>
        (Task<T>)_facts.GetOrAdd(key, _ => new(() => Task.Run(ask))).Value;
}
