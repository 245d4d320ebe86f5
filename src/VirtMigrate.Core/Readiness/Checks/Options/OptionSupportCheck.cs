using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Both hosts must be new enough for the options, and for those that only later versions can bring together.</summary>
public sealed class OptionSupportCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Options;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var source = await move.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await move.Destination.GetHostAsync().ConfigureAwait(false);
        var problems = MigrationOptionSupport.Check(move.Options, source, destination);
        string[] open =
        [
            .. move.Options.Enabled.Select(o => o.Key)
                .Where(o => o.SinceQemu is not null || o.Conflicts.Any(c => move.Options.HasAny(c.Option)))
                .Select(o => $"-{o.Name}"),
        ];
        var finding = (problems.Count, source.HypervisorVersion is null || destination.HypervisorVersion is null) switch
        {
            (> 0, _) => Failed("TooOld", string.Join(' ', problems.Select(p => p.Message))),
            (_, true) when open.Length > 0 => NotVerified("Unknown", string.Join(", ", open)),
            _ => Passed("Supported"),
        };
        return finding
            .Seen(source.Name, "libvirt, QEMU", $"{source.LibvirtVersion}, {source.HypervisorVersion}")
            .Seen(destination.Name, "libvirt, QEMU", $"{destination.LibvirtVersion}, {destination.HypervisorVersion}");
    }
}
