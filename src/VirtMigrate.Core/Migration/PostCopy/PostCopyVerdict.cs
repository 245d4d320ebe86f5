using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>
/// Concludes what has become of a VM of which at least one half is in post-copy failed. Libvirt gives that state to a half
/// whose QEMU lost the other one, and also to one whose daemon or client went away while the two QEMUs carry on.
/// </summary>
internal static class PostCopyVerdict
{
    /// <summary>Concludes.</summary>
    /// <param name="vm">The VM's name.</param>
    /// <param name="source">What the source says.</param>
    /// <param name="destination">What the destination says.</param>
    /// <returns>The outcome, whether it may still change by itself, and what follows in words.</returns>
    public static (MigrationOutcome Outcome, bool IsInProgress, string Message) Of(string vm, VmInstance source, VmInstance destination)
    {
        var (from, to) = (source.VmHost.Name, destination.VmHost.Name);
        var isSourceFailed = source.Status is { IsPostCopyFailed: true };
        var other = isSourceFailed ? destination : source;
        return other switch
        {
            { IsKnown: false } => (MigrationOutcome.PostCopyPaused, false,
                $"Post-copy of '{vm}' broke: '{from}' and '{to}' hold a half each, of which '{other.VmHost.Name}' can't be seen ({other.Error}). " +
                "Destroy neither; the migration can be resumed when both answer."),
            { Status.IsPostCopyFailed: true } => (MigrationOutcome.PostCopyPaused, false,
                $"Post-copy of '{vm}' broke: '{from}' and '{to}' hold a half each. Destroy neither; the migration can be resumed."),
            { Status.IsPostCopy: true } => (MigrationOutcome.PostCopyPaused, true,
                $"Post-copy of '{vm}' lost its supervision: it is {source} on '{from}' and {destination} on '{to}'. " +
                "It may well end by itself. Destroy neither half; the migration can be resumed."),

            // The last of the memory has crossed. A daemon that was just busy when QEMU said so never learns of it by itself.
            { IsActive: true } or { Status.IsMigratedAway: true } => (MigrationOutcome.Unknown, true,
                $"All memory of '{vm}' has reached '{to}', which only one host has noticed: it is {source} on '{from}' and {destination} on '{to}'. " +
                $"If that stays so, restart libvirt's daemon on '{(isSourceFailed ? from : to)}'; that does no harm to the guest."),
            _ => (MigrationOutcome.Unknown, false,
                $"A half of '{vm}' is gone: it is {source} on '{from}' and {destination} on '{to}'. Its memory was split between both hosts " +
                "and can't be put together again; what is left of it is on its disks."),
        };
    }
}
