using System.Xml;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The options must go together, and each must have a value that it can take.</summary>
public sealed class OptionRulesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Options;

    /// <inheritdoc/>
    public override Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var problems = move.Options.Validate();
        var words = problems.Select(p => LibvirtOptionErrors.Find(move.Options, p.Option)).FirstOrDefault(w => w is not null);
        var finding = (problems.Count, words, move.OptionTrouble) switch
        {
            (0, _, _) when FindBrokenXml(move.Options) is ({ } option, { } error) => Failed("NoXml", option, error),
            (> 0, { } error, _) => Failed("Refused", Join(problems), error),
            (> 0, _, _) => Failed("Wrong", Join(problems)),

            // The check of the VM's state says what is wrong with that.
            (_, _, { } trouble and not VmStateException) => Failed("Wrong", trouble.Message),
            _ => Passed("Right"),
        };
        return Task.FromResult(finding.Seen("this computer", "options", string.Join(' ', move.Options.Enabled.Select(o => $"-{o.Key.Name}"))));
    }

    private static (string? Option, string? Error) FindBrokenXml(MigrationOptionSet options)
    {
        foreach (var (option, value) in options.Enabled.Where(o => o.Key == MigrationOptions.DestinationXml || o.Key == MigrationOptions.PersistentXml))
        {
            try
            {
                _ = new DomainDefinition((string)option.Encode(value));
            }
            catch (XmlException e)
            {
                return (option.Name, e.Message);
            }
        }

        return (null, null);
    }

    private static string Join(IReadOnlyList<MigrationOptionProblem> problems) =>
        string.Join(' ', problems.Select(p => p.Message).Distinct(StringComparer.Ordinal));
}
