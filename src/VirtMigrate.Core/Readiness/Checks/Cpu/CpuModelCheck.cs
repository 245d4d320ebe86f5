using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>
/// The destination must give the guest every feature that its processor has now. Libvirt finds out only when QEMU runs there; its
/// comparison with the hypervisor's processor tells beforehand.
/// </summary>
internal sealed class CpuModelCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Cpu;
    public override string Subject => "The destination can give the guest every feature that its CPU has now.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves; the CPU is checked when the guest starts.");
        }

        var definition = await context.Vm.GetDefinitionAsync().ConfigureAwait(false);
        var arriving = await context.GetArrivingDefinitionAsync().ConfigureAwait(false);
        var (finding, description) = definition.Cpu switch
        {
            null => (NotApplicable($"The definition names no CPU model; QEMU uses a default that every host has."), "nothing"),
            { IsHosts: true } cpu => (await CompareHostsAsync(context, definition, cpu).ConfigureAwait(false), cpu.Mode),
            var cpu => (await CompareModelAsync(context, (definition.Kind, arriving.Kind), cpu).ConfigureAwait(false), $"{cpu.Model}, check {cpu.Check}"),
        };
        return finding.Seen(context.SourceName, "live domain XML, cpu", description);
    }

    private static async Task<Finding> CompareModelAsync(CheckContext context, (GuestKind Here, GuestKind There) kinds, DomainCpu cpu)
    {
        CpuComparison there;
        try
        {
            there = await context.Destination.CompareCpuAsync(kinds.There, cpu.Xml).ConfigureAwait(false);
        }
        catch (HypervisorException e) when (IsUnknown(e, cpu))
        {
            return Failed(
                $"Libvirt on '{context.DestinationName}' does not know the guest's CPU: {e.Message}",
                advice: $"Update libvirt there, or give the VM a CPU model that both hosts support. {CommonModel(context)}",
                libvirt: $"{e.Message}").Seen(context.DestinationName, "hypervisor-cpu-compare", e.Message);
        }

        if (there.Result != CpuComparisonResult.Incompatible)
        {
            // An emulated processor is of any vendor.
            var vendor = kinds.There.DomainType is "qemu" ? null : (await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).Processor?.Vendor;
            var fits = cpu.Vendor is null || vendor is null || string.Equals(cpu.Vendor, vendor, StringComparison.Ordinal)
                ? Passed($"The hypervisor of '{context.DestinationName}' has all features of the guest's CPU {cpu.Model}.")
                : Warning(
                    $"'{context.DestinationName}' has all features of the guest's CPU, but the guest's CPU is of {cpu.Vendor} and the host's of " +
                        $"{vendor}.",
                    advice: $"Try it first with a similar VM that you can afford to lose: kernels treat CPUs by their vendor. Hosts of one " +
                        $"vendor are the safe choice.");
            fits = fits.Seen(context.DestinationName, "hypervisor-cpu-compare", there.Result);
            return vendor is null ? fits : fits.Seen(context.DestinationName, "capabilities, cpu vendor", vendor);
        }

        // What the comparison misses on the host that the guest runs on, too, is not what the guest lacks at the destination.
        var here = await CompareAsync(context, kinds.Here, cpu).ConfigureAwait(false);
        string[] missing = [.. there.MissingFeatures.Except(here?.MissingFeatures ?? [], StringComparer.Ordinal)];
        var finding = missing.Length > 0
            ? cpu.Check is "none"
                ? Warning(
                    $"The hypervisor of '{context.DestinationName}' lacks features of the guest's CPU: {missing}. The definition has " +
                        $"check='none', so libvirt migrates the guest, which loses them while it runs.",
                    advice: CommonModel(context))
                : Failed(
                    $"The hypervisor of '{context.DestinationName}' lacks features of the guest's CPU: {missing}.",
                    advice: CommonModel(context),
                    libvirt: $"guest CPU doesn't match specification")
            : here?.Result == CpuComparisonResult.Incompatible
                ? Warning(
                    $"Libvirt's comparison says that the guest's CPU fits neither host ({here.Message}), although the guest runs on one of " +
                        $"them.",
                    advice: $"Try it first with a similar VM that you can afford to lose. To see what the comparison is based on: virsh -c {context.DestinationUri} " +
                        $"domcapabilities | grep -A 30 host-model")
                : Failed(
                    $"The hypervisor of '{context.DestinationName}' can't give the guest its CPU: {there.Message}",
                    advice: CommonModel(context),
                    libvirt: $"guest CPU doesn't match specification");
        return finding
            .Seen(context.DestinationName, "hypervisor-cpu-compare", there.Message ?? there.Result.ToString())
            .Seen(context.SourceName, "hypervisor-cpu-compare", here?.Message ?? here?.Result.ToString());
    }

    // The guest's processor is the host's own; libvirt refuses nothing, and QEMU notices some differences only.
    private static async Task<Finding> CompareHostsAsync(CheckContext context, DomainDefinition definition, DomainCpu cpu)
    {
        if (definition.DomainType is "qemu")
        {
            var (from, to) = (await context.Source.GetHostAsync().ConfigureAwait(false), await context.Destination.GetHostAsync().ConfigureAwait(false));
            var emulated = from.HypervisorVersion == to.HypervisorVersion
                ? Passed($"The guest's CPU mode is '{cpu.Mode}', and both hosts have QEMU {from.HypervisorVersion}.")
                : Warning(
                    $"The guest's CPU mode is '{cpu.Mode}', which is a different CPU in QEMU {to.HypervisorVersion} on " +
                        $"'{context.DestinationName}' than in {from.HypervisorVersion} on '{context.SourceName}'.",
                    advice: $"Give the VM a named CPU model when it is shut off: virsh -c {context.SourceUri} edit {context.VmName}. To list the models: " +
                        $"virsh -c {context.SourceUri} cpu-models x86_64",
                    libvirt: $"load of migration failed");
            return emulated.Seen(from.Name, "QEMU version", from.HypervisorVersion).Seen(to.Name, "QEMU version", to.HypervisorVersion);
        }

        var source = (await context.Source.GetCapabilitiesAsync().ConfigureAwait(false)).Processor;
        var destination = (await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).Processor;
        var finding = source is null || destination is null
            ? NotVerified(
                $"The guest's CPU mode is '{cpu.Mode}', and '{(source is null ? context.SourceName : context.DestinationName)}' does not report its " +
                    $"CPU model.",
                advice: $"Compare the CPUs on the hosts themselves: lscpu")
            : !cpu.IsMigratable
                ? Warning(
                    $"The guest's CPU mode is '{cpu.Mode}' with features that QEMU can't migrate (migratable='off').",
                    advice: $"Remove migratable='off' when the guest is shut off: virsh -c {context.SourceUri} edit {context.VmName}")
            : Judge(context, cpu.Mode, source, destination);
        return finding.Seen(context.SourceName, "capabilities, cpu", source).Seen(context.DestinationName, "capabilities, cpu", destination);
    }

    private static Finding Judge(CheckContext context, string mode, HostProcessor from, HostProcessor to)
    {
        string[] missing = [.. from.Features.Except(to.Features, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return missing.Length switch
        {
            _ when !from.IsModelOf(to) => Warning(
                $"The guest's CPU mode is '{mode}', and the CPU of '{context.DestinationName}' ({to}) differs from that of " +
                    $"'{context.SourceName}' ({from}): the guest may crash after the move.",
                advice: CommonModel(context),
                libvirt: $"load of migration failed"),
            > 0 => Warning(
                $"The guest's CPU mode is '{mode}', and the CPU of '{context.DestinationName}' lacks features: {missing}. The guest may crash " +
                    $"after the move.",
                advice: CommonModel(context),
                libvirt: $"load of migration failed"),
            _ when !string.Equals(from.Microcode, to.Microcode, StringComparison.Ordinal) => Warning(
                $"The guest's CPU mode is '{mode}'; both hosts have the same CPU model, but '{context.DestinationName}' has microcode " +
                    $"{to.Microcode} and '{context.SourceName}' {from.Microcode}, which may turn features on or off.",
                advice: $"Bring both to the same microcode: apt install intel-microcode amd64-microcode, or dnf upgrade microcode_ctl " +
                    $"linux-firmware, and reboot."),
            _ => Passed($"The guest's CPU mode is '{mode}', and both hosts have the same CPU."),
        };
    }

    private static FindingText CommonModel(CheckContext context) =>
        $"Find a CPU model that both hosts support: virsh -c {context.SourceUri} domcapabilities > 1.xml; virsh -c {context.DestinationUri} " +
            $"domcapabilities > 2.xml; cat 1.xml 2.xml > both.xml; virsh -c {context.SourceUri} hypervisor-cpu-baseline both.xml --migratable. " +
            $"Set it with virsh -c {context.SourceUri} edit {context.VmName}, then shut the guest down and start it again.";

    private static async Task<CpuComparison?> CompareAsync(CheckContext context, GuestKind kind, DomainCpu cpu)
    {
        try
        {
            return await context.Source.CompareCpuAsync(kind, cpu.Xml).ConfigureAwait(false);
        }
        catch (HypervisorException)
        {
            return null;
        }
    }

    // A libvirt that is too old for the model's or a feature's name; what the guest does not have may be unknown.
    private static bool IsUnknown(HypervisorException error, DomainCpu cpu) =>
        error.Message.Contains("Unknown CPU model", StringComparison.Ordinal)
        || (error.Message.Contains("Unknown CPU feature", StringComparison.Ordinal)
            && cpu.Features.Keys.Any(f => cpu.Has(f) && error.Message.EndsWith($" {f}", StringComparison.Ordinal)));
}
