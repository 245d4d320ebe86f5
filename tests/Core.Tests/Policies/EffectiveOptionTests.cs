using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Policies;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.Policies;

/// <summary>What the user gave wins over a policy, and what does not fit is left out with the reason.</summary>
public sealed class EffectiveOptionTests
{
    private static readonly MigrationOptionSet Live = MigrationOptionSet.Empty.With(MigrationOptions.Live, true);

    [Fact]
    public void A_policy_adds_its_options_and_its_first_limit()
    {
        var settled = Settle(MigrationPolicies.SuspendIfNeeded, Live);

        Assert.Equal(["Live", "AutoConverge", "Compression", "MaxDowntime"], settled.Options.Enabled.Select(o => o.Key.Name));
        Assert.Equal(TimeSpan.FromMilliseconds(100), settled.Options.Limits.MaxDowntime);
        Assert.Equal(["the policy SuspendIfNeeded adds -AutoConverge", "the policy SuspendIfNeeded adds -Compression xbzrle"],
            settled.Decisions.Select(d => d.Reason));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_given_option_stays_as_it_is(bool given)
    {
        var settled = Settle(MigrationPolicies.PostCopy, Live.With(MigrationOptions.PostCopy, given));

        Assert.Equal(given, settled.Options.Has(MigrationOptions.PostCopy));
        Assert.Contains("-PostCopy of the policy is left out: it was given, and stays as it is", settled.Decisions.Select(d => d.Reason));
    }

    [Fact]
    public void An_option_that_does_not_go_with_what_was_given_is_left_out()
    {
        var settled = Settle(MigrationPolicies.SuspendIfNeeded, Live.With(MigrationOptions.Parallel, 4));

        Assert.False(settled.Options.Has(MigrationOptions.Compression));
        var skipped = Assert.Single(settled.Decisions, d => d.Status == MigrationDecisionStatus.Skipped);
        Assert.Equal("-Compression of the policy is left out: -Compression xbzrle and -Parallel exclude each other", skipped.Reason);
        Assert.Empty(settled.Options.Validate());
    }

    [Fact]
    public void Zero_copy_is_taken_where_it_can_be_used()
    {
        Assert.Equal("-ZeroCopy of the policy is left out: -ZeroCopy requires -Parallel",
            Assert.Single(Settle(MigrationPolicies.VeryLarge, Live).Decisions, d => d.Status == MigrationDecisionStatus.Skipped).Reason);
        Assert.True(Settle(MigrationPolicies.VeryLarge, Live.With(MigrationOptions.Parallel, 8)).Options.Has(MigrationOptions.ZeroCopy));
    }

    [Fact]
    public void An_option_that_a_host_is_too_old_for_is_left_out()
    {
        var old = TestData.Host("kvm2") with { LibvirtVersion = new(8, 0, 0) };
        var settled = EffectiveOptions.Of(MigrationPolicies.VeryLarge, Live.With(MigrationOptions.Parallel, 8), TestData.Host(), old);

        Assert.Equal("-ZeroCopy of the policy is left out: -ZeroCopy needs libvirt 8.5.0; 'kvm2' has 8.0.0",
            Assert.Single(settled.Decisions, d => d.Status == MigrationDecisionStatus.Skipped).Reason);
    }

    [Fact]
    public void Options_that_need_each_other_are_taken_together_in_whatever_order()
    {
        var policy = PolicyReader.Read(new System.Collections.Specialized.OrderedDictionary
        {
            ["Name"] = "p",
            ["Options"] = new System.Collections.Hashtable { ["AutoConvergeInitial"] = 40, ["AutoConverge"] = true },
        }, "test");

        Assert.Equal(["Live", "AutoConverge", "AutoConvergeInitial"], Settle(policy, Live).Options.Enabled.Select(o => o.Key.Name));
    }

    [Fact]
    public void A_given_downtime_replaces_that_of_a_schedule_and_caps_that_of_the_stall_controller()
    {
        var limits = new MigrationLimits { MaxDowntime = TimeSpan.FromMilliseconds(2000) };

        Assert.Equal(2000, EffectiveOptions.Of(MigrationPolicies.MinimalDowntime, Live.With(limits)).Options.Limits.MaxDowntime!.Value.TotalMilliseconds);
        Assert.Equal(300, EffectiveOptions.Of(MigrationPolicies.StallDetect, Live.With(limits)).Options.Limits.MaxDowntime!.Value.TotalMilliseconds);
        var low = new MigrationLimits { MaxDowntime = TimeSpan.FromMilliseconds(50) };
        Assert.Equal(50, EffectiveOptions.Of(MigrationPolicies.StallDetect, Live.With(low)).Options.Limits.MaxDowntime!.Value.TotalMilliseconds);
    }

    [Fact]
    public void A_given_timeout_replaces_the_policys_own_and_so_does_its_action()
    {
        var policy = MigrationPolicies.PostCopy with { Timeout = TimeSpan.FromSeconds(600), OnTimeout = TimeoutAction.PostCopy };

        var own = Settle(policy, Live).Options.Limits;
        var time = EffectiveOptions.Of(policy, Live.With(MigrationOptions.Timeout, 30)).Options.Limits;
        var action = EffectiveOptions.Of(policy, Live.With(MigrationOptions.OnTimeout, TimeoutAction.Suspend)).Options;

        Assert.Equal((600, TimeoutAction.PostCopy), (own.Timeout!.Value.TotalSeconds, own.OnTimeout));
        Assert.Equal((30, TimeoutAction.PostCopy), (time.Timeout!.Value.TotalSeconds, time.OnTimeout));
        Assert.Equal((600, TimeoutAction.Suspend), (action.Limits.Timeout!.Value.TotalSeconds, action.Limits.OnTimeout));
        Assert.Empty(action.Validate());
    }

    [Fact]
    public void A_vm_that_is_shut_off_has_nothing_for_a_policy_to_decide()
    {
        var offline = MigrationOptionSet.Empty.With(MigrationOptions.Offline, true).WithImplied();

        Assert.Equal(["Offline", "Persistent"], Settle(MigrationPolicies.PostCopy, offline).Options.Enabled.Select(o => o.Key.Name).Order());
    }

    [Fact]
    public void An_action_at_the_timeout_that_is_not_possible_is_left_out_with_the_policys_time()
    {
        var policy = MigrationPolicies.PostCopy with { Timeout = TimeSpan.FromSeconds(600), OnTimeout = TimeoutAction.PostCopy };
        var without = Live.With(MigrationOptions.PostCopy, false);

        var own = Settle(policy, without);
        var given = Settle(policy, without.With(MigrationOptions.Timeout, 30));

        Assert.Null(own.Options.Limits.Timeout);
        Assert.Contains("-OnTimeout of the policy is left out: -OnTimeout PostCopy requires -PostCopy", own.Decisions.Select(d => d.Reason));
        Assert.Equal((30, TimeoutAction.Abort), (given.Options.Limits.Timeout!.Value.TotalSeconds, given.Options.Limits.OnTimeout));
        Assert.Empty(given.Options.Validate());
    }

    [Fact]
    public void A_timeout_without_an_action_aborts()
    {
        var options = EffectiveOptions.Of(policy: null, Live.With(MigrationOptions.Timeout, 30)).Options;

        Assert.Equal(["Live", "Timeout", "OnTimeout"], options.Enabled.Select(o => o.Key.Name));
        Assert.Equal(TimeoutAction.Abort, options.Limits.OnTimeout);
    }

    private static EffectiveOptions Settle(MigrationPolicy policy, MigrationOptionSet options) =>
        EffectiveOptions.Of(policy, options, TestData.Host(), TestData.Host("kvm2"));
}
