using System.Globalization;
using VirtMigrate.Options;

namespace VirtMigrate.Hosts;

/// <summary>Says what a migration is in virsh's words.</summary>
internal static class VirshCommand
{
    /// <summary>
    /// The <c>virsh migrate</c> command that equals a migration, quoted so that it can be pasted into a POSIX shell; into bash or zsh where a
    /// definition was given as text, since virsh reads definitions from files and only those shells make a file of a command's output.
    /// </summary>
    /// <param name="sourceUri">The source's URI.</param>
    /// <param name="vm">The VM's name.</param>
    /// <param name="destinationUri">The destination's URI.</param>
    /// <param name="options">The options in effect. The downtime limit and a timeout that aborts are commands of their own.</param>
    /// <returns>One line.</returns>
    public static string Migrate(string sourceUri, string vm, string destinationUri, MigrationOptionSet options)
    {
        var limits = options.Limits;
        string[] virsh = ["virsh", "-c", sourceUri];
        var setDowntime = limits.MaxDowntime is { } downtime && !options.Has(MigrationOptions.Offline)
            ? $"{ShellWord.Join([.. virsh, "migrate-setmaxdowntime", "--domain", vm, "--downtime", Number(downtime.TotalMilliseconds)])} && "
            : string.Empty;

        // virsh can't abort when the time is up, so the abort is the shell's.
        var abort = limits is { Timeout: { } timeout, OnTimeout: TimeoutAction.Abort }
            ? $"{ShellWord.Join(["timeout", "-s", "INT", Number(timeout.TotalSeconds)])} "
            : string.Empty;
        var words = Words(options, ShellWord.Quote, XmlWord).Concat(Limits(limits)).Select(word => $"{word} ");
        return $"{setDowntime}{abort}{ShellWord.Join([.. virsh, "migrate"])} {string.Concat(words)}{ShellWord.Join(["--domain", vm, "--desturi", destinationUri])}";
    }

    /// <summary>The words that equal options.</summary>
    /// <param name="options">The options in effect.</param>
    /// <param name="text">Makes a word of a value.</param>
    /// <param name="xml">Makes a word of a definition, which virsh reads from a file.</param>
    /// <returns>The words, in the table's order, without the time limit, which is no option of the migration itself.</returns>
    public static IEnumerable<string> Words(MigrationOptionSet options, Func<string, string> text, Func<MigrationXml, string> xml) =>
        options.Enabled.Where(o => o.Key != MigrationOptions.Timeout && o.Key != MigrationOptions.OnTimeout)
            .SelectMany(o => Words(o.Key, o.Value, text, xml));

    private static IEnumerable<string> Words(MigrationOption option, object value, Func<string, string> text, Func<MigrationXml, string> xml)
    {
        if ((option.Flag != MigrationFlags.None || option.ValueType == MigrationValueType.None) && option.VirshOption.Length > 0)
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
            yield return value is MigrationXml definition ? xml(definition) : text(string.Join(',', MigrationOption.ToTexts(option.Encode(value))));
        }
    }

    private static string XmlWord(MigrationXml xml) => xml.Path is { } path ? ShellWord.Quote(path) : $"<(printf %s {ShellWord.Quote(xml.Text)})";

    private static IEnumerable<string> Limits(MigrationLimits limits) => limits is { Timeout: { } timeout, OnTimeout: not TimeoutAction.Abort }
        ? ["--timeout", Number(timeout.TotalSeconds), MigrationOptions.OnTimeout.FindChoice(limits.OnTimeout.ToString())!.VirshOption!]
        : [];

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
