using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The destination needs the secret that the TPM's state is encrypted with.</summary>
internal sealed class TpmSecretCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "The destination has the secret that the TPM's state is encrypted with.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if ((await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).Tpm?.Secret is not { } secret)
        {
            return NotApplicable($"No TPM state is encrypted.");
        }

        var known = await context.Destination.ListSecretsAsync().ConfigureAwait(false);
        var finding = known.Contains(secret)
            ? NotVerified(
                $"'{context.DestinationName}' has the secret {secret} of the TPM's state, but its value can't be read, and may differ.",
                advice: $"Set the same value on both hosts: virsh -c {context.DestinationUri} secret-set-value {secret}")
            : context.IsLive
                ? Failed(
                    $"'{context.DestinationName}' lacks the secret {secret} that the TPM's state is encrypted with.",
                    advice: $"Define it there under the same UUID (virsh -c {context.SourceUri} secret-dumpxml {secret}, virsh -c " +
                        $"{context.DestinationUri} secret-define FILE), and set the same value: virsh -c {context.DestinationUri} " +
                        $"secret-set-value {secret}",
                    libvirt: $"no secret with matching uuid '{secret}'")
            : Warning(
                $"'{context.DestinationName}' lacks the secret {secret} of the TPM's state: the definition can move, but the VM can't start there.",
                advice: $"Define it there under the same UUID (virsh -c {context.SourceUri} secret-dumpxml {secret}, virsh -c " +
                    $"{context.DestinationUri} secret-define FILE), and set the same value: virsh -c {context.DestinationUri} secret-set-value " +
                    $"{secret}");
        return finding.Seen(context.DestinationName, "virConnectListAllSecrets", known.Count == 0 ? "none" : string.Join(", ", known));
    }
}
