using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The destination needs the secret that the TPM's state is encrypted with.</summary>
public sealed class TpmSecretCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if ((await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).Tpm?.Secret is not { } secret)
        {
            return NotApplicable("None");
        }

        var known = await move.Destination.ListSecretsAsync().ConfigureAwait(false);
        var finding = known.Contains(secret) ? NotVerified("Present", secret)
            : move.IsLive ? Failed("Missing", secret)
            : Warning("NotStartable", secret);
        return finding.Seen(move.DestinationName, "virConnectListAllSecrets", known.Count == 0 ? "none" : string.Join(", ", known));
    }
}
