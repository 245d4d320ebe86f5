using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The destination needs an emulator for the guest's architecture.</summary>
public sealed class ArchitectureCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Machine;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var kind = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).Kind;
        var capabilities = await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false);
        var isOffered = capabilities.FindGuest(kind.Architecture) is not null

            // An emulator in a place of its own is not in the host's list.
            || (await move.OfferAsync(kind).ConfigureAwait(false)).Offer is not null;
        var finding = isOffered
            ? Passed("Offered", kind.Architecture)
            : Failed("Missing", kind.Architecture, kind.Emulator is { } path ? $"Cannot check QEMU binary {path}" : "Cannot find suitable emulator");
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, "domain XML, architecture", kind.Architecture)
            .Seen(move.DestinationName, "capabilities, guest architectures", string.Join(", ", capabilities.Guests.Select(g => g.Architecture)));
    }
}
