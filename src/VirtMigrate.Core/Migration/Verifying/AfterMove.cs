using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>
/// What there is to do and to say when a VM has arrived: libvirt takes its autostart along in no migration, and leaves the definition on the
/// source that a boot there may start a second instance from.
/// </summary>
/// <param name="Verification">What both hosts say, with the autostart that was set since.</param>
/// <param name="Warnings">What deserves attention.</param>
internal sealed record AfterMove(VmMigrationVerification Verification, IReadOnlyList<string> Warnings)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Version KeepsTpm = new(8, 9, 0);

    /// <summary>Lets the destination start the VM when it boots, where the source did. Changes nothing on the source, and never fails.</summary>
    /// <param name="verification">What both hosts say now.</param>
    /// <param name="startedWithSource">Whether the source started the VM when it booted, before the move.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="options">The options in effect.</param>
    /// <returns>What was done and is to be said.</returns>
    public static async Task<AfterMove> FinishAsync(
        VmMigrationVerification verification, bool startedWithSource, HostConnection destination, MigrationOptionSet options)
    {
        if (!verification.IsVerified)
        {
            return new(verification, []);
        }

        string? refusal = null;
        if (startedWithSource && verification.DestinationInstance is { IsPersistent: true, Autostart: false } instance)
        {
            refusal = await SetAutostartAsync(verification.Uuid, destination).ConfigureAwait(false);
            verification = verification with { DestinationInstance = instance with { Autostart = refusal is null } };
        }

        return new(verification, Warn(verification, startedWithSource, options, refusal));
    }

    /// <summary>Says what deserves attention.</summary>
    /// <param name="verification">What both hosts say now.</param>
    /// <param name="startedWithSource">Whether the source started the VM when it booted, before the move.</param>
    /// <param name="options">The options in effect.</param>
    /// <param name="refusal">Why the destination could not be set to start the VM; null where it was, or was not to be.</param>
    /// <returns>The warnings; none where the VM has not arrived.</returns>
    internal static IReadOnlyList<string> Warn(
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
                ? $"-UndefineSource was not carried out: '{from}' still keeps a definition of '{vm}', from which a second instance can be " +
                  $"started. Check that the VM works on '{to}', then run: {Virsh(verification.Source, ["undefine", "--domain", vm, .. keep])}"
                : null,
            here is { IsPersistent: true, Autostart: true }
                ? $"'{from}' still starts '{vm}' when it boots, a second instance beside the one on '{to}'. To end that: " +
                  Virsh(verification.Source, ["autostart", "--disable", "--domain", vm])
                : null,
            startedWithSource && !there.IsPersistent
                ? $"'{from}' started '{vm}' when it booted. '{to}' will not: it keeps no definition of the VM."
                : null,
            refusal is not null
                ? $"'{from}' started '{vm}' when it booted. '{to}' could not be set to do so ({refusal.TrimEnd('.')}). To set it: " +
                  Virsh(verification.Destination, ["autostart", "--domain", name])
                : null,
            !startedWithSource && there is { IsPersistent: true, Autostart: true }
                ? $"'{to}' starts '{name}' when it boots, as was left enabled there earlier; '{from}' did not. To turn it off: " +
                  Virsh(verification.Destination, ["autostart", "--disable", "--domain", name])
                : null,
        ];
        return verification.IsVerified ? warnings.OfType<string>().ToArray() : [];
    }

    private static async Task<string?> SetAutostartAsync(Guid vm, HostConnection destination)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            var host = await destination.GetAsync(deadline.Token).ConfigureAwait(false);
            await host.SetAutostartAsync(vm, isOn: true, deadline.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is HypervisorException or ObjectDisposedException)
        {
            return e.Message;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {Patience.TotalSeconds:0} s";
        }
    }

    private static string Virsh(VmHost host, IEnumerable<string> command) => ShellWord.Join(["virsh", "-c", host.Uri, .. command]);
}
