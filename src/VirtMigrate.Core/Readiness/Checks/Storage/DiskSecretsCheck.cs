using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Encrypted disks, and those of storage that asks for a password, need their secrets at the destination as well.</summary>
internal sealed class DiskSecretsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "The destination has the secrets of encrypted or password-protected disks.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).Drives;
        var needed = disks.SelectMany(d => d.Secrets).Distinct().ToArray();
        if (needed.Length == 0)
        {
            return NotApplicable($"No disk needs a secret.");
        }

        var known = await context.Destination.ListSecretsAsync().ConfigureAwait(false);
        var missing = needed.Where(s => !known.Contains(s)).ToArray();
        var finding = missing.Length == 0
            ? NotVerified(
                $"'{context.DestinationName}' has the secrets that disks need ({needed.Length}), but their values can't be read, and may " +
                    $"differ.",
                advice: $"Set the same values on both hosts: virsh -c {context.DestinationUri} secret-set-value UUID")
            : context.IsLive
                ? Failed(
                    $"'{context.DestinationName}' lacks secrets that the disks need: {missing}.",
                    advice: $"Define each there under the same UUID (virsh -c {context.SourceUri} secret-dumpxml {missing[0]}, virsh -c " +
                        $"{context.DestinationUri} secret-define FILE), and set the same value: virsh -c {context.DestinationUri} " +
                        $"secret-set-value {missing[0]}",
                    libvirt: $"no secret with matching uuid '{missing[0]}'")
            : Warning(
                $"'{context.DestinationName}' lacks secrets that the disks need: {missing}. The definition can move, but the VM can't start " +
                    $"there.",
                advice: $"Define each there under the same UUID (virsh -c {context.SourceUri} secret-dumpxml {missing[0]}, virsh -c " +
                    $"{context.DestinationUri} secret-define FILE), and set the same value: virsh -c {context.DestinationUri} secret-set-value " +
                    $"{missing[0]}");
        return finding.Seen(context.DestinationName, "virConnectListAllSecrets", string.Join(", ", known));
    }
}
