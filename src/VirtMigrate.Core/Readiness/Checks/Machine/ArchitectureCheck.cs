using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The destination needs an emulator for the guest's architecture.</summary>
internal sealed class ArchitectureCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Machine;
    public override string Subject => "The destination has an emulator for the guest's architecture.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var kind = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).Kind;
        var capabilities = await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false);
        var isOffered = capabilities.FindGuest(kind.Architecture) is not null

            // An emulator in a place of its own is not in the host's list.
            || (await context.OfferAsync(kind).ConfigureAwait(false)).Offer is not null;
        var finding = isOffered
            ? Passed($"'{context.DestinationName}' runs guests of the architecture {kind.Architecture}.")
            : Failed(
                $"'{context.DestinationName}' has no emulator for guests of the architecture {kind.Architecture}.",
                advice: $"Choose another destination, or install QEMU for {kind.Architecture} on '{context.DestinationName}'. To see what it has: virsh " +
                    $"-c {context.DestinationUri} capabilities | grep '<arch name'",
                libvirt: $"{(kind.Emulator is { } path ? $"Cannot check QEMU binary {path}" : "Cannot find suitable emulator")}");
        return finding
            .Seen(context.SourceName, "domain XML, architecture", kind.Architecture)
            .Seen(context.DestinationName, "capabilities, guest architectures", string.Join(", ", capabilities.Guests.Select(g => g.Architecture)));
    }
}
