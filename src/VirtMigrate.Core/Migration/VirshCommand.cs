using System.Globalization;
using System.Text;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Migration;

/// <summary>
/// Says what a migration is in virsh's words, quoted so that it can be pasted into a POSIX shell; into bash or zsh where a
/// definition was given as text, since virsh reads definitions from files and only those shells make a file of a command's output.
/// </summary>
public static class VirshCommand
{
    /// <summary>The <c>virsh migrate</c> command that equals a migration.</summary>
    /// <param name="sourceUri">The source's URI.</param>
    /// <param name="vm">The VM's name.</param>
    /// <param name="destinationUri">The destination's URI.</param>
    /// <param name="options">The options in effect.</param>
    /// <param name="limits">The limits in effect; virsh sets them by commands of their own.</param>
    /// <returns>One line.</returns>
    public static string Migrate(string sourceUri, string vm, string destinationUri, MigrationOptionSet options, MigrationLimits limits)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(limits);
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
        command.AppendJoin(string.Empty, Options(options).Concat(Limits(limits)).Select(word => $" {word}")).Append(' ');
        AppendJoined(command, ["--domain", vm, "--desturi", destinationUri]);
        return command.ToString();
    }

    /// <summary>Quotes one word for a POSIX shell, where it needs quotes.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The word as a shell reads it back.</returns>
    public static string Quote(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return word.Length > 0 && word.All(IsPlain) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    private static IEnumerable<string> Options(MigrationOptionSet options) =>
        options.Enabled.Where(o => o.Key != MigrationOptions.Timeout && o.Key != MigrationOptions.OnTimeout).SelectMany(o => Words(o.Key, o.Value));

    private static IEnumerable<string> Words(MigrationOption option, object value)
    {
        if (option.Flag != MigrationFlags.None || option.ValueType == MigrationValueType.None)
        {
            yield return option.VirshOption;
        }

        foreach (var choice in option.ChoicesOf(value).Select(c => c.VirshOption).OfType<string>())
        {
            yield return choice;
        }

        if (option.TypedParameter is not null)
        {
            yield return option.VirshValueOption ?? option.VirshOption;
            yield return Value(option, value);
        }
    }

    private static string Value(MigrationOption option, object value) => (value, option.Encode(value)) switch
    {
        (MigrationXml { Path: { } path }, _) => Quote(path),
        (MigrationXml { Text: var text }, _) => $"<(printf %s {Quote(text)})",
        (_, IEnumerable<string> list) => Quote(string.Join(',', list)),
        var (_, encoded) => Quote(Convert.ToString(encoded, CultureInfo.InvariantCulture) ?? string.Empty),
    };

    private static IEnumerable<string> Limits(MigrationLimits limits) => limits is { Timeout: { } timeout, OnTimeout: not TimeoutAction.Abort }
        ? ["--timeout", Seconds(timeout), MigrationOptions.OnTimeout.FindChoice(limits.OnTimeout.ToString())!.VirshOption!]
        : [];

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);

    private static void AppendJoined(StringBuilder command, IEnumerable<string> words) => command.AppendJoin(' ', words.Select(Quote));

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || "-_./:@%+=,".Contains(c, StringComparison.Ordinal);
}
