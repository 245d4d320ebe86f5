using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using VirtMigrate.Estimation;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation.Replay;

/// <summary>A step of a recorded migration.</summary>
/// <param name="At">Time since the migration began.</param>
/// <param name="Event">What the machine was told.</param>
/// <param name="Commands">What it wanted done, as it was written; null where it failed.</param>
internal sealed record RecordedStep(TimeSpan At, MigrationEvent Event, IReadOnlyList<string>? Commands);

/// <summary>The trace of a real migration, as <see cref="MigrationTrace"/> wrote it.</summary>
/// <param name="Plan">What the machine was made of. Its hosts can't be asked.</param>
/// <param name="OutlivesClient">Whether the migration goes on where its call is lost.</param>
/// <param name="Steps">The steps.</param>
internal sealed record RecordedTrace(MigrationPlan Plan, bool OutlivesClient, IReadOnlyList<RecordedStep> Steps)
{
    // What was read of an exception is written again as it was, whatever its type is here.
    private static readonly ConditionalWeakTable<Exception, string> Read = [];

    /// <summary>How the trace's values are read, and what came of them is written.</summary>
    public static readonly JsonSerializerOptions Options = MigrationTraceFormat.Make(new RecordedExceptionConverter());

    /// <summary>Reads a trace.</summary>
    /// <param name="file">The file.</param>
    /// <returns>The trace; without its last line where that was cut off.</returns>
    public static RecordedTrace Of(string file)
    {
        var lines = File.ReadAllLines(file);
        var head = JsonSerializer.Deserialize<MigrationTraceHead>(lines[0], Options)!;
        var steps = new List<RecordedStep>();
        foreach (var line in lines.Skip(1).Where(l => l.EndsWith('}')))
        {
            using var step = JsonDocument.Parse(line);
            var root = step.RootElement;
            steps.Add(new(
                root.GetProperty(nameof(MigrationTraceStep.At)).Deserialize<TimeSpan>(Options),
                root.GetProperty(nameof(MigrationTraceStep.Event)).Deserialize<MigrationEvent>(Options)!,
                root.TryGetProperty(nameof(MigrationTraceStep.Commands), out var commands) ? [.. commands.EnumerateArray().Select(c => c.GetRawText())] : null));
        }

        return new(PlanOf(head), head.OutlivesClient, steps);
    }

    /// <summary>Tells the machine what it was told then.</summary>
    /// <returns>For each step what the machine wants done now, as it would be written.</returns>
    public IEnumerable<(RecordedStep Step, IReadOnlyList<string>? Commands)> Replay()
    {
        var machine = new MigrationMachine(Plan, OutlivesClient);
        foreach (var step in Steps)
        {
            yield return (step, Tell(machine, step));
        }
    }

    private static IReadOnlyList<string>? Tell(MigrationMachine machine, RecordedStep step)
    {
        try
        {
            return [.. machine.Step(step.Event, step.At).Select(c => JsonSerializer.Serialize(c, Options))];
        }
        catch (Exception)
        {
            // As then: the machine is told next that it failed.
            return null;
        }
    }

    private static MigrationPlan PlanOf(MigrationTraceHead head)
    {
        static HostConnection Host(VmHost host) => HostAddress.Parse(host.Uri) is var address && address == HostAddress.Unknown
            ? HostConnection.Unknown
            : new(new NoTransport(), address);
        return new(head.Vm, Host(head.Source), Host(head.Destination), head.Source, head.Destination, MigrationOptionSet.FromValues(head.Options).With(head.Limits))
        {
            Role = head.Role,
            Steering = head.Steering,
            IsBeforeKnown = head.IsBeforeKnown,
            StallTimeout = head.StallTimeout,
            Leftover = head.Leftover,
            Policy = head.Policy,
            GivenMaxDowntime = head.GivenMaxDowntime,
            Decisions = head.Decisions,
            Estimate = head.Estimate is { } estimate ? Estimate(head, estimate) : null,
        };
    }

    // The rest of an estimate is for people.
    private static VmMigrationEstimate Estimate(MigrationTraceHead head, MigrationTraceEstimate estimate) => new()
    {
        Vm = head.Vm.Name,
        Uuid = head.Vm.Uuid,
        Source = head.Source,
        Destination = head.Destination,
        Forecast = null!,
        Recommendation = null!,
        Bandwidth = 0,
        BandwidthSource = default,
        BandwidthEvidence = string.Empty,
        ResidentMemory = estimate.ResidentMemory,
        MaxDowntime = default,
        Time = head.StartTime,
        DirtyRate = estimate is not { DirtyMemory: { } memory, DirtyRate: { } readings } ? null : new()
        {
            Vm = head.Vm.Name,
            Uuid = head.Vm.Uuid,
            VmHost = head.Source,
            Readings = readings,
            Curve = ConcaveFit.Curve([.. readings], memory),
        },
    };

    private sealed class NoTransport : ITransport
    {
        public Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken) =>
            throw new NotSupportedException("The hosts of a trace can't be asked.");
    }

    private sealed class RecordedExceptionConverter : JsonConverter<Exception>
    {
        public override bool CanConvert(Type typeToConvert) => typeof(Exception).IsAssignableFrom(typeToConvert);

        public override Exception Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var json = JsonDocument.ParseValue(ref reader);
            var exception = Make(json.RootElement.Deserialize<MigrationTraceFailure>(options)!);
            RecordedTrace.Read.Add(exception, json.RootElement.GetRawText());
            return exception;
        }

        public override void Write(Utf8JsonWriter writer, Exception value, JsonSerializerOptions options)
        {
            if (RecordedTrace.Read.TryGetValue(value, out var text))
            {
                writer.WriteRawValue(text);
                return;
            }

            var failure = MigrationTraceFailure.Of(value);
            writer.WriteStartObject();
            foreach (var property in JsonSerializer.SerializeToElement(failure with { Inner = null }, options).EnumerateObject())
            {
                property.WriteTo(writer);
            }

            if (value.InnerException is { } inner)
            {
                writer.WritePropertyName(nameof(MigrationTraceFailure.Inner));
                Write(writer, inner, options);
            }

            writer.WriteEndObject();
        }

        // Constructors make the messages of many types; what was recorded is put in their place.
        private static Exception Make(MigrationTraceFailure failure)
        {
            var type = typeof(HypervisorException).Assembly.GetType(failure.Type) ?? Type.GetType(failure.Type) ?? typeof(Exception);
            var exception = (Exception)RuntimeHelpers.GetUninitializedObject(type);
            Set(typeof(Exception), "_message", failure.Message);
            Set(typeof(Exception), "_innerException", failure.Inner is { } inner ? Make(inner) : null);
            if (exception is HypervisorException)
            {
                Set(typeof(HypervisorException), $"<{nameof(HypervisorException.Error)}>k__BackingField", failure.Error);
                Set(typeof(FailureException), $"<{nameof(FailureException.Failure)}>k__BackingField",
                    FailureTable.All.First(f => string.Equals(f.Id, failure.Reason, StringComparison.Ordinal)));
            }

            return exception;

            void Set(Type declaring, string field, object? value) =>
                declaring.GetField(field, BindingFlags.NonPublic | BindingFlags.Instance)!.SetValue(exception, value);
        }
    }
}
