using VirtMigrate.Migration;

namespace VirtMigrate.Simulation;

/// <summary>The engines that can be run by their names.</summary>
internal static class Engines
{
    /// <summary>The module's own.</summary>
    public static readonly Engine Driver = (plan, time, progress, stop) => MigrationDriver.RunAsync(plan, progress, time, stop);

    /// <summary>The module's own, whose machine is listened to.</summary>
    /// <param name="record">Hears each step of it.</param>
    /// <returns>The engine.</returns>
    public static Engine Recorded(MigrationStepRecorder record) => (plan, time, progress, stop) => MigrationDriver.RunAsync(plan, progress, time, stop, record);

    /// <summary>The module's own, whose machine's transitions are counted.</summary>
    /// <param name="tally">Counts them.</param>
    /// <returns>The engine.</returns>
    public static Engine Counted(TransitionTally tally) => (plan, time, progress, stop) =>
    {
        // A second machine that is told the same takes the same way.
        var machine = new MigrationMachine(plan, plan.OutlivesClient);
        return Recorded((at, happened, _) => tally.Step(machine, happened, at))(plan, time, progress, stop);
    };

    /// <summary>A small one that claims no more than it saw, which tells what the world allows.</summary>
    public static readonly Engine Plain = PlainEngine.RunAsync;
}
