using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.Readiness;

/// <summary>What the checks see of devices, and that libvirt sees it so too.</summary>
public sealed class DeviceReadinessTests(LabFixture lab) : FailureTest(lab)
{
    private const string Folder = "/var/lib/libvirt/only";

    [Fact]
    public async Task What_only_the_source_has_at_the_other_end_of_a_device_or_as_an_address()
    {
        await using var here = await ChangeAsync(Lab.Host1, $"mkdir -p {Folder}", $"rm -rf {Folder}");
        await using var vm = await StartAsync($"""
            <serial type='file'><source path='{Folder}/serial.log'/><target port='0'/></serial>
            <controller type='virtio-serial'/>
            <channel type='unix'><source mode='bind' path='{Folder}/agent.sock'/><target type='virtio' name='agent'/></channel>
            <rng model='virtio'><backend model='random'>/dev/random</backend></rng>
            <interface type='user'><model type='virtio'/></interface>
            <filesystem type='mount'><source dir='/tmp'/><target dir='tmp'/></filesystem>
            <video><model type='vga'/></video><graphics type='vnc' autoport='yes' listen='{Lab.Host1.Address}'/>
            """);
        AssertSees("CharacterDevices", status: "NotVerified");
        AssertSees("SlirpHelper", status: "NotVerified");
        AssertSees("GraphicsListen", status: "Warning");
        Session.Set("kvm1", Lab.Host1.Ssh).Set("kvm2", Lab.Host2.Ssh);
        AssertSees("SlirpHelper");
        AssertSees("Filesystems", status: "NotVerified");
        AssertRefused("CharacterDevices");

        await using var there = await ChangeAsync(Lab.Host2, $"mkdir -p {Folder}", $"rm -rf {Folder}");
        AssertSees("CharacterDevices");
        AssertRefused("GraphicsListen");
        var definition = await Lab.VirshAsync(Lab.Host1, "dumpxml", EmptyVm.Name, "--migratable");
        Session.Set("xml", definition.Replace($"'{Lab.Host1.Address}'", "'0.0.0.0'", StringComparison.Ordinal));
        AssertSees("GraphicsListen", "-DestinationXml $xml");
        Session.Set("kvm1", Lab.Host1.Tcp).Set("kvm2", Lab.Host2.Tcp);
        Assert.Equal("Completed", Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -DestinationXml $xml").Single.Text("Outcome"));
    }

    // By ssh, the checks of ports and paths take their time.
    private void AssertSees(string check, string options = "", string status = "Passed") =>
        AssertPasses(check, $"{options} -Category Devices", status);

    private void AssertRefused(string check)
    {
        var foretold = AssertForetold(check, "-Category Devices");
        var run = Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -SkipCheck All");
        Assert.Equal("RolledBack", run.Output[0].Text("Outcome"));
        Assert.Contains(foretold.Text("LibvirtError"), string.Join('\n', run.Errors), StringComparison.Ordinal);
    }
}
