using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>How much of a VM's memory has to cross.</summary>
internal static class GuestMemory
{
    // What QEMU holds besides the guest's memory, as its resident memory counts it: itself, its libraries and devices; under software
    // emulation what it has translated of the guest's code as well, most of it in the guest's boot. Measured with QEMU 7.2.
    private const double Own = 60 << 20;
    private const double Translated = 8 << 20;
    private const double TranslatedWithBoot = 50 << 20;

    /// <summary>Finds it.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="resident">The resident memory of its QEMU; null where that is not told.</param>
    /// <param name="isEmulated">Whether its processor is emulated in software.</param>
    /// <returns>Bytes; 0 for a VM that does not run.</returns>
    public static double Of(Vm vm, long? resident, bool isEmulated) =>
        !vm.Status.IsActive ? 0
        : resident is > 0 and var known ? Math.Clamp(known - Own - OfEmulation(vm, isEmulated), known / 2.0, vm.Memory)
        : vm.Memory;

    private static double OfEmulation(Vm vm, bool isEmulated) => !isEmulated ? 0 : vm.Status.IsMigratedHere ? Translated : TranslatedWithBoot;
}
