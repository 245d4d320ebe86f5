using System.Xml;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

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
                $"The value of -{option} is not valid XML: {error}",
                advice: $"Find the error (xmllint --noout vm.xml), and pass the whole file: -{option} (Get-Content -Raw vm.xml)",
                libvirt: $"domain_definition"),
            (> 0, { } error, _) => Failed(
                $"{Join(problems)}",
                advice: $"Leave one of them out: Get-Help about_VmMigrationOptions",
                libvirt: $"{error}"),
            (> 0, _, _) => Wrong(Join(problems)),

            // The check of the VM's state says what is wrong with that.
            (_, _, { Failure.Id: not ("VmNotRunning" or "VmNotShutOff") } trouble) => Wrong(trouble.Facts.Said),
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

/// <summary>What libvirt says where options don't go together (virDomainMigrate3, qemuMigrationSrcBeginPhase, qemuMigrationParamsCheck).</summary>
internal static class LibvirtOptionErrors
{
    private static readonly (MigrationOption Option, Func<MigrationOptionSet, string?> Words)[] Table =
    [
        (MigrationOptions.ZeroCopy, o => o.Has(MigrationOptions.Parallel) ? null : "zero-copy is only available for parallel migration"),
        (MigrationOptions.Compression, CompressionWords),
        (MigrationOptions.Suspend, PausedPostCopyWords),
        (MigrationOptions.PostCopy, PausedPostCopyWords),
        (MigrationOptions.Offline, o => o.Has(MigrationOptions.Persistent) ? null : "offline migration must be specified with the persistent flag set"),
        (MigrationOptions.Tunnelled, TunnelWords),
        (MigrationOptions.AutoConvergeInitial, _ => "Turn auto convergence on to tune it"),
        (MigrationOptions.AutoConvergeIncrement, _ => "Turn auto convergence on to tune it"),
    ];

    /// <summary>Finds libvirt's words for what is wrong with an option.</summary>
    /// <returns>The words; null where they are not known.</returns>
    public static string? Find(MigrationOptionSet options, MigrationOption option) =>
        Table.Where(t => t.Option == option).Select(t => t.Words(options)).FirstOrDefault(w => w is not null);

    private static string? CompressionWords(MigrationOptionSet options) =>
        !options.Has(MigrationOptions.Parallel) ? null :
        options.HasAny("Compression:xbzrle") ? Unsupported("xbzrle") :
        options.HasAny("Compression:mt") ? Unsupported("mt") :
        null;

    private static string Unsupported(string method) => $"Compression method '{method}' isn't supported with parallel migration";

    private static string? PausedPostCopyWords(MigrationOptionSet options) =>
        options.Has(MigrationOptions.PostCopy) && options.Has(MigrationOptions.Suspend)
            ? "post-copy migration is not supported with non-live or paused migration"
            : null;

    private static string? TunnelWords(MigrationOptionSet options) => options switch
    {
        _ when !options.Has(MigrationOptions.PeerToPeer) => "cannot perform tunnelled migration without using peer2peer flag",
        _ when options.Has(MigrationOptions.Parallel) => "Flags 'VIR_MIGRATE_TUNNELLED' and 'VIR_MIGRATE_PARALLEL' are mutually exclusive",
        _ when options.Has(MigrationOptions.PostCopy) => "post-copy is not supported with tunnelled migration",
        _ when options.Has(MigrationOptions.CopyStorage) => "migration of non-shared storage is not supported with tunnelled migration",
        _ => null,
    };
}

/// <summary>Both hosts must be new enough for the options, and for those that only later versions can bring together.</summary>
internal sealed class OptionSupportCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Options;
    public override string Subject => "Both hosts are new enough for the options.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var source = await context.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await context.Destination.GetHostAsync().ConfigureAwait(false);
        var problems = MigrationOptionRules.CheckVersions(context.Options, source, destination);
        string[] open =
        [
            .. context.Options.Enabled.Select(o => o.Key)
                .Where(o => o.SinceQemu is not null || o.Conflicts.Any(c => context.Options.HasAny(c.Option)))
                .Select(o => $"-{o.Name}"),
        ];
        var finding = (problems.Count, source.HypervisorVersion is null || destination.HypervisorVersion is null) switch
        {
            (> 0, _) => Failed(
                $"{string.Join(' ', problems.Select(p => p.Message))}",
                advice: $"Leave the option out, or update the host."),
            (_, true) when open.Length > 0 => NotVerified(
                $"'{(source.HypervisorVersion is null ? context.SourceName : context.DestinationName)}' does not report its QEMU version, on which " +
                    $"these depend: {open}.",
                advice: $"Compare: virsh -c {context.SourceUri} version; virsh -c {context.DestinationUri} version"),
            _ => Passed($"Both hosts support the options."),
        };
        return finding
            .Seen(source.Name, "libvirt, QEMU", $"{source.LibvirtVersion}, {source.HypervisorVersion}")
            .Seen(destination.Name, "libvirt, QEMU", $"{destination.LibvirtVersion}, {destination.HypervisorVersion}");
    }
}
