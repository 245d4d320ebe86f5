using System.Collections.Concurrent;
using System.Globalization;
using System.Resources;
using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Migration;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness;

/// <summary>The texts of the checks, one resource file a category.</summary>
internal static class ReadinessTexts
{
    private static readonly ConcurrentDictionary<ReadinessCategory, ResourceManager> Resources = [];

    /// <summary>Finds a text.</summary>
    /// <param name="category">The check's category.</param>
    /// <param name="name">The text's name.</param>
    /// <returns>The text with its places; null when there is none.</returns>
    public static string? Find(ReadinessCategory category, string name) =>
        Resources.GetOrAdd(category, c => new($"VirtMigrate.Readiness.Texts.{c}", typeof(ReadinessTexts).Assembly))
            .GetString(name, CultureInfo.InvariantCulture);

    /// <summary>Gives a text that must be there.</summary>
    /// <param name="category">The check's category.</param>
    /// <param name="name">The text's name.</param>
    /// <returns>The text with its places.</returns>
    public static string Get(ReadinessCategory category, string name) =>
        Find(category, name) ?? throw new MissingManifestResourceException($"{category}.resx has no text '{name}'.");

    /// <summary>
    /// Puts a finding into words. Beside the finding's own values, in numbered places, texts name <c>{vm}</c>, <c>{source}</c>,
    /// <c>{destination}</c> and, for commands, <c>{sourceUri}</c> and <c>{destinationUri}</c>; in advice all of them are quoted for the
    /// command that they stand in, and so is a finding's own value that is a <see cref="CommandWord"/>.
    /// </summary>
    /// <param name="check">The check.</param>
    /// <param name="finding">What it found.</param>
    /// <param name="move">What it was made for.</param>
    /// <returns>The result as users see it.</returns>
    public static VmMigrationCheck ToCheck(ReadinessCheck check, ReadinessFinding finding, ReadinessMove move)
    {
        var name = $"{check.Id}_{finding.Text}";
        return new()
        {
            Id = check.Id,
            Category = check.Category,
            ProtectsData = check.ProtectsData,
            Status = finding.Status,
            Message = ToSentence(Fill(Get(check.Category, name), finding, move, quote: false)),
            Evidence = finding.Evidence,
            Recommendation = Find(check.Category, $"{name}_Action") is { } action ? Fill(action, finding, move, quote: true) : null,
            LibvirtError = Find(check.Category, $"{name}_Error") is { } error ? Fill(error, finding, move, quote: false) : null,
        };
    }

    /// <summary>Says that a check could not be made, since a host did not tell what it needs.</summary>
    /// <param name="check">The check.</param>
    /// <param name="reason">Why the host did not tell.</param>
    /// <returns>The result as users see it.</returns>
    public static VmMigrationCheck Unanswered(ReadinessCheck check, HypervisorException reason) => new()
    {
        Id = check.Id,
        Category = check.Category,
        ProtectsData = check.ProtectsData,
        Status = ReadinessStatus.NotVerified,
        Message = $"This could not be looked at: {reason.Message}",
        Evidence = [new(reason.Host?.ToString() ?? "libvirt", "error", reason.Message)],
    };

    /// <summary>Says that a check broke. That is a defect of this module and says nothing of the VM; the other checks go on.</summary>
    /// <param name="check">The check.</param>
    /// <param name="defect">What it broke with.</param>
    /// <returns>The result as users see it, with all that a report of the defect needs.</returns>
    public static VmMigrationCheck Broken(ReadinessCheck check, Exception defect) => new()
    {
        Id = check.Id,
        Category = check.Category,
        ProtectsData = check.ProtectsData,
        Status = ReadinessStatus.NotVerified,
        Message = $"The check broke, which is a defect of VirtMigrate ({defect.GetType().Name}: {defect.Message}).",
        Recommendation = "Report it with the check's property Defect; until it is mended, look yourself at what the check is about.",
        Defect = defect.ToString(),
    };

    // Names keep their letters at the begin of a sentence.
    private static string ToSentence(string text) => text.StartsWith(SocketProbe.ThisComputer, StringComparison.Ordinal)
        ? char.ToUpperInvariant(text[0]) + text[1..]
        : text;

    private static string Fill(string text, ReadinessFinding finding, ReadinessMove move, bool quote)
    {
        // The places with names become numbered ones behind the finding's own.
        string[] names = ["{vm}", "{source}", "{destination}", "{sourceUri}", "{destinationUri}"];
        string[] values = [move.Vm.Vm.Name, move.Vm.Vm.VmHost.Name, move.DestinationName, move.Source.Address.Uri, move.Destination.Address.Uri];
        for (var i = 0; i < names.Length; i++)
        {
            text = text.Replace(names[i], $"{{{finding.Values.Count + i}}}", StringComparison.Ordinal);
        }

        object?[] filled = [.. finding.Values, .. values.Select(v => (object)new CommandWord(v))];
        return quote ? AdviceText.Fill(text, filled) : string.Format(CultureInfo.InvariantCulture, text, filled);
    }
}
