using System.Globalization;

namespace VirtMigrate.Model;

/// <summary>How fast one of a guest's processors changed memory.</summary>
/// <param name="Vcpu">The processor's number, from 0.</param>
/// <param name="BytesPerSecond">Bytes per second.</param>
public sealed record VcpuDirtyRate(int Vcpu, long BytesPerSecond)
{
    private const double MiB = 1024 * 1024;

    /// <summary>The processor and its rate.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"vCPU {Vcpu}: {BytesPerSecond / MiB:0} MiB/s");
}
