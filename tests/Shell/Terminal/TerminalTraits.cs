namespace VirtMigrate.Shell.Terminal;

/// <summary>What is known of the terminal.</summary>
internal static class TerminalTraits
{
    private const int WidthWithoutTerminal = 120;
    private const int HeightWithoutTerminal = 50;

    public static int Width => Console.IsOutputRedirected ? WidthWithoutTerminal : Math.Max(20, Console.WindowWidth);

    public static int Height => Console.IsOutputRedirected ? HeightWithoutTerminal : Math.Max(5, Console.WindowHeight);

    public static bool MovesCursor => Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } term && term is not "dumb";

    /// <summary>False when the user asked for no colour (https://no-color.org).</summary>
    public static bool AllowsColor => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
}
