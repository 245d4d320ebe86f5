using VirtMigrate.Migration;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>What is said when a VM has arrived. The acceptance tests see it between real hosts.</summary>
public sealed class AfterMoveTests
{
    private static readonly VmInstance Here = TestData.Instance("kvm1", VmState.ShutOff, 4);
    private static readonly VmInstance There = TestData.Instance("kvm2", VmState.Running, 2);

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(false, false, true)]
    public void Where_nothing_is_left_to_do_nothing_is_said(bool isDefined, bool wasOn, bool isOn) => Assert.Empty(Warn(
        Here with { IsPersistent = isDefined }, There with { Autostart = isOn && wasOn }, wasOn, isDefined ? [] : [MigrationOptions.UndefineSource]));

    [Fact]
    public void A_definition_that_was_to_go_and_is_still_there_is_told()
    {
        var warning = Assert.Single(Warn(Here, There, false, [MigrationOptions.UndefineSource]));

        Assert.StartsWith("-UndefineSource was not carried out: 'kvm1' still has a definition of 'db1'", warning, StringComparison.Ordinal);
        Assert.EndsWith("virsh -c qemu+tcp://kvm1/system undefine --domain db1 --keep-nvram --keep-tpm", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_source_is_given_no_option_that_it_lacks()
    {
        var older = Here with { VmHost = Here.VmHost with { LibvirtVersion = new(8, 0, 0) } };

        Assert.EndsWith("undefine --domain db1 --keep-nvram", Assert.Single(Warn(older, There, false, [MigrationOptions.UndefineSource])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_starts_the_vm_when_it_boots_is_told_with_both_hosts()
    {
        var warning = Assert.Single(Warn(Here with { Autostart = true }, There with { Autostart = true }, true, []));

        Assert.StartsWith("'kvm1' still has autostart on for 'db1': at its next boot it would start a second instance beside the one on 'kvm2'.", warning, StringComparison.Ordinal);
        Assert.EndsWith("virsh -c qemu+tcp://kvm1/system autostart --disable --domain db1", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_that_keeps_no_definition_can_t_start_the_vm()
    {
        var warnings = Warn(Here with { Autostart = true }, There with { IsPersistent = false }, true, []);

        Assert.Equal(2, warnings.Count);
        Assert.Contains("'kvm2' does not have it, because it keeps no definition of the VM.", warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_that_refused_is_told_with_the_reason_and_the_new_name()
    {
        var verification = TestData.Judge(TestData.Absent("kvm1"), There, CallState.Succeeded);

        var warning = Assert.Single(AfterMove.Warn(verification, true, MigrationOptionSet.Empty.With(MigrationOptions.NewName, "it's db"), "access denied."));

        Assert.Contains("could not be set at 'kvm2' (access denied).", warning, StringComparison.Ordinal);
        Assert.EndsWith("""virsh -c qemu+tcp://kvm2/system autostart --domain 'it'"'"'s db'""", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_that_starts_the_vm_though_its_source_did_not_is_told() => Assert.Contains(
        "'kvm2' has autostart on for 'db1', because it was left on there earlier; at 'kvm1' it was off.",
        Assert.Single(Warn(Here, There with { Autostart = true }, false, [])), StringComparison.Ordinal);

    [Fact]
    public void Of_a_vm_that_has_not_arrived_nothing_is_said() => Assert.Empty(
        Warn(TestData.Instance("kvm1", VmState.Running, 1) with { Autostart = true }, TestData.Absent("kvm2"), true, [MigrationOptions.UndefineSource]));

    private static IReadOnlyList<string> Warn(VmInstance here, VmInstance there, bool wasOn, MigrationOption[] options) => AfterMove.Warn(
        TestData.Judge(here, there, here.IsActive ? CallState.Failed : CallState.Succeeded),
        wasOn,
        options.Aggregate(MigrationOptionSet.Empty, (set, option) => set.With(option, true)),
        refusal: null);
}
