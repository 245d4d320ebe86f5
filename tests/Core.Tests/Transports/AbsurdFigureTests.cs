using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;
using VirtMigrate.Options;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>Figures that can't be true end nothing: they come in events of any VM, on a thread of libvirt.</summary>
public sealed class AbsurdFigureTests
{
    private const int Completed = 3;

    private static readonly string[] Names =
    [
        "operation", "success", "time_elapsed", "time_elapsed_net", "downtime", "downtime_net", "setup_time", "data_total", "data_processed",
        "data_remaining", "memory_total", "memory_processed", "memory_remaining", "memory_bps", "memory_dirty_rate", "memory_page_size",
        "memory_iteration", "memory_postcopy_requests", "disk_total", "disk_processed", "disk_remaining", "auto_converge_throttle",
    ];

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(922_337_203_685_477)]
    [InlineData(922_337_203_685_478)]
    [InlineData(int.MaxValue + 1L)]
    public void A_job_is_read_whatever_it_says(long figure)
    {
        var job = JobStatisticsReader.Read(Completed, [.. Names.Select(n => new TypedParameter(n, figure, null))]);

        Assert.Equal(Math.Sign(figure), Math.Sign(job.Downtime!.Value.Ticks));
        Assert.Equal(Math.Sign(figure), Math.Sign(job.Elapsed.Ticks));
        Assert.InRange((int)job.Operation, 0, int.MaxValue);
        Assert.InRange(job.AutoConvergeThrottle!.Value, 0, int.MaxValue);
    }

    [Fact]
    public void A_figure_of_64_bits_is_the_largest_one_and_not_a_negative_one()
    {
        const int ULong = 4;
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<NativeTypedParameter>()];
        Encoding.ASCII.GetBytes("downtime", bytes);
        BitConverter.TryWriteBytes(bytes[80..], ULong);
        BitConverter.TryWriteBytes(bytes[88..], ulong.MaxValue);
        var native = NativeTypedParameter.Copy([Unsafe.ReadUnaligned<NativeTypedParameter>(ref bytes[0])]);
        var printed = VirshJobs.ParseValues([$"downtime: {ulong.MaxValue.ToString(CultureInfo.InvariantCulture)}"]);

        Assert.Equal(long.MaxValue, native[0].Number);
        Assert.Equal(long.MaxValue, printed[0].Number);
        Assert.True(JobStatisticsReader.Read(Completed, native).Downtime > TimeSpan.FromDays(365));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_dirty_rate_is_read_whatever_it_says(long figure)
    {
        TypedParameter[] values = [new("dirtyrate.calc_status", 2, null), new("dirtyrate.calc_period", figure, null), new("dirtyrate.megabytes_per_second", figure, null)];

        Assert.Equal(Math.Sign(figure), Math.Sign(DirtyRateStatistics.Read(values).Period.Ticks));
    }

    [Theory]
    [InlineData(0UL, 0L)]
    [InlineData(1_500UL, 15_000_000L)]
    [InlineData(ulong.MaxValue, 9_223_372_036_854_770_000L)]
    public void A_number_of_milliseconds_is_a_duration(ulong milliseconds, long ticks) =>
        Assert.Equal(ticks, ClampedTimeSpan.FromMilliseconds(milliseconds).Ticks);
}
