using System.Text;
using VirtMigrate.Shell.Hosting;
using VirtMigrate.Shell.Terminal;

namespace VirtMigrate.Shell;

internal static class Program
{
    private static int Main(string[] args)
    {
        // The engine decodes native output with the console's encoding, which .NET takes from LC_ALL.
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

        ShellOptions options;
        try
        {
            options = ShellOptions.Parse(args);
        }
        catch (FormatException problem)
        {
            Console.Error.WriteLine(problem.Message);
            Console.Error.WriteLine(ShellOptions.Usage);
            return ExitCodes.BadUsage;
        }

        if (options.Mode is ShellMode.Help)
        {
            Console.Out.WriteLine(ShellOptions.Usage);
            return ExitCodes.Success;
        }

        return Run(options);
    }

    private static int Run(ShellOptions options)
    {
        using var screen = new Screen();
        using var interruption = new Interruption();
        using var host = new ConsoleHost(screen, interruption, options.NonInteractive);
        using var session = new ShellSession(host, interruption);
        var loop = new InteractiveLoop(session, host);
        host.NestedPrompt = loop.RunNested;
        host.LeaveNestedPrompt = loop.LeaveNested;

        return options.Mode switch
        {
            ShellMode.File => session.RunFile(options.Target, options.Arguments),
            ShellMode.Command => session.RunCommand(options.Target),
            _ => loop.Run(),
        };
    }
}
