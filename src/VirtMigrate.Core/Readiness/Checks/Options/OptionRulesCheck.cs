using System.Xml;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The options must go together, and each must have a value that it can take.</summary>
internal sealed class OptionRulesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Options;
    public override string Subject => "The options go together, and each has a value that it can take.";

    public override Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var problems = context.Options.Validate();
        var words = problems.Select(p => LibvirtOptionErrors.Find(context.Options, p.Option)).FirstOrDefault(w => w is not null);
        var finding = (problems.Count, words, context.OptionTrouble) switch
        {
            (0, _, _) when FindBrokenXml(context.Options) is ({ } option, { } error) => Failed(
                $"What -{option} was given is no XML: {error}",
                advice: $"See where it breaks: xmllint --noout on the file, and hand it over in one piece: -{option} (Get-Content -Raw vm.xml)",
                libvirt: $"domain_definition"),
            (> 0, { } error, _) => Failed(
                $"{Join(problems)}",
                advice: $"Leave one of them out: Get-Help about_VmMigrationOptions",
                libvirt: $"{error}"),
            (> 0, _, _) => Wrong(Join(problems)),

            // The check of the VM's state says what is wrong with that.
            (_, _, { } trouble and not VmStateException) => Wrong(trouble.Message),
            _ => Passed($"The options go together."),
        };
        return Task.FromResult(finding.Seen("this computer", "options", string.Join(' ', context.Options.Enabled.Select(o => $"-{o.Key.Name}"))));
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

    private static Finding Wrong(string what) =>
        Failed($"{what}", advice: $"Leave one of them out, or give it another value: Get-Help about_VmMigrationOptions");

    private static string Join(IReadOnlyList<MigrationOptionProblem> problems) =>
        string.Join(' ', problems.Select(p => p.Message).Distinct(StringComparer.Ordinal));
}
