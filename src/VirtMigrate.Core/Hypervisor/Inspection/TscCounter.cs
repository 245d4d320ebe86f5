using System.Globalization;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A host's time stamp counter.</summary>
/// <param name="Frequency">Its frequency in hertz.</param>
/// <param name="CanScale">Whether the processor can give a guest another frequency; null where that is not known.</param>
public sealed record TscCounter(long Frequency, bool? CanScale)
{
    // Libvirt's and the kernel's tolerance: 250 parts in a million.
    private const long Tolerance = 250;

    /// <summary>Whether libvirt lets a guest with a frequency begin here.</summary>
    /// <param name="frequency">The guest's frequency in hertz.</param>
    /// <returns>False where libvirt refuses it.</returns>
    public bool Allows(long frequency) =>
        CanScale is not false || Math.Abs(frequency - Frequency) <= Frequency * Tolerance / 1_000_000;

    /// <summary>Frequency and whether it can be another for a guest.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Frequency} Hz, {CanScale switch { true => "scales", false => "does not scale", _ => "scaling unknown" }}");
}
