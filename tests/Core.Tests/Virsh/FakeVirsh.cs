using System.Collections.Concurrent;
using VirtMigrate.Hosts;
using VirtMigrate.Virsh;

namespace VirtMigrate.Tests.Virsh;

/// <summary>A virsh whose answers are known beforehand.</summary>
/// <param name="answer">Tells what a command prints, or fails with.</param>
internal sealed class FakeVirsh(Func<string, string> answer) : IVirsh
{
    /// <summary>The answer of a host that gives none.</summary>
    public const string Never = "never";

    private readonly ConcurrentQueue<string> _commands = [];

    /// <inheritdoc/>
    public HostAddress Address { get; } = HostAddress.Parse("qemu:///system");

    /// <summary>The commands until now.</summary>
    public IReadOnlyList<string> Commands => [.. _commands];

    /// <inheritdoc/>
    public Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken, string? input = null) =>
        Task.FromResult(Answer(command).OutputOrThrow());

    /// <inheritdoc/>
    public Task<IReadOnlyList<VirshResult>> RunManyAsync(IReadOnlyList<IReadOnlyList<string>> commands, CancellationToken cancellationToken)
    {
        // What does not come at all is given up at last.
        VirshResult[] answers = [.. commands.Select(Answer)];
        return Array.Exists(answers, a => a.Output is Never) ? NeverAsync(cancellationToken) : Task.FromResult<IReadOnlyList<VirshResult>>(answers);
    }

    private static async Task<IReadOnlyList<VirshResult>> NeverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return [];
    }

    private VirshResult Answer(IReadOnlyList<string> command)
    {
        var text = string.Join(' ', command);
        _commands.Enqueue(text);
        try
        {
            return new(answer(text), null);
        }
        catch (HypervisorException e)
        {
            return new(string.Empty, e);
        }
    }
}
