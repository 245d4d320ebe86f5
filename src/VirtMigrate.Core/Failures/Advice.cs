using System.Runtime.CompilerServices;
using VirtMigrate.Options;

namespace VirtMigrate.Failures;

/// <summary>What a user of this library can do with it, as advice names it.</summary>
internal enum AdviceOperation
{
    /// <summary>Open a connection to a host.</summary>
    ConnectHost,

    /// <summary>List the connected hosts.</summary>
    ListHosts,

    /// <summary>List VMs.</summary>
    ListVms,

    /// <summary>Run the readiness checks.</summary>
    CheckReadiness,

    /// <summary>Migrate VMs.</summary>
    Migrate,

    /// <summary>Abort a migration.</summary>
    StopMigration,

    /// <summary>Resume a post-copy migration that broke.</summary>
    ResumeMigration,

    /// <summary>List migrations under way, and those that ended last.</summary>
    ListMigrations,

    /// <summary>Wait for a migration's end.</summary>
    WaitForMigration,

    /// <summary>Change a migration under way.</summary>
    ChangeMigration,

    /// <summary>Look at both hosts and say what became of a VM.</summary>
    VerifyMigration,

    /// <summary>Measure how fast a guest writes memory.</summary>
    MeasureDirtyRate,

    /// <summary>List what bandwidth earlier migrations achieved.</summary>
    ListBandwidths,

    /// <summary>List the policies.</summary>
    ListPolicies,

    /// <summary>Write a policy of one's own.</summary>
    WritePolicy,
}

/// <summary>What an operation can be given, beside the options of a migration.</summary>
internal enum AdviceParameter
{
    /// <summary>The operation's object: a VM, the address of a host, a policy's name.</summary>
    Subject,

    /// <summary>The host that the VM is on.</summary>
    VmHost,

    /// <summary>The host that the VM is to reach.</summary>
    Destination,

    /// <summary>How a host is reached.</summary>
    Transport,

    /// <summary>A user name and a password, which have to be asked for.</summary>
    Credential,

    /// <summary>How many migrations run at once.</summary>
    ThrottleLimit,

    /// <summary>What earlier migrations achieved.</summary>
    History,

    /// <summary>The convergence policy.</summary>
    Policy,

    /// <summary>The policy that another one is made from.</summary>
    From,

    /// <summary>A file.</summary>
    Path,

    /// <summary>How a dirty rate is measured.</summary>
    Mode,

    /// <summary>The state that VMs are in.</summary>
    State,

    /// <summary>The readiness checks that are left out.</summary>
    SkipCheck,

    /// <summary>That the operation is meant, although something can be lost by it.</summary>
    Force,
}

/// <summary>A piece of advice.</summary>
public abstract record AdvicePart;

/// <summary>Words for people, and the fixed words of commands.</summary>
/// <param name="Text">The words, as they are.</param>
internal sealed record AdviceWords(string Text) : AdvicePart;

/// <summary>A word of a command that a POSIX shell reads, to be quoted for it.</summary>
/// <param name="Word">The word as it is; null where it is not known.</param>
internal sealed record AdviceWord(string? Word) : AdvicePart;

/// <summary>Something to give to an operation; on its own, to the one that failed.</summary>
/// <param name="Option">The option of a migration; null where it is none of these.</param>
/// <param name="Parameter">What else it is.</param>
/// <param name="Value">
/// The value: a text, a number, true or false, a list of texts or an <see cref="AdviceExample"/>; null for none.
/// </param>
internal sealed record AdviceArgument(MigrationOption? Option, AdviceParameter Parameter, object? Value) : AdvicePart;

/// <summary>A value that is to be filled in, or to be taken as it stands.</summary>
/// <param name="Begin">Its beginning.</param>
/// <param name="Name">A name within it.</param>
/// <param name="End">Its end.</param>
internal sealed record AdviceExample(string Begin, string? Name = null, string End = "");

/// <summary>An operation of this library to call.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Arguments">What to give to it.</param>
internal sealed record AdviceCall(AdviceOperation Operation, IReadOnlyList<AdviceArgument> Arguments) : AdvicePart
{
    /// <summary>The operation whose results it is given; null for none.</summary>
    public AdviceCall? Source { get; init; }

    /// <summary>The properties of its results to look at; empty for all; null where that does not matter.</summary>
    public IReadOnlyList<string>? Shown { get; init; }

    /// <summary>Gives its results to another operation.</summary>
    internal AdviceCall Into(AdviceOperation next, params AdviceArgument[] arguments) => new(next, arguments) { Source = this };

    /// <summary>Looks at all of its results, or at some of their properties.</summary>
    internal AdviceCall Show(params string[] properties) => this with { Shown = properties };
}

