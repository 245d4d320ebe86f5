using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A guest that runs with KVM needs a destination with KVM, since libvirt does not change how a guest is run.</summary>
public sealed class KvmAccelerationCheck : ReadinessCheck
{
    private const string Emulated = "qemu";

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Hypervisor;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var definition = await DestinationDefinition.OfAsync(move).ConfigureAwait(false);
        var capabilities = await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false);
        var (type, kind) = (definition.DomainType, definition.Kind);
        var types = capabilities.FindGuest(kind.Architecture)?.DomainTypes ?? new HashSet<string>(StringComparer.Ordinal);
        var finding = (type, types.Contains(type)) switch
        {
            (Emulated, _) => Warning(types.Contains("kvm") ? "EmulatedByChoice" : "Emulated"),
            (_, true) => Passed("Offered", type),

            // An emulator in a place of its own is not in the host's list.
            _ when (await move.OfferAsync(kind).ConfigureAwait(false)).Offer is not null => Passed("Offered", type),

            // A definition is taken with any type; only a start is refused.
            _ when !move.IsLive => Warning("MissingOffline", type),
            _ when type is "kvm" => Failed("Missing"),
            _ => Failed("OtherMissing", type),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, "domain XML, type", type)
            .Seen(move.DestinationName, $"capabilities, domain types for {kind.Architecture}", string.Join(", ", types.Order(StringComparer.Ordinal)));
    }
}
