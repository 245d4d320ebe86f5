using System.Globalization;
using System.Text;
using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Planning;

/// <summary>
/// Says what a migration is in virsh's words, quoted so that it can be pasted into a POSIX shell; into bash or zsh where a
/// definition was given as text, since virsh reads definitions from files and only those shells make a file of a command's output.
/// </summary>
internal static class VirshCommand
{
    /// <summary>The <c>virsh migrate</c> command that equals a migration.</summary>
    /// <param name="sourceUri">The source's URI.</param>
    /// <param name="vm">The VM's name.</param>
    /// <param name="destinationUri">The destination's URI.</param>
    /// <param name="options">The options in effect. The downtime limit and a timeout that aborts are commands of their own.</param>
    /// <returns>One line.</returns>
    public static string Migrate(string sourceUri, string vm, string destinationUri, MigrationOptionSet options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var limits = options.Limits;
        var connect = new[] { "virsh", "-c", sourceUri };
        var command = new StringBuilder();
        if (limits.MaxDowntime is { } downtime && !options.Has(MigrationOptions.Offline))
        {
            var milliseconds = downtime.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
            AppendJoined(command, [.. connect, "migrate-setmaxdowntime", "--domain", vm, "--downtime", milliseconds]);
            command.Append(" && ");
        }

        // virsh can't abort when the time is up, so the abort is the shell's.
        if (limits is { Timeout: { } timeout, OnTimeout: TimeoutAction.Abort })
        {
            AppendJoined(command, ["timeout", "-s", "INT", Seconds(timeout)]);
            command.Append(' ');
        }

        AppendJoined(command, [.. connect, "migrate"]);
        command.AppendJoin(string.Empty, VirshMigrateOptions.Words(options, ShellWord.Quote, XmlWord).Concat(Limits(limits)).Select(word => $" {word}")).Append(' ');
        AppendJoined(command, ["--domain", vm, "--desturi", destinationUri]);
        return command.ToString();
    }

    private static string XmlWord(MigrationXml xml) => xml.Path is { } path ? ShellWord.Quote(path) : $"<(printf %s {ShellWord.Quote(xml.Text)})";

    private static IEnumerable<string> Limits(MigrationLimits limits) => limits is { Timeout: { } timeout, OnTimeout: not TimeoutAction.Abort }
        ? ["--timeout", Seconds(timeout), MigrationOptions.OnTimeout.FindChoice(limits.OnTimeout.ToString())!.VirshOption!]
        : [];

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);

    private static void AppendJoined(StringBuilder command, IEnumerable<string> words) => command.Append(ShellWord.Join(words));
}
