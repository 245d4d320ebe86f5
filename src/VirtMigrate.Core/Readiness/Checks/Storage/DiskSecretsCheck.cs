using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Encrypted disks, and those of storage that asks for a password, need their secrets at the destination as well.</summary>
public sealed class DiskSecretsCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var disks = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).Drives;
        var needed = disks.SelectMany(d => d.Secrets).Distinct().ToArray();
        if (needed.Length == 0)
        {
            return NotApplicable("None");
        }

        var known = await move.Destination.ListSecretsAsync().ConfigureAwait(false);
        var missing = needed.Where(s => !known.Contains(s)).ToArray();
        var finding = missing.Length == 0 ? NotVerified("Present", needed.Length)
            : move.IsLive ? Failed("Missing", string.Join(", ", missing), missing[0])
            : Warning("NotStartable", string.Join(", ", missing), missing[0]);
        return finding.Seen(move.DestinationName, "virConnectListAllSecrets", string.Join(", ", known));
    }
}
