using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Migration;

/// <summary>
/// What there is to say when a VM has arrived: libvirt takes its autostart along in no migration, and leaves the definition on the
/// source that a boot there may start a second instance from.
/// </summary>
internal static class AfterMove
{
    private static readonly Version KeepsTpm = new(8, 9, 0);

    /// <summary>Says what deserves attention.</summary>
    /// <param name="verification">What both hosts say now.</param>
    /// <param name="startedWithSource">Whether the source started the VM when it booted, before the move.</param>
    /// <param name="options">The options in effect.</param>
    /// <param name="refusal">Why the destination could not be set to start the VM; null where it was, or was not to be.</param>
    /// <returns>The warnings; none where the VM has not arrived.</returns>
    public static IReadOnlyList<string> Warn(
        VmMigrationVerification verification, bool startedWithSource, MigrationOptionSet options, string? refusal)
    {
        var (here, there) = (verification.SourceInstance, verification.DestinationInstance);
        var vm = verification.Vm;
        var name = options.Text(MigrationOptions.NewName) ?? vm;
        var (from, to) = (verification.Source.Name, verification.Destination.Name);
        string[] keep = verification.Source.LibvirtVersion >= KeepsTpm ? ["--keep-nvram", "--keep-tpm"] : ["--keep-nvram"];
        string?[] warnings =
        [
            here.IsPersistent && options.Has(MigrationOptions.UndefineSource)
                ? $"-UndefineSource was not carried out: '{from}' still has a definition of '{vm}', from which a second instance can be " +
                  $"started. Check that the VM works on '{to}', then run: {Virsh(verification.Source, ["undefine", "--domain", vm, .. keep])}"
                : null,
            here is { IsPersistent: true, Autostart: true }
                ? $"'{from}' still has autostart on for '{vm}': at its next boot it would start a second instance beside the one on '{to}'. To turn it off: " +
                  Virsh(verification.Source, ["autostart", "--disable", "--domain", vm])
                : null,
            startedWithSource && !there.IsPersistent
                ? $"Autostart of '{vm}' was on at '{from}'. '{to}' does not have it, because it keeps no definition of the VM."
                : null,
            refusal is not null
                ? $"Autostart of '{vm}' was on at '{from}', but could not be set at '{to}' ({refusal.TrimEnd('.')}). To set it: " +
                  Virsh(verification.Destination, ["autostart", "--domain", name])
                : null,
            !startedWithSource && there is { IsPersistent: true, Autostart: true }
                ? $"'{to}' has autostart on for '{name}', because it was left on there earlier; at '{from}' it was off. To turn it off: " +
                  Virsh(verification.Destination, ["autostart", "--disable", "--domain", name])
                : null,
        ];
        return verification.IsVerified ? warnings.OfType<string>().ToArray() : [];
    }

    private static string Virsh(VmHost host, IEnumerable<string> command) => ShellWord.Join(["virsh", "-c", host.Uri, .. command]);
}
