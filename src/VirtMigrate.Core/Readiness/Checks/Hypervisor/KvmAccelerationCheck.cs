using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A guest that runs with KVM needs a destination with KVM, since libvirt does not change how a guest is run.</summary>
internal sealed class KvmAccelerationCheck : ReadinessCheck
{
    private const string Emulated = "qemu";

    public override ReadinessCategory Category => ReadinessCategory.Hypervisor;
    public override string Subject => "The destination has the accelerator that the VM uses, such as KVM.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var definition = await context.GetArrivingDefinitionAsync().ConfigureAwait(false);
        var capabilities = await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false);
        var (type, kind) = (definition.DomainType, definition.Kind);
        var types = capabilities.FindGuest(kind.Architecture)?.DomainTypes ?? new HashSet<string>(StringComparer.Ordinal);
        var finding = type switch
        {
            Emulated when types.Contains("kvm") => Warning(
                $"The guest is emulated in software, although '{context.DestinationName}' has KVM. It can move, but runs and migrates slowly.",
                advice: $"To use KVM, shut the guest down and edit it: virsh -c {context.SourceUri} edit {context.VmName}, and change type='qemu' to " +
                    $"type='kvm' in its first line"),
            Emulated => Warning(
                $"The guest is emulated in software, here and on '{context.DestinationName}', where there is no KVM either. It can move, but " +
                    $"runs and migrates slowly.",
                advice: $"To see why there is no KVM: virt-host-validate qemu, on '{context.DestinationName}'"),

            // An emulator in a place of its own is not in the host's list.
            _ when types.Contains(type) || (await context.OfferAsync(kind).ConfigureAwait(false)).Offer is not null =>
                Passed($"'{context.DestinationName}' runs guests of the type {type}."),

            // A definition is taken with any type; only a start is refused.
            _ when !context.IsLive => Warning(
                $"'{context.DestinationName}' can't run guests of the type {type}: the definition moves, but the VM would not start there.",
                advice: WhyNoKvm(context)),
            "kvm" => Failed(
                $"The guest runs with KVM, which '{context.DestinationName}' does not have.",
                advice: WhyNoKvm(context),
                libvirt: $"Domain requires KVM, but it is not available"),
            _ => Failed(
                $"The guest is of the type {type}, which '{context.DestinationName}' can't run.",
                advice: $"Choose a destination that can. To see what this one can: virsh -c {context.DestinationUri} capabilities | grep '<domain type'",
                libvirt: $"does not support virt type '{type}'"),
        };
        return finding
            .Seen(context.SourceName, "domain XML, type", type)
            .Seen(context.DestinationName, $"capabilities, domain types for {kind.Architecture}", string.Join(", ", types.Order(StringComparer.Ordinal)));
    }
    private static FindingText WhyNoKvm(CheckContext context) =>
        $"To see why, on '{context.DestinationName}': virt-host-validate qemu. Often virtualization is disabled in the firmware setup, " +
        $"or the module kvm_intel or kvm_amd is not loaded: modprobe kvm_intel || modprobe kvm_amd; then restart virtqemud or libvirtd.";
}
