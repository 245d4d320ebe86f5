using VirtMigrate.Estimation;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Tests.Core;
using VirtMigrate.Tests.Readiness;
using Xunit;

namespace VirtMigrate.Tests.DirtyRates;

public sealed class DirtyRateMeasurementTests
{
    private const long MiB = 1 << 20;

    private readonly ReadinessScene _scene = new();
    private readonly List<(TimeSpan Period, DirtyRateMode Mode)> _asked = [];
    private Action _meanwhile = () => { };

    public DirtyRateMeasurementTests()
    {
        Say(_scene.Vm);
        Host.Jobs[_scene.Vm.Uuid] = new(null);
        Host.Measure = (period, mode) =>
        {
            _asked.Add((period, mode));
            _meanwhile();
            return new((long)(60 * MiB / period.TotalSeconds), period, DateTimeOffset.UnixEpoch.AddSeconds(_asked.Count)) { Mode = mode };
        };
    }

    private KnownHost Host => _scene.Source;

    [Fact]
    public async Task Each_period_gives_a_reading_in_the_order_that_was_asked_for()
    {
        var told = new Heard();

        var rate = await MeasureAsync([2, 1, 5], DirtyRateMode.DirtyRing, told);

        Assert.Equal([2, 1, 5], _asked.Select(a => (int)a.Period.TotalSeconds));
        Assert.All(_asked, a => Assert.Equal(DirtyRateMode.DirtyRing, a.Mode));
        Assert.Equal(rate.Readings, told.Readings);
        Assert.Equal(("db", Host.Host, DirtyRateMode.DirtyRing), (rate.Vm, rate.VmHost, rate.Mode));
        Assert.Equal((TimeSpan.FromSeconds(5), 12 * MiB, 60 * MiB), (rate.Period, rate.BytesPerSecond, rate.DistinctBytes));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1), rate.StartTime);
        Assert.Equal([1, 2, 5], rate.Curve.Points.Select(p => (int)p.Period.TotalSeconds));
    }

    [Fact]
    public async Task A_guest_changes_no_more_than_it_has_or_than_is_there_of_it()
    {
        Assert.Equal(_scene.Vm.Memory, (await MeasureAsync([1])).Curve.Memory);

        Host.Measure = (period, _) => new(60 * MiB, period, null) { ResidentMemory = 300 * MiB };
        Assert.Equal(300 * MiB, (await MeasureAsync([1])).Curve.Memory);

        Host.Measure = (period, _) => new(60 * MiB, period, null) { ResidentMemory = 4L << 30 };
        Assert.Equal(_scene.Vm.Memory, (await MeasureAsync([1])).Curve.Memory);
    }

    [Theory]
    [InlineData(VmState.ShutOff, "shut off (shutdown)", "only while a VM runs")]
    [InlineData(VmState.Paused, "paused (user)", "would read 0")]
    [InlineData(VmState.PmSuspended, "pmsuspended", "would read 0")]
    public async Task A_guest_that_does_not_run_is_not_measured(VmState state, string now, string why)
    {
        // What the caller holds may be old.
        Say(_scene.Vm with { Status = new(state, 1) });

        var e = await FailureAssert.ThrowsAsync<MigrationException>("VmNotRunning", () => MeasureAsync([1]));

        Assert.Contains(now, e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task A_vm_that_has_gone_is_not_measured()
    {
        Host.Vms.Clear();

        Assert.Equal("db", (await FailureAssert.ThrowsAsync<MigrationException>("VmGone", () => MeasureAsync([1]))).Vm);
    }

    [Fact]
    public async Task A_vm_with_a_job_is_refused_at_once_and_a_backup_is_none_that_matters()
    {
        Host.Jobs[_scene.Vm.Uuid] = new(new() { Operation = JobOperation.MigrationOut });
        await FailureAssert.ThrowsAsync<MigrationException>("VmAlreadyMigrating", () => MeasureAsync([1]));

        Host.Jobs[_scene.Vm.Uuid] = new(new() { Operation = JobOperation.Dump });
        Assert.Equal("Dump.", (await FailureAssert.ThrowsAsync<MigrationException>("VmBusy", () => MeasureAsync([1]))).Facts.Said);
        Assert.Empty(_asked);

        Host.Jobs[_scene.Vm.Uuid] = new(new() { Operation = JobOperation.Backup });
        Assert.Single((await MeasureAsync([1])).Readings);
    }

    [Fact]
    public async Task A_vm_that_is_just_arriving_is_being_migrated()
    {
        Say(_scene.Vm with { Status = new(VmState.Paused, 11) });
        Host.Jobs[_scene.Vm.Uuid] = new(null, IsIncoming: true);

        await FailureAssert.ThrowsAsync<MigrationException>("VmAlreadyMigrating", () => MeasureAsync([1]));
    }

    [Fact]
    public async Task A_mode_that_the_host_refuses_is_an_error_of_its_own()
    {
        Host.Measure = (_, _) => throw new HypervisorNotSupportedException("there is no ring", Host.Address);

        var e = await FailureAssert.ThrowsAsync<MigrationException>("DirtyRateModeUnsupported", () => MeasureAsync([1], DirtyRateMode.DirtyRing));
        Assert.Equal("The dirty rate of VM 'db' can't be measured in mode DirtyRing: there is no ring", e.Message);

        // A host that can't measure at all is that.
        await Assert.ThrowsAsync<HypervisorNotSupportedException>(() => MeasureAsync([1]));
    }

    [Theory]
    [InlineData(5, 4, "was migrated away from 'kvm1'")]
    [InlineData(5, 2, "it is shut off (destroyed) now")]
    [InlineData(3, 1, "it is paused (user) now")]
    public async Task A_vm_that_stops_half_way_says_so(int state, int reason, string message)
    {
        _meanwhile = () =>
        {
            if (_asked.Count == 2)
            {
                Say(_scene.Vm with { Status = new((VmState)state, reason) });
            }
        };

        var e = await FailureAssert.ThrowsAsync<MigrationException>("DirtyRateInterrupted", () => MeasureAsync([1, 2, 1]));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task What_a_host_says_of_a_vm_that_left_is_explained_by_it()
    {
        Host.Measure = (_, _) =>
        {
            Host.Vms.Clear();
            throw new HypervisorException("domain is not running");
        };

        var e = await FailureAssert.ThrowsAsync<MigrationException>("DirtyRateInterrupted", () => MeasureAsync([1]));

        Assert.Contains("left 'kvm1'", e.Message, StringComparison.Ordinal);
        Assert.Equal("domain is not running", e.InnerException?.Message);
    }

    [Fact]
    public async Task A_migration_that_begins_between_two_readings_is_what_holds_the_vm()
    {
        Host.Measure = (_, _) =>
        {
            Host.Jobs[_scene.Vm.Uuid] = new(new() { Operation = JobOperation.MigrationOut });
            throw new VmBusyException("MigrationOut.", Host.Address);
        };

        await FailureAssert.ThrowsAsync<MigrationException>("VmAlreadyMigrating", () => MeasureAsync([1]));
    }

    [Fact]
    public async Task What_the_host_says_of_a_vm_that_is_well_is_passed_on()
    {
        Host.Measure = (_, _) => throw new HypervisorException(RequestFailures.DirtyRateNotMeasurable, "nothing to compare");

        await FailureAssert.ThrowsAsync<HypervisorException>("DirtyRateNotMeasurable", () => MeasureAsync([1]));
    }

    [Fact]
    public void The_periods_for_a_curve_are_ones_that_libvirt_takes()
    {
        Assert.All(DirtyRateMeasurement.CurvePeriods, p => Assert.InRange(p, 1, 60));
        Assert.True(DirtyRateMeasurement.CurvePeriods.Count(p => p == 1) > 1, "A single short reading may be a burst.");
    }

    private Task<VmDirtyRate> MeasureAsync(
        IReadOnlyList<int> periods, DirtyRateMode mode = DirtyRateMode.PageSampling, IProgress<DirtyRateReading>? progress = null) =>
        DirtyRateMeasurement.MeasureAsync(Host, _scene.Vm, periods, mode, progress, TestContext.Current.CancellationToken);

    private void Say(Vm vm)
    {
        Host.Vms.Clear();
        Host.Vms.Add(vm);
    }

    private sealed class Heard : IProgress<DirtyRateReading>
    {
        public List<DirtyRateReading> Readings { get; } = [];

        public void Report(DirtyRateReading value) => Readings.Add(value);
    }
}