/// <summary>A variable of the environment to set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal sealed record AdviceVariable(string Name, string Value) : AdvicePart;

/// <summary>What to read about an operation.</summary>
/// <param name="About">The operation.</param>
internal sealed record AdviceHelp(AdviceOperation About) : AdvicePart;

/// <summary>
/// What to do about a failure, as data, written as an interpolated string: words, commands of libvirt's and the system's tools, and operations
/// of this library. Whoever shows it puts in what its users type for an operation, and quotes what stands in a command.
/// </summary>
[InterpolatedStringHandler]
public sealed class Advice
{
    private readonly List<AdvicePart> _parts;

    /// <summary>Makes room for the pieces; called by the compiler.</summary>
    /// <param name="literalLength">How many letters the words have.</param>
    /// <param name="formattedCount">How many places there are.</param>
    public Advice(int literalLength, int formattedCount) => _parts = new(Math.Min(literalLength, formattedCount + 1) + formattedCount);

    /// <summary>The pieces in their order.</summary>
    public IReadOnlyList<AdvicePart> Parts => _parts;

    /// <summary>Adds words; called by the compiler.</summary>
    /// <param name="value">The words.</param>
    public void AppendLiteral(string value) => _parts.Add(new AdviceWords(value));

    /// <summary>Adds words; called by the compiler.</summary>
    /// <param name="value">The words; null for none.</param>
    public void AppendFormatted(string? value) => _parts.Add(new AdviceWords(value ?? string.Empty));

    /// <summary>Adds a piece; called by the compiler.</summary>
    /// <param name="value">The piece.</param>
    public void AppendFormatted(AdvicePart value) => _parts.Add(value);

    /// <summary>Calls an operation.</summary>
    internal static AdviceCall Call(AdviceOperation operation, params AdviceArgument[] arguments) => new(operation, arguments);

    /// <summary>Migrates the VM that failed, with the ends' URIs.</summary>
    internal static AdviceCall Migrate(FailureFacts facts, params AdviceArgument[] arguments) => OnBoth(AdviceOperation.Migrate, facts, arguments);

    /// <summary>Calls an operation with the VM and its host.</summary>
    internal static AdviceCall OnHost(AdviceOperation operation, FailureFacts facts, params AdviceArgument[] arguments) =>
        Call(operation, [Vm(facts), .. Source(facts), .. arguments]);

    /// <summary>Calls an operation with the VM, its host and its destination.</summary>
    internal static AdviceCall OnBoth(AdviceOperation operation, FailureFacts facts, params AdviceArgument[] arguments) =>
        Call(operation, [Vm(facts), .. Source(facts), .. Goal(facts), .. arguments]);

    /// <summary>Calls an operation with the VM alone.</summary>
    internal static AdviceCall OnVm(AdviceOperation operation, FailureFacts facts, params AdviceArgument[] arguments) =>
        Call(operation, [Vm(facts), .. arguments]);

    /// <summary>Looks for the VM on all connected hosts.</summary>
    internal static AdviceCall FindVm(FailureFacts facts, params AdviceArgument[] arguments) =>
        Call(AdviceOperation.ListHosts).Into(AdviceOperation.ListVms, [Vm(facts), .. arguments]);

    /// <summary>The VM as an operation's object.</summary>
    internal static AdviceArgument Vm(FailureFacts facts) => Use(AdviceParameter.Subject, facts.Vm);

    /// <summary>Something to give to an operation.</summary>
    internal static AdviceArgument Use(AdviceParameter parameter, object? value = null) => new(null, parameter, value);

    /// <summary>A name to give to an operation, known or not.</summary>
    internal static AdviceArgument Use(AdviceParameter parameter, string? name) => new(null, parameter, name ?? string.Empty);

    /// <summary>An option to give to a migration.</summary>
    internal static AdviceArgument Use(MigrationOption option, object? value = null) => new(option, default, value);

    /// <summary>A value to fill in or to take as it stands.</summary>
    internal static AdviceExample Example(string text) => new(text);

    /// <summary>A URI to send memory to.</summary>
    internal static AdviceExample AddressOf(FailureFacts facts) => new("tcp://<address of ", facts.Destination, ">");

    // By its URI, which leads to the host whatever the session is connected to. Without one the name may be that of anything.
    private static AdviceArgument[] Source(FailureFacts facts) => facts.HostUri is { } uri ? [Use(AdviceParameter.VmHost, uri)] : [];

    private static AdviceArgument[] Goal(FailureFacts facts) =>
        facts.DestinationWord.Word is { } word ? [Use(AdviceParameter.Destination, word)] : [];
}
