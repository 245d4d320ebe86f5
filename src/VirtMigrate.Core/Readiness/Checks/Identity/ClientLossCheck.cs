using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A migration that this computer runs ends with this computer; one that the source runs goes on.</summary>
internal sealed class ClientLossCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "Who runs the migration, and what becomes of it if this computer is lost.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var qemu = (await context.Source.GetHostAsync().ConfigureAwait(false)).HypervisorVersion;
        var mayEndGuest = context.Options.Has(MigrationOptions.Parallel) && qemu < QemuVersions.Connections;
        return (context.IsLive, context.Options.Has(MigrationOptions.PeerToPeer)) switch
        {
            (false, _) => NotApplicable($"Only the definition moves, within a moment."),
            (_, true) => Passed($"'{context.SourceName}' runs the migration, which goes on if this computer is lost."),
            _ when mayEndGuest => Warning(
                $"This computer runs the migration, over several connections. If this process is killed, libvirt ends the destination's half, " +
                    $"and QEMU {qemu} on '{context.SourceName}' can end with it: the guest would be gone.",
                advice: $"Where '{context.SourceName}' reaches '{context.DestinationName}' by itself, let it run the migration (-PeerToPeer), or " +
                    $"leave -Parallel out. Ctrl+C, Stop-VmMigration and a process that is asked to end (SIGTERM, a closed terminal) take the VM " +
                    $"back safely."),
            _ => Passed(
                $"This computer runs the migration. If it is lost, the guest goes on at '{context.SourceName}', and the migration has to be " +
                    $"started again.",
                advice: $"Where '{context.SourceName}' reaches '{context.DestinationName}' by itself, -PeerToPeer lets it run the migration."),
        };
    }
}
