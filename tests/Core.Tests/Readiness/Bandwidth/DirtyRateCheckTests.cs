using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Bandwidth;

public sealed class DirtyRateCheckTests
{
    private const long MiB = 1 << 20;

    private readonly ReadinessScene _scene = new();

    public DirtyRateCheckTests()
    {
        _scene.Source.Interfaces = [];
        _scene.Destination.Interfaces = [];
    }

    [Theory]
    [InlineData(20, ReadinessStatus.Passed, "20 MiB/s of its memory, clearly less than the 100 MiB/s")]
    [InlineData(80, ReadinessStatus.Warning, "not much less than the 100 MiB/s")]
    [InlineData(120, ReadinessStatus.Failed, "never ends, and no option or policy ends it")]
    public async Task The_rate_is_held_against_what_can_be_sent(long rate, ReadinessStatus status, string message)
    {
        Measure(rate);
        _scene.With(MigrationOptions.Bandwidth, 100 * MiB);

        var check = await _scene.AssertAsync<DirtyRateCheck>(status, message);

        Assert.Contains(check.Evidence, e => e.ToString().StartsWith($"kvm1, dirty rate: {rate} MiB/s over 1 s, measured ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_can_end_it_makes_a_warning_of_it()
    {
        Measure(120);
        _scene.With(MigrationOptions.Bandwidth, 100 * MiB);
        var bare = _scene.Options;

        _scene.With(MigrationOptions.AutoConverge, true);
        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.Warning, "may still end");
        _scene.Options = bare.With(MigrationOptions.PostCopy, true);
        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.Warning, "may still end");
        _scene.Options = bare;
        _scene.Limits = new() { Timeout = TimeSpan.FromMinutes(1), OnTimeout = TimeoutAction.Suspend };
        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.Warning, "may still end");
        _scene.Limits = new() { Timeout = TimeSpan.FromMinutes(1), OnTimeout = TimeoutAction.Abort };
        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.Failed, "never ends, and no option or policy ends it");
        _scene.Limits = new() { MaxDowntime = TimeSpan.FromSeconds(2) };
        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.Warning, "may still end");
    }

    [Fact]
    public async Task An_old_figure_proves_nothing()
    {
        Measure(120, TimeSpan.FromDays(1));
        _scene.With(MigrationOptions.Bandwidth, 100 * MiB);

        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.Warning, "the guest is calmer now");
    }

    [Fact]
    public async Task The_slower_link_counts_where_no_limit_is_given()
    {
        Measure(200);
        _scene.Source.Interfaces = [new("eth0", 10_000_000_000, 1500)];
        _scene.Destination.Interfaces = [new("eth0", 1_000_000_000, 1500)];

        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.Failed, "no less than the 119.2 MiB/s");
    }

    [Fact]
    public async Task A_measuring_now_goes_before_the_last_one()
    {
        Measure(20);
        _scene.With(MigrationOptions.Bandwidth, 100 * MiB);
        _scene.Source.DirtyRates[_scene.Vm.Uuid] = new(300 * MiB, TimeSpan.FromSeconds(1), DateTimeOffset.Now);
        _scene.Selection = new() { DirtyRatePeriod = TimeSpan.FromSeconds(1) };

        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.Failed, "300 MiB/s");
    }

    [Fact]
    public async Task What_is_not_known_is_not_verified()
    {
        _scene.Source.Inspections[_scene.Vm.Uuid] = new(_scene.Vm.Uuid);
        var check = await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.NotVerified, "has not been measured");
        Assert.Contains("-MeasureDirtyRate", check.Recommendation, StringComparison.Ordinal);

        Measure(20);
        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.NotVerified, "the hosts don't report the speed of their links");
    }

    [Fact]
    public async Task A_vm_that_stands_still_changes_nothing()
    {
        _scene.Vm = _scene.TestVm("db", VmState.Paused);

        await _scene.AssertAsync<DirtyRateCheck>(ReadinessStatus.NotApplicable, "is not running");
    }

    private void Measure(long rate, TimeSpan age = default) => _scene.Source.Inspections[_scene.Vm.Uuid] =
        new(_scene.Vm.Uuid) { DirtyRate = new DirtyRateReading(rate * MiB, TimeSpan.FromSeconds(1), DateTimeOffset.Now - age) };
}
