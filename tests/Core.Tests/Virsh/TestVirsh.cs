using System.Text;
using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Virsh;

namespace VirtMigrate.Tests.Virsh;

/// <summary>Runs this machine's virsh, as simply as can be, for the tests of what is made of its answers.</summary>
/// <param name="uri">The host's URI.</param>
internal sealed class TestVirsh(string uri) : IVirsh
{
    private const int CommandsPerRun = 200;
    private const string Mark = "the-answer-ends-here";

    private static readonly (string Begin, int Code)[] Codes =
    [
        ("this function is not supported by", LibvirtErrorCode.NoSupport), ("command '", LibvirtErrorCode.NoSupport),
        ("failed to get domain '", LibvirtErrorCode.NoDomain), ("Domain not found", LibvirtErrorCode.NoDomain),
        ("Network not found", LibvirtErrorCode.NoNetwork), ("Storage pool not found", LibvirtErrorCode.NoStoragePool),
        ("Storage volume not found", LibvirtErrorCode.NoStorageVolume), ("Requested operation is not valid", LibvirtErrorCode.OperationInvalid),
        ("invalid argument", LibvirtErrorCode.InvalidArgument), ("the CPU is incompatible with host CPU", LibvirtErrorCode.CpuIncompatible),
    ];

    private readonly List<IReadOnlyList<string>> _commands = [];

    /// <inheritdoc/>
    public HostAddress Address { get; } = HostAddress.Parse(uri);

    /// <summary>How many processes it took until now.</summary>
    public int Runs { get; private set; }

    /// <summary>All commands until now.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Commands => _commands;

    /// <inheritdoc/>
    public async Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken, string? input = null) =>
        (await RunAsync([command], input, cancellationToken))[0].OutputOrThrow();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VirshResult>> RunManyAsync(IReadOnlyList<IReadOnlyList<string>> commands, CancellationToken cancellationToken)
    {
        var answers = new List<VirshResult>();
        foreach (IReadOnlyList<string>[] run in commands.Chunk(CommandsPerRun))
        {
            answers.AddRange(await RunAsync(run, input: null, cancellationToken));
        }

        return answers;
    }

    private async Task<IReadOnlyList<VirshResult>> RunAsync(IReadOnlyList<string>[] commands, string? input, CancellationToken cancellationToken)
    {
        Runs++;
        _commands.AddRange(commands);
        var script = string.Join("; ", commands.Select(c => $"{string.Join(' ', c.Select(Quote))}; echo '{Mark}'; echo --err '{Mark}'"));
        var result = await Cli.Wrap("virsh").WithArguments(["-q", "-c", uri, script])
            .WithEnvironmentVariables(e => e.Set("LC_ALL", "C.UTF-8"))
            .WithStandardInputPipe(PipeSource.FromString(input ?? string.Empty))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Encoding.UTF8, cancellationToken);
        var outputs = result.StandardOutput.Split(Mark);
        var errors = result.StandardError.Split($"error: {Mark}\n");
        return outputs.Length == commands.Length + 1 && errors.Length == outputs.Length
            ? [.. outputs.Zip(errors, (o, e) => new VirshResult(o, ReadError(e))).Take(commands.Length)]
            : throw new InvalidOperationException($"virsh said: {result.StandardError}");
    }

    private HypervisorException? ReadError(string text)
    {
        var message = text.Split('\n').LastOrDefault(l => l.StartsWith("error: ", StringComparison.Ordinal))?["error: ".Length..];
        return message is null
            ? null
            : HypervisorErrors.Classify(new(Array.Find(Codes, c => message.StartsWith(c.Begin, StringComparison.Ordinal)).Code, 0, message), Address);
    }

    private static string Quote(string word) => $"'{word.Replace("'", "'\"'\"'", StringComparison.Ordinal)}'";
}
