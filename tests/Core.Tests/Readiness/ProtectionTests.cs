using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness;

/// <summary>Checks that protect data, and checks that break.</summary>
public sealed class ProtectionTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task A_check_that_breaks_is_not_verified_and_says_that_it_is_a_defect()
    {
        var check = await RunAsync(new BreakingCheck(() => _ = string.Empty[1..]));

        Assert.Equal(ReadinessStatus.NotVerified, check.Status);
        Assert.Contains("a bug in VirtMigrate (ArgumentOutOfRangeException", check.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(BreakingCheck), check.Defect, StringComparison.Ordinal);
        Assert.Contains("Defect", check.Recommendation, StringComparison.Ordinal);
        Assert.False(Report(check).IsReady);
    }

    [Fact]
    public async Task A_token_that_nobody_asked_to_cancel_is_a_defect_as_well() =>
        Assert.NotNull((await RunAsync(new BreakingCheck(() => throw new OperationCanceledException()))).Defect);

    [Fact]
    public async Task What_a_host_does_not_tell_is_no_defect_but_stands_in_the_way_of_what_protects_data()
    {
        var check = await RunAsync(new BreakingCheck(() => throw new HypervisorException("no answer")));

        Assert.Null(check.Defect);
        Assert.Equal(ReadinessStatus.NotVerified, check.Status);
        Assert.False(Report(check).IsReady);
        Assert.True(Report(check with { ProtectsData = false }).IsReady);
    }

    [Fact]
    public async Task A_check_that_is_cancelled_is_not_made()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new BreakingCheck(() => throw new OperationCanceledException()).RunAsync(_scene.ToContext(), cancelled.Token));
    }

    [Theory]
    [InlineData("All")]
    [InlineData("CopyOverwrites")]
    [InlineData("copyintoitself")]
    public void What_protects_data_is_never_skipped(string skip)
    {
        var selection = new ReadinessSelection { QuickOnly = true, Skip = [skip] };

        Assert.All(ReadinessCheck.All.Where(c => c.ProtectsData), c => Assert.True(c.IsIncluded(selection), c.Id));
        Assert.Equal(skip is not "All", new MachineTypeCheck().IsIncluded(selection));
        Assert.Equal(skip is not "All", ReadinessCheck.Find(skip) is { ProtectsData: true });
    }

    [Fact]
    public void What_protects_data_is_quick_since_each_move_waits_for_it() =>
        Assert.All(ReadinessCheck.All.Where(c => c.ProtectsData), c => Assert.True(c.IsQuick, c.Id));

    [Fact]
    public void What_puts_data_at_risk_names_the_vm_and_has_no_part_in_virsh_s_command()
    {
        var risky = MigrationOptions.Table.Where(o => o.Risk is not null).ToArray();

        Assert.Equal(["Overwrite", "AssumeSeparateStorage", "Unsafe", "LeaveManagedSave"], risky.Select(o => o.Name));
        Assert.All(risky, o => Assert.Contains("{0}", o.Risk, StringComparison.Ordinal));
        Assert.DoesNotContain(risky.SelectMany(o => o.Requires.Concat(o.Excludes)), rule => risky.Any(o => rule.Contains(o.Name, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_peer_to_peer_way_that_answers_nothing_is_told_from_one_that_is_refused()
    {
        _scene.With(MigrationOptions.PeerToPeer, true).AddSourceShell().Answering("id -u", "0\n").Answering("virsh", exitCode: 124);
        var silent = await _scene.AssertAsync<PeerToPeerConnectionCheck>(ReadinessStatus.Failed, "kvm1 gets no answer from the destination's URI within 15 s");
        Assert.Contains("-PeerToPeer:$false", silent.Recommendation, StringComparison.Ordinal);

        _scene.AddSourceShell().Answering("id -u", "0\n").Answering("virsh", exitCode: 1);
        await _scene.AssertAsync<PeerToPeerConnectionCheck>(ReadinessStatus.Failed, "virsh said nothing");
    }

    private Task<VmMigrationCheck> RunAsync(ReadinessCheck check) => check.RunAsync(_scene.ToContext(), TestContext.Current.CancellationToken);

    private VmMigrationReadiness Report(VmMigrationCheck check) => new()
    {
        Vm = "db",
        Uuid = _scene.Vm.Uuid,
        Source = _scene.Source.Host,
        Destination = _scene.Destination.Host,
        Checks = [check],
        Time = DateTimeOffset.UnixEpoch,
    };

    private sealed class BreakingCheck(Action act) : ReadinessCheck
    {
        public override ReadinessCategory Category => ReadinessCategory.Storage;

        public override string Subject => "Whether a check may break.";

        public override bool ProtectsData => true;

        public override Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
        {
            act();
            return Task.FromResult(Passed($"This is never reached."));
        }
    }
}
