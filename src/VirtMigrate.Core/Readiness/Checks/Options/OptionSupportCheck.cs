using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

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
