using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Migration;

/// <summary>What remains defined where, offline and live.</summary>
public sealed class DefinitionTests(LabFixture lab) : LabTest(lab)
{
    [Theory]
    [InlineData("-Offline")]
    [InlineData("")]
    public async Task A_vm_that_is_shut_off_is_defined_on_the_destination(string how)
    {
        await using var guest = await Lab.StartGuestAsync("offline", "--off");

        var result = Session.Set("name", guest.Name).Run($"Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 {how}").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal("False", result.Text("IsLive"));
        Assert.Equal(0, result.Number("Verification.RunningInstances"));
        Assert.Contains("defined on both hosts", result.Text("Verification.Message"), StringComparison.Ordinal);
        Assert.Equal("shut off", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name));
        Assert.Equal("shut off", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name));
    }

    [Theory]
    [InlineData("--off")]
    [InlineData("--persistent")]
    public async Task The_source_drops_its_definition_only_when_asked(string kind)
    {
        await using var guest = await Lab.StartGuestAsync("undefine", kind);

        var result = Session.Set("name", guest.Name)
            .Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -UndefineSource").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal("kvm2", Assert.Single(((System.Collections.IEnumerable)result.Get("Verification.DefinedOn")!).Cast<object>()).ToString());
        await AssertNotOnAsync(Lab.Host1, guest.Name);
    }

    [Fact]
    public async Task A_transient_vm_stays_transient_and_becomes_persistent_when_asked()
    {
        await using var guest = await Lab.StartGuestAsync("transient", "--transient");

        var moved = Session.Set("name", guest.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live").Single;
        Assert.Equal("no", await PersistentAsync(Lab.Host2, guest.Name));
        var back = Session.Run("Start-VmMigration $name -VmHost $kvm2 -Destination $kvm1 -Live -Persistent").Single;

        Assert.Equal("Completed", moved.Text("Outcome"));
        Assert.Equal("Completed", back.Text("Outcome"));
        Assert.Equal("yes", await PersistentAsync(Lab.Host1, guest.Name));
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task A_persistent_vm_can_arrive_without_a_definition()
    {
        await using var guest = await Lab.StartGuestAsync("no-definition");

        Session.Set("name", guest.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -Persistent:$false").AssertNoErrors();

        Assert.Equal("no", await PersistentAsync(Lab.Host2, guest.Name));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    private static async Task<string> PersistentAsync(LabHost host, string vm) =>
        (await Lab.VirshAsync(host, "dominfo", vm)).Split('\n')
            .Single(l => l.StartsWith("Persistent:", StringComparison.Ordinal)).Split(':')[1].Trim();
}
