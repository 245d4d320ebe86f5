using VirtMigrate.Failures;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class MigrationOptionTests
{
    [Fact]
    public void Live_and_offline_exclude_each_other()
    {
        var problems = MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(MigrationOptions.Offline, true)
            .WithImplied().Validate();

        Assert.Equal("-Live and -Offline exclude each other.", Assert.Single(problems).Message);
    }

    [Fact]
    public void An_offline_migration_keeps_a_definition_unless_told_otherwise_which_is_refused()
    {
        Assert.Empty(MigrationOptionSet.Empty.With(MigrationOptions.Offline, true).WithImplied().Validate());

        var problems = MigrationOptionSet.Empty.With(MigrationOptions.Offline, true).With(MigrationOptions.Persistent, false)
            .WithImplied().Validate();

        Assert.Equal("-Offline requires -Persistent.", Assert.Single(problems).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public void The_number_of_connections_is_held_to_its_range(int connections)
    {
        var problems = MigrationOptionSet.Empty.With(MigrationOptions.Parallel, connections).Validate();

        Assert.Equal("-Parallel must be between 1 and 255.", Assert.Single(problems).Message);
    }

    [Fact]
    public void A_bandwidth_below_libvirts_unit_is_refused()
    {
        var problems = MigrationOptionSet.Empty.With(MigrationOptions.Bandwidth, 1000L).Validate();

        Assert.Equal("-Bandwidth must be at least 1048576.", Assert.Single(problems).Message);
    }

    [Theory]
    [InlineData(VmState.Running, "Live")]
    [InlineData(VmState.Paused, "Live")]
    [InlineData(VmState.ShutOff, "Offline")]
    [InlineData(VmState.Crashed, "Offline")]
    public void Without_live_or_offline_the_state_decides(VmState state, string expected)
    {
        var options = EffectiveOptions.ForVm(MigrationOptionSet.Empty, TestData.Vm(state));

        Assert.Contains(expected, options.Enabled.Select(o => o.Key.Name));
        Assert.Empty(options.Validate());
    }

    [Fact]
    public void Options_for_memory_are_dropped_for_a_vm_that_is_shut_off()
    {
        var options = EffectiveOptions.ForVm(MigrationOptionSet.Empty.With(MigrationOptions.Parallel, 4), TestData.Vm(VmState.ShutOff));

        Assert.Equal(["Offline", "Persistent"], options.Enabled.Select(o => o.Key.Name));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_definition_is_kept_as_on_the_source(bool isPersistent)
    {
        var options = EffectiveOptions.ForVm(MigrationOptionSet.Empty, TestData.Vm(VmState.Running) with { IsPersistent = isPersistent });

        Assert.Equal(isPersistent, options.Has(MigrationOptions.Persistent));
    }

    [Fact]
    public void A_decision_over_the_definition_wins_over_the_default()
    {
        var options = EffectiveOptions.ForVm(MigrationOptionSet.Empty.With(MigrationOptions.Persistent, false), TestData.Vm(VmState.Running));

        Assert.False(options.Has(MigrationOptions.Persistent));
    }

    [Fact]
    public void A_vm_that_is_shut_off_cannot_move_live_and_one_that_runs_not_offline()
    {
        var live = MigrationOptionSet.Empty.With(MigrationOptions.Live, true);
        var offline = MigrationOptionSet.Empty.With(MigrationOptions.Offline, true);

        FailureAssert.Throws<MigrationException>("VmNotRunning", () => EffectiveOptions.ForVm(live, TestData.Vm(VmState.ShutOff)));
        FailureAssert.Throws<MigrationException>("VmNotShutOff", () => EffectiveOptions.ForVm(offline, TestData.Vm(VmState.Running)));
    }

    [Fact]
    public void Every_row_names_rows_that_exist()
    {
        var named = MigrationOptions.Table.SelectMany(o => o.Requires.Concat(o.Excludes)
            .Concat(o.Choices.SelectMany(c => c.Requires.Concat(c.Excludes))).Concat(o.Conflicts.Select(c => c.Option))).SelectMany(rule => rule.Split('|'));

        Assert.All(named, name =>
        {
            var row = MigrationOptions.Find(name.Split(':')[0]);
            Assert.NotNull(row);
            Assert.True(name.Split(':') is not [_, var choice] || row.FindChoice(choice) is not null, name);
        });
    }

    [Fact]
    public void No_two_rows_share_a_name_a_flag_or_a_virsh_option()
    {
        var rows = MigrationOptions.Table;

        Assert.Equal(rows.Count, rows.Select(r => r.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        var spellings = rows.SelectMany(r => r.Choices.Select(c => c.VirshOption).Append(r.VirshOption).Append(r.VirshValueOption))
            .Where(o => !string.IsNullOrEmpty(o)).ToArray();
        Assert.Equal(spellings.Length, spellings.Distinct(StringComparer.Ordinal).Count());
        var flags = rows.SelectMany(r => r.Choices.Select(c => c.Flag).Append(r.Flag)).Where(f => f != MigrationFlags.None).ToArray();
        Assert.Equal(flags.Length, flags.Distinct().Count());
    }
}
