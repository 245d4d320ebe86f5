using System.Text;
using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>
/// Commands for one run of virsh, in virsh's own syntax. After each of them virsh is told to print a mark that nobody can know
/// beforehand, to both of its outputs: so answers can't run into each other, and an answer that was cut off is noticed.
/// </summary>
internal sealed class VirshScript
{
    // A line of arguments can be 32,767 characters long on Windows, and one argument 131,072 bytes on Linux.
    private const int Longest = 24_000;

    private readonly string _mark = $"virtmigrate-{Guid.NewGuid():N}";
    private readonly IReadOnlyList<IReadOnlyList<string>> _commands;

    private VirshScript(IReadOnlyList<IReadOnlyList<string>> commands)
    {
        _commands = commands;
        var text = new StringBuilder();
        foreach (var command in commands)
        {
            text.Append(ShellWord.Join(command)).Append("; echo ").Append(_mark).Append("; echo --err ").Append(_mark).Append("; ");
        }

        Text = text.ToString().TrimEnd(' ', ';');
        if (Text.Contains('\0', StringComparison.Ordinal))
        {
            throw new HypervisorException("A name or path that contains a NUL character can't be passed to virsh.");
        }
    }

    /// <summary>The script, as virsh takes it for its last argument.</summary>
    public string Text { get; }

    /// <summary>Puts commands into as few scripts as their length allows.</summary>
    public static IEnumerable<VirshScript> Of(IReadOnlyList<IReadOnlyList<string>> commands)
    {
        var (begin, length) = (0, 0);
        for (var i = 0; i < commands.Count; i++)
        {
            const int MarkLength = 120;
            var next = ShellWord.Join(commands[i]).Length + MarkLength;
            if (i > begin && length + next > Longest)
            {
                yield return new([.. commands.Skip(begin).Take(i - begin)]);
                (begin, length) = (i, 0);
            }

            length += next;
        }

        yield return new([.. commands.Skip(begin)]);
    }

    /// <summary>Reads what virsh answered.</summary>
    public IReadOnlyList<VirshResult> Read(ToolRun run, HostAddress address)
    {
        // In quiet mode virsh ends no line of its own accord; each error is a line.
        var outputs = run.Output.Split(_mark);
        var errors = run.Errors.Split(VirshErrors.Prefix + _mark + "\n");
        return outputs.Length == _commands.Count + 1 && errors.Length == _commands.Count + 1
            ? [.. _commands.Select((_, i) => new VirshResult(outputs[i], Error(errors[i], address)))]
            : throw VirshErrors.OfRun(run with { Errors = errors[^1] }, address);
    }

    private static HypervisorException? Error(string text, HostAddress address) =>
        VirshErrors.Read(text) is { } error ? HypervisorErrors.Classify(error, address) : null;
}

/// <summary>One run of virsh: a script in virsh's syntax, with what it needs.</summary>
internal sealed record VirshInvocation(string Script)
{
    /// <summary>What it reads from <c>/dev/stdin</c>; null for nothing.</summary>
    public string? Input { get; init; }

    /// <summary>The contents of files that it finds in its working directory, called as <see cref="FileName"/> has it.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Whether it may take hours, so that nothing else is to be in its way nor it in anybody's.</summary>
    public bool IsLong { get; init; }

    /// <summary>The credentials for hosts that ask for them.</summary>
    public IReadOnlyList<(HostAddress Host, HostCredential Credential)> Credentials { get; init; } = [];

    /// <summary>The name of the file at a place in <see cref="Files"/>, which is one word for every shell.</summary>
    public static string FileName(int index) => FormattableString.Invariant($"./{index + 1}.xml");
}
