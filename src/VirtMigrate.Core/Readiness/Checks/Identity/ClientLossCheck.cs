using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A migration that this computer runs ends with this computer; one that the source runs goes on.</summary>
internal sealed class ClientLossCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "Which computer runs the migration, and what happens if this one is lost.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var qemu = (await context.Source.GetHostAsync().ConfigureAwait(false)).HypervisorVersion;
        var mayEndGuest = context.Options.Has(MigrationOptions.Parallel) && qemu < QemuVersions.Connections;
        return (context.IsLive, context.Options.Has(MigrationOptions.PeerToPeer)) switch
        {
            (false, _) => NotApplicable($"Only the definition moves, within seconds."),
            (_, true) => Passed($"'{context.SourceName}' runs the migration, which continues if this computer is lost."),
            _ when mayEndGuest => Warning(
                $"This computer runs the migration, over several connections. If this process is killed, libvirt ends the destination's half, " +
                    $"and QEMU {qemu} on '{context.SourceName}' can exit with it: the guest would be lost.",
                advice: $"If '{context.SourceName}' can connect to '{context.DestinationName}' itself, let it run the migration (-PeerToPeer), or " +
                    $"leave -Parallel out. Ctrl+C, Stop-VmMigration, SIGTERM and a closed terminal are safe: they abort the migration, and the " +
                    $"VM stays on '{context.SourceName}'."),
            _ => Passed(
                $"This computer runs the migration. If it is lost, the guest keeps running on '{context.SourceName}', and the migration must be " +
                    $"started again.",
                advice: $"If '{context.SourceName}' can connect to '{context.DestinationName}' itself, -PeerToPeer lets it run the migration."),
        };
    }
}
