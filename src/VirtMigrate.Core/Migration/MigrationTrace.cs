using System.Collections.Specialized;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>Keeps a step of a migration's machine.</summary>
/// <param name="at">Time since the migration began.</param>
/// <param name="happened">What the machine was told.</param>
/// <param name="commands">What it wanted done; null where it failed.</param>
internal delegate void MigrationStepRecorder(TimeSpan at, MigrationEvent happened, IReadOnlyList<MigrationCommand>? commands);

/// <summary>
/// The record of one migration for a support case: what its machine was made of, each event that went in with its time, and the commands that
/// came out. From these the machine makes the same decisions again, on any computer (build.ps1 Simulate -Trace). One file a migration, in the
/// folder that VIRTMIGRATE_TRACE names; what it holds is told in about_VmMigration.
/// </summary>
internal sealed class MigrationTrace
{
    private const string Variable = "VIRTMIGRATE_TRACE";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly string _file;
    private readonly object _lock = new();
    private StreamWriter? _writer;
    private Task _writing = Task.CompletedTask;
    private volatile bool _hasFailed;

    private MigrationTrace(string file) => _file = file;

    /// <summary>Begins to record a migration, where the environment asks for it.</summary>
    /// <param name="plan">The plan of the migration.</param>
    /// <returns>The record; null where none is kept.</returns>
    public static MigrationTrace? Open(MigrationPlan plan) =>
        Environment.GetEnvironmentVariable(Variable) is { } folder && !string.IsNullOrWhiteSpace(folder) ? Open(plan, folder, DateTimeOffset.Now) : null;

