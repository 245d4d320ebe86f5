using VirtMigrate.Shell.Terminal;

namespace VirtMigrate.Shell.Progress;

internal static class ProgressDisplay
{
    /// <summary>"plain" asks for progress as lines where there is no terminal, such as in a build's log.</summary>
    public const string Variable = "VIRTMIGRATE_SHELL_PROGRESS";

    public static IProgressDisplay For(Screen screen)
    {
        if (screen.IsTerminal)
        {
            return new ProgressPane(screen);
        }

        return Environment.GetEnvironmentVariable(Variable) is "plain" ? new ProgressLog(screen) : new NoProgress();
    }
}
