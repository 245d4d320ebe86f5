using System.Text;

namespace VirtMigrate.Shell.Terminal;

/// <summary>
/// Lines from standard input. The terminal does the line editing; bytes are taken one at a time, so that what follows
/// a line stays there for a native command; and a wait can be cancelled, which Console.ReadLine's cannot.
/// </summary>
internal static class InputReader
{
    private const int PollMilliseconds = 50;

    public static bool IsTerminal => !Console.IsInputRedirected;

    /// <summary>One line without its end, or null at the end of the input.</summary>
    public static string? ReadLine(CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.In.ReadLine();
        }

        var line = new List<byte>();
        while (true)
        {
            while (!NativeTerminal.WaitForInput(PollMilliseconds))
            {
                cancellation.ThrowIfCancellationRequested();
            }

            cancellation.ThrowIfCancellationRequested();
            switch (NativeTerminal.ReadByte())
            {
                case < 0:
                    return line.Count == 0 ? null : Text(line);
                case '\n':
                    return Text(line);
                case var value:
                    line.Add((byte)value);
                    break;
            }
        }
    }

    /// <summary>As <see cref="ReadLine"/>, with nothing of what is typed shown.</summary>
    public static string? ReadSecretLine(CancellationToken cancellation)
    {
        using var silence = new TerminalEcho();
        return ReadLine(cancellation);
    }

    private static string Text(List<byte> bytes) => Encoding.UTF8.GetString([.. bytes]).TrimEnd('\r');
}