    /// <summary>Begins to record a migration in a folder.</summary>
    /// <param name="plan">The plan of the migration.</param>
    /// <param name="folder">The folder, which is made where it is missing.</param>
    /// <param name="startTime">When it begins.</param>
    /// <returns>The record.</returns>
    internal static MigrationTrace Open(MigrationPlan plan, string folder, DateTimeOffset startTime)
    {
        var name = string.Concat(plan.Vm.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        var time = startTime.ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
        var trace = new MigrationTrace(Path.Combine(folder, $"{time}-{name}.jsonl"));
        trace.Write(() => MigrationTraceFormat.Write(MigrationTraceHead.Of(plan, startTime)));
        return trace;
    }

    /// <summary>Records a step of the machine.</summary>
    /// <param name="at">Time since the migration began.</param>
    /// <param name="happened">What the machine was told.</param>
    /// <param name="commands">What it wanted done; null where it failed.</param>
    public void Write(TimeSpan at, MigrationEvent happened, IReadOnlyList<MigrationCommand>? commands)
    {
        Write(() => MigrationTraceFormat.Write(new MigrationTraceStep(at, happened, commands)));
        if (commands?.Any(c => c is MigrationCommand.Leave) == true)
        {
            Then(Close);
        }
    }

    /// <summary>Waits until what was recorded is in the file, but not for long: the process may be about to end.</summary>
    /// <returns>A task that ends then.</returns>
    public async Task WaitUntilWrittenAsync()
    {
        Task writing;
        lock (_lock)
        {
            writing = _writing;
        }

        await writing.WaitAsync(LongestWait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // The line is made at once, of what is so now. It is written by threads that the migration does not wait for: a folder on a share that
    // hangs, or a disk that is full, costs the record and nothing else.
    private void Write(Func<string> make)
    {
        if (_hasFailed)
        {
            return;
        }

        string line;
        try
        {
            line = make();
        }
        catch (Exception)
        {
            _hasFailed = true;
            return;
        }

        Then(() =>
        {
            _writer ??= Create();
            _writer.WriteLine(line);
            _writer.Flush();
        });
    }

    private void Then(Action next)
    {
        lock (_lock)
        {
            _writing = _writing.ContinueWith(_ => Attempt(next), TaskScheduler.Default);
        }
    }

    private void Attempt(Action write)
    {
        try
        {
            if (!_hasFailed)
            {
                write();
            }
        }
        catch (Exception)
        {
            _hasFailed = true;
            _writer = null;
        }
    }

    private void Close()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private StreamWriter Create()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new(_file, options);
    }
}

/// <summary>The first line of a trace: what the machine was made of.</summary>
/// <param name="StartTime">When the migration began, on the clock of the machine that ran it.</param>
/// <param name="Vm">The VM before.</param>
/// <param name="Source">The source.</param>
/// <param name="Destination">The destination.</param>
/// <param name="Options">The options in effect; definitions among them by their hash.</param>
/// <param name="Limits">The limits in effect.</param>
/// <param name="OutlivesClient">Whether the migration goes on where its call is lost.</param>
/// <param name="Role">What is done about the migration.</param>
/// <param name="Steering">What its source is asked for, where it is only followed.</param>
/// <param name="IsBeforeKnown">Whether the VM is known to have been before what it was last seen as.</param>
/// <param name="StallTimeout">How long nothing may move in a post-copy that is resumed.</param>
/// <param name="Leftover">The definition that the destination had before.</param>
/// <param name="Policy">The policy.</param>
/// <param name="GivenMaxDowntime">The downtime limit that was given.</param>
/// <param name="Decisions">What was decided before.</param>
/// <param name="Estimate">What the time left is told by; null where there was no estimate.</param>
internal sealed record MigrationTraceHead(
    DateTimeOffset StartTime,
    Vm Vm,
    VmHost Source,
    VmHost Destination,
    OrderedDictionary Options,
    MigrationLimits Limits,
    bool OutlivesClient,
    MigrationRole Role,
    MigrationRequested Steering,
    bool IsBeforeKnown,
    TimeSpan StallTimeout,
    Vm? Leftover,
    MigrationPolicy? Policy,
    TimeSpan? GivenMaxDowntime,
    IReadOnlyList<MigrationDecision> Decisions,
    MigrationTraceEstimate? Estimate)
{
    /// <summary>Makes the first line of a migration's trace.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="startTime">When it begins.</param>
    /// <returns>The line.</returns>
    public static MigrationTraceHead Of(MigrationPlan plan, DateTimeOffset startTime) => new(
        startTime, plan.Vm, plan.SourceHost, plan.DestinationHost, Redact(plan.Options), plan.Limits, plan.OutlivesClient, plan.Role, plan.Steering,
        plan.IsBeforeKnown, plan.StallTimeout, plan.Leftover, plan.Policy, plan.GivenMaxDowntime, plan.Decisions,
        plan.Estimate is { } e ? new(e.ResidentMemory, e.DirtyRate?.Curve.Memory, e.DirtyRate?.Readings) : null);

    private static OrderedDictionary Redact(MigrationOptionSet options) => MigrationOptionValues.Of(options.Enabled.Select(o =>
        KeyValuePair.Create(o.Key.Name, o.Key == MigrationOptions.DestinationXml || o.Key == MigrationOptions.PersistentXml
            ? MigrationTraceFormat.Hash(MigrationOption.ToTexts(o.Key.Encode(o.Value))[0])
            : o.Value)));
}

/// <summary>What the machine takes of an estimate.</summary>
/// <param name="ResidentMemory">The guest's memory that moves, in bytes.</param>
/// <param name="DirtyMemory">The memory that its dirty rate was measured in, in bytes.</param>
/// <param name="DirtyRate">The measurements.</param>
internal sealed record MigrationTraceEstimate(long ResidentMemory, double? DirtyMemory, IReadOnlyList<DirtyRateReading>? DirtyRate);

/// <summary>A further line of a trace: a step of the machine.</summary>
/// <param name="At">Time since the migration began.</param>
/// <param name="Event">What the machine was told.</param>
/// <param name="Commands">What it wanted done; null where it failed.</param>
internal sealed record MigrationTraceStep(TimeSpan At, MigrationEvent Event, IReadOnlyList<MigrationCommand>? Commands);

/// <summary>How a trace is written: a JSON object a line, with the names that events and commands have in the code.</summary>
internal static class MigrationTraceFormat
{
    /// <summary>How values are written. Definitions, which may hold secrets, are written as their hashes, which are equal where they are.</summary>
    public static readonly JsonSerializerOptions Options = Make(new ExceptionJsonConverter());

    /// <summary>Writes a line.</summary>
    /// <typeparam name="T">Its kind.</typeparam>
    /// <param name="line">The line.</param>
    /// <returns>Its text.</returns>
    public static string Write<T>(T line) => JsonSerializer.Serialize(line, Options);

    /// <summary>Makes the options for one way to write, and read, exceptions.</summary>
    /// <param name="exceptions">That way.</param>
    /// <returns>The options.</returns>
    public static JsonSerializerOptions Make(JsonConverter<Exception> exceptions) => new()
    {
        // No page shows it.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter(), new OptionValuesJsonConverter(), exceptions },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameKinds, HideDefinitions } },
    };

    /// <summary>Tells a definition by a text that does not betray it.</summary>
    /// <param name="definition">The definition.</param>
    /// <returns>Its hash.</returns>
    public static string Hash(string definition) => "sha256:" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(definition)));

