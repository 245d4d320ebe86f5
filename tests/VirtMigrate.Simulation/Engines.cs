using VirtMigrate.Migration;

namespace VirtMigrate.Simulation;

/// <summary>The engines that can be run by their names.</summary>
internal static class Engines
{
    /// <summary>The module's own.</summary>
    public static readonly Engine Driver = (plan, time, progress, stop) => MigrationDriver.RunAsync(plan, progress, time, stop);

    /// <summary>A small one that claims no more than it saw, which tells what the world allows.</summary>
    public static readonly Engine Plain = PlainEngine.RunAsync;
}
