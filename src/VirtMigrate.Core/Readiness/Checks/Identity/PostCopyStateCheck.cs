using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A VM whose post-copy migration broke is two halves on two hosts. It goes on by being resumed, never by being migrated again.</summary>
internal sealed class PostCopyStateCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "The VM is whole, and not half of a post-copy migration.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var here = context.Vm.Vm;
        if (here.Status.IsPostCopyHalf)
        {
            return Half(context, context.SourceName, here.Status)
                .Seen(context.SourceName, "state", here.Status)
                .Seen(context.DestinationName, "state", "not asked");
        }

        var there = (await context.Destination.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == here.Uuid)?.Status;
        var finding = there is { IsPostCopyHalf: true } half ? Half(context, context.DestinationName, half) : Passed($"The VM is whole.");
        return finding
            .Seen(context.SourceName, "state", here.Status)
            .Seen(context.DestinationName, "state", there?.ToString() ?? "not there");
    }

    private static Finding Half(CheckContext context, string host, VmStatus status) => Failed(
        $"On '{host}' the VM is {status}: half of a post-copy migration that is under way or broke. Neither half may be destroyed.",
        advice: $"If it broke, resume it: Resume-VmMigration {context.VmName} -VmHost {context.SourceUri} -Destination " +
            $"{context.DestinationUri}. To see its state: Get-VmMigrationJob {context.VmName} -VmHost {context.SourceUri}",
        libvirt: $"another migration job is already running for domain");
}