    private static void NameKinds(JsonTypeInfo type)
    {
        Type[] kinds = type.Type == typeof(MigrationEvent) || type.Type == typeof(MigrationCommand) ? type.Type.GetNestedTypes(BindingFlags.NonPublic)
            : type.Type == typeof(DomainEvent) ? [typeof(LifecycleEvent), typeof(JobCompletedEvent), typeof(MigrationIterationEvent)]
            : [];
        if (kinds.Length > 0)
        {
            type.PolymorphismOptions = new();
            foreach (var kind in kinds)
            {
                type.PolymorphismOptions.DerivedTypes.Add(new(kind, kind.Name));
            }
        }
    }

    private static void HideDefinitions(JsonTypeInfo type)
    {
        if (type.Type == typeof(MigrationEvent.DefinitionSeen))
        {
            type.Properties.Single(p => string.Equals(p.Name, nameof(MigrationEvent.DefinitionSeen.Definition), StringComparison.Ordinal)).CustomConverter =
                new DefinitionJsonConverter();
        }
    }

    private sealed class DefinitionJsonConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(Hash(value));
    }

    private sealed class ExceptionJsonConverter : JsonConverter<Exception>
    {
        public override bool CanConvert(Type typeToConvert) => typeof(Exception).IsAssignableFrom(typeToConvert);

        public override Exception Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A trace is read by what replays it.");

        public override void Write(Utf8JsonWriter writer, Exception value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, MigrationTraceFailure.Of(value), options);
    }
}

/// <summary>An exception, as far as it matters what went wrong.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Reason">The id of its reason; null where its type has none.</param>
/// <param name="Message">Its message.</param>
/// <param name="Host">The host that it came from.</param>
/// <param name="Error">Libvirt's error.</param>
/// <param name="Inner">What caused it.</param>
internal sealed record MigrationTraceFailure(string Type, string? Reason, string Message, string? Host, HypervisorError? Error, MigrationTraceFailure? Inner)
{
    /// <summary>Describes an exception.</summary>
    /// <param name="failure">The exception.</param>
    /// <returns>What matters of it.</returns>
    public static MigrationTraceFailure Of(Exception failure)
    {
        var hypervisor = failure as HypervisorException;
        return new(failure.GetType().FullName ?? failure.GetType().Name, (failure as FailureException)?.Failure.Id, failure.Message, hypervisor?.Host?.Uri, hypervisor?.Error,
            failure.InnerException is { } inner ? Of(inner) : null);
    }
}
