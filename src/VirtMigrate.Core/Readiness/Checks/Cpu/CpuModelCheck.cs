using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The destination must give the guest every feature that its processor has now. Libvirt finds out only when QEMU runs there; its
/// comparison with the hypervisor's processor tells beforehand.
/// </summary>
public sealed class CpuModelCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Cpu;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var definition = await move.Vm.GetDefinitionAsync().ConfigureAwait(false);
        var arriving = await DestinationDefinition.OfAsync(move).ConfigureAwait(false);
        var (finding, description) = definition.Cpu switch
        {
            null => (NotApplicable("Default"), "nothing"),
            { IsHosts: true } cpu => (await CompareHostsAsync(move, definition, cpu).ConfigureAwait(false), cpu.Mode),
            var cpu => (await CompareModelAsync(move, (definition.Kind, arriving.Kind), cpu).ConfigureAwait(false), $"{cpu.Model}, check {cpu.Check}"),
        };
        return finding.Seen(move.Vm.Vm.VmHost.Name, "live domain XML, cpu", description);
    }

    private static async Task<ReadinessFinding> CompareModelAsync(ReadinessMove move, (GuestKind Here, GuestKind There) kinds, DomainCpu cpu)
    {
        CpuComparison there;
        try
        {
            there = await move.Destination.CompareCpuAsync(kinds.There, cpu.Xml).ConfigureAwait(false);
        }
        catch (HypervisorException e) when (IsUnknown(e, cpu))
        {
            return Failed("Unknown", e.Message).Seen(move.DestinationName, "hypervisor-cpu-compare", e.Message);
        }

        if (there.Result != CpuComparisonResult.Incompatible)
        {
            // An emulated processor is of any vendor.
            var vendor = kinds.There.DomainType is "qemu" ? null : (await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).Processor?.Vendor;
            var fits = cpu.Vendor is null || vendor is null || string.Equals(cpu.Vendor, vendor, StringComparison.Ordinal)
                ? Passed("Fits", cpu.Model)
                : Warning("OtherVendor", cpu.Vendor, vendor);
            fits = fits.Seen(move.DestinationName, "hypervisor-cpu-compare", there.Result);
            return vendor is null ? fits : fits.Seen(move.DestinationName, "capabilities, cpu vendor", vendor);
        }

        // What the comparison misses on the host that the guest runs on, too, is not what the guest lacks at the destination.
        var here = await CompareAsync(move, kinds.Here, cpu).ConfigureAwait(false);
        string[] missing = [.. there.MissingFeatures.Except(here?.MissingFeatures ?? [], StringComparer.Ordinal)];
        var finding = missing.Length > 0
            ? cpu.Check is "none" ? Warning("Unchecked", string.Join(", ", missing)) : Failed("Missing", string.Join(", ", missing))
            : here?.Result == CpuComparisonResult.Incompatible ? Warning("MissingOnBoth", here.Message) : Failed("Incompatible", there.Message);
        return finding
            .Seen(move.DestinationName, "hypervisor-cpu-compare", there.Message ?? there.Result.ToString())
            .Seen(move.Vm.Vm.VmHost.Name, "hypervisor-cpu-compare", here?.Message ?? here?.Result.ToString());
    }

    // The guest's processor is the host's own; libvirt refuses nothing, and QEMU notices some differences only.
    private static async Task<ReadinessFinding> CompareHostsAsync(ReadinessMove move, DomainDefinition definition, DomainCpu cpu)
    {
        if (definition.DomainType is "qemu")
        {
            var (from, to) = (await move.Source.GetHostAsync().ConfigureAwait(false), await move.Destination.GetHostAsync().ConfigureAwait(false));
            var emulated = from.HypervisorVersion == to.HypervisorVersion
                ? Passed("SameEmulator", cpu.Mode, from.HypervisorVersion)
                : Warning("OtherEmulator", cpu.Mode, from.HypervisorVersion, to.HypervisorVersion);
            return emulated.Seen(from.Name, "QEMU version", from.HypervisorVersion).Seen(to.Name, "QEMU version", to.HypervisorVersion);
        }

        var source = (await move.Source.GetCapabilitiesAsync().ConfigureAwait(false)).Processor;
        var destination = (await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).Processor;
        var finding = source is null || destination is null ? NotVerified("HostUnknown", cpu.Mode)
            : !cpu.IsMigratable ? Warning("NotMigratable", cpu.Mode)
            : Judge(cpu.Mode, source, destination);
        return finding.Seen(move.Vm.Vm.VmHost.Name, "capabilities, cpu", source).Seen(move.DestinationName, "capabilities, cpu", destination);
    }

    private static ReadinessFinding Judge(string mode, HostProcessor from, HostProcessor to)
    {
        string[] missing = [.. from.Features.Except(to.Features, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return missing.Length switch
        {
            _ when !from.IsModelOf(to) => Warning("OtherHost", mode, from, to),
            > 0 => Warning("HostMissing", mode, string.Join(", ", missing)),
            _ when !string.Equals(from.Microcode, to.Microcode, StringComparison.Ordinal) => Warning("OtherMicrocode", mode, from.Microcode, to.Microcode),
            _ => Passed("SameHost", mode),
        };
    }

    private static async Task<CpuComparison?> CompareAsync(ReadinessMove move, GuestKind kind, DomainCpu cpu)
    {
        try
        {
            return await move.Source.CompareCpuAsync(kind, cpu.Xml).ConfigureAwait(false);
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
