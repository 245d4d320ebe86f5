using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>A machine whose call, or what stands in its place, was made at 0 s.</summary>
internal sealed class MachineRun
{
    /// <summary>What both hosts define before, where the VM is shut off.</summary>
    public const string Definition = "<domain/>";

    private readonly MigrationMachine _machine;

    public MachineRun(bool outlivesClient = false, Func<MigrationPlan, MigrationPlan>? with = null, string definitionThere = Definition)
    {
        var options = MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(MigrationOptions.Persistent, true);
        var plan = new MigrationPlan(TestData.Vm(VmState.Running), null!, null!, TestData.Host(), TestData.Host("kvm2"), options);
        _machine = new(with?.Invoke(plan) ?? plan, outlivesClient);
        foreach (var command in At(0, new MigrationEvent.Begun()))
        {
            MigrationEvent? answer = command switch
            {
                MigrationCommand.Listen listen => new MigrationEvent.Listening(listen.End),
                MigrationCommand.ReadCompleted read => new MigrationEvent.CompletedSeen(read.End, null),
                MigrationCommand.ReadDefinition read => new MigrationEvent.DefinitionSeen(read.End, read.End == MigrationEnd.Destination ? definitionThere : Definition, IsKnown: true),
                MigrationCommand.Request { What: MigrationRequested.ReadMaxDowntime } => new MigrationEvent.MaxDowntimeSeen(MigrationLimits.UsualMaxDowntime),
                _ => null,
            };
            if (answer is not null)
            {
                At(0, answer);
            }
        }

        Assert.Equal(MigrationStage.Moving, Stage);
    }

    public static JobReading NoJob => new(null);

    public MigrationStage Stage => _machine.Stage;

    public MigrationConclusion? Conclusion { get; private set; }

    public VmMigrationVerification? Verification => Conclusion?.Verification;

    public static MigrationEvent.JobSeen Job(double elapsed, long total = 100, long remaining = 50, long iteration = 1) => new(new JobReading(new JobStatistics
    {
        Operation = JobOperation.MigrationOut,
        Elapsed = TimeSpan.FromSeconds(elapsed),
        DataTotal = total,
        DataProcessed = total - remaining,
        DataRemaining = remaining,
        Iteration = iteration,
    }));

    public IReadOnlyList<MigrationCommand> At(double seconds, MigrationEvent happened)
    {
        var commands = _machine.Step(happened, TimeSpan.FromSeconds(seconds));
        Conclusion = commands.OfType<MigrationCommand.Conclude>().FirstOrDefault()?.Conclusion ?? Conclusion;

        // The last readings find nothing.
        foreach (var end in Stage == MigrationStage.Closing ? commands.OfType<MigrationCommand.ReadCompleted>().Select(c => c.End).ToArray() : [])
        {
            At(seconds, new MigrationEvent.CompletedSeen(end, null));
        }

        return commands;
    }

    public void LookForJob(double seconds, MigrationEvent.JobSeen seen)
    {
        At(seconds, new MigrationEvent.Elapsed(MigrationTimer.Poll));
        At(seconds, seen);
    }

    public void LookForJob(double seconds, JobReading reading) => LookForJob(seconds, new MigrationEvent.JobSeen(reading));

    public void Answer(double seconds, MigrationEnd end, VmInstance instance)
    {
        At(seconds, new MigrationEvent.CompletedSeen(end, null));
        At(seconds, new MigrationEvent.InstanceSeen(end, instance));
    }

    public void Answer(double seconds, VmInstance source, VmInstance destination)
    {
        Answer(seconds, MigrationEnd.Source, source);
        Answer(seconds, MigrationEnd.Destination, destination);
    }
}
