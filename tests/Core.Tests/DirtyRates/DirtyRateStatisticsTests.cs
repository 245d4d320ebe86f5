using System.Runtime.InteropServices;
using System.Text;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Tests.DirtyRates;

/// <summary>What libvirt's statistics tell of a measurement.</summary>
public sealed class DirtyRateStatisticsTests
{
    private const int Int = 1;
    private const int Long = 3;
    private const int ULong = 4;
    private const int String = 7;
    private const long MiB = 1 << 20;

    [Fact]
    public void A_measurement_over_the_ring_has_a_rate_for_each_processor()
    {
        using var mode = new NativeText("dirty-ring");
        TypedParameter[] values =
        [
            Value("state.state", Int, 1), Value("balloon.rss", ULong, 4096), Value("dirtyrate.calc_status", Int, 2),
            Value("dirtyrate.calc_start_time", Long, 36436), Value("dirtyrate.calc_period", Int, 10), Value("dirtyrate.calc_mode", String, mode.Pointer),
            Value("dirtyrate.megabytes_per_second", Long, 30), Value("dirtyrate.vcpu.0.megabytes_per_second", ULong, 10),
            Value("dirtyrate.vcpu.11.megabytes_per_second", ULong, 20),
        ];

        var look = DirtyRateStatistics.Read(values);

        Assert.True(look is { HasEnded: true, IsMeasuring: false, Begin: 36436, Mode: DirtyRateMode.DirtyRing });
        var reading = look.Reading!;
        Assert.Equal((30 * MiB, TimeSpan.FromSeconds(10), 300 * MiB), (reading.BytesPerSecond, reading.Period, reading.DistinctBytes));
        Assert.Equal([new(0, 10 * MiB), new(11, 20 * MiB)], reading.Vcpus);
        Assert.Equal(4 * MiB, reading.ResidentMemory);
        Assert.Null(reading.Start);
    }

    [Fact]
    public void A_measurement_that_goes_on_has_no_figure_yet()
    {
        using var mode = new NativeText("dirty-bitmap");
        var look = DirtyRateStatistics.Read(
        [
            Value("dirtyrate.calc_status", Int, 1), Value("dirtyrate.calc_start_time", Long, 5), Value("dirtyrate.calc_period", Int, 30),
            Value("dirtyrate.calc_mode", String, mode.Pointer),
        ]);

        Assert.True(look is { IsMeasuring: true, HasEnded: false, Reading: null, Mode: DirtyRateMode.DirtyBitmap });
        Assert.Equal(TimeSpan.FromSeconds(30), look.Period);
    }

    [Fact]
    public void Minus_one_is_no_rate()
    {
        var look = DirtyRateStatistics.Read(
        [
            Value("dirtyrate.calc_status", Int, 2), Value("dirtyrate.calc_period", Int, 1), Value("dirtyrate.megabytes_per_second", Long, -1),
        ]);

        Assert.True(look is { HasEnded: true, Reading: null });
    }

    [Fact]
    public void A_vm_whose_lock_is_held_tells_nothing() =>
        Assert.True(DirtyRateStatistics.Read([Value("state.state", Int, 1)]) is { HasEnded: false, IsMeasuring: false, Begin: null, Reading: null });

    [Fact]
    public void A_vm_that_never_was_measured_has_no_measurement() => Assert.True(DirtyRateStatistics.Read(
    [
        Value("dirtyrate.calc_status", Int, 0), Value("dirtyrate.calc_start_time", Long, 0), Value("dirtyrate.calc_period", Int, 0),
    ]) is { HasEnded: false, IsMeasuring: false, Begin: null });

    // virTypedParameter: 80 bytes of name, the type, and 8 bytes of value.
    private static TypedParameter Value(string name, int type, long value)
    {
        var parameters = new NativeTypedParameter[1];
        var bytes = MemoryMarshal.AsBytes(parameters.AsSpan());
        Encoding.UTF8.GetBytes(name, bytes);
        MemoryMarshal.Write(bytes[80..], in type);
        MemoryMarshal.Write(bytes[88..], in value);
        return NativeTypedParameter.Copy(parameters)[0];
    }

    private sealed class NativeText(string text) : IDisposable
    {
        public long Pointer { get; } = Marshal.StringToCoTaskMemUTF8(text);

        public void Dispose() => Marshal.FreeCoTaskMem((nint)Pointer);
    }
}
