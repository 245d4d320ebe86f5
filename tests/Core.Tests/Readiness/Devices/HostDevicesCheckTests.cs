using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class HostDevicesCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("5.2", "cannot migrate a domain with <hostdev mode='subsystem' type='pci'>")]
    [InlineData("7.2", "VFIO device doesn't support migration")]
    public async Task Older_hypervisors_move_no_pci_device(string qemu, string error)
    {
        SetHypervisor(qemu);
        _scene.Definition = Pci();

        var check = await _scene.CheckAsync<HostDevicesCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal(error, check.LibvirtError);
        Assert.Contains("PCI device 0000:3b:00.1", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Newer_ones_leave_it_to_the_driver()
    {
        SetHypervisor("9.0");
        _scene.Definition = Pci();

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<HostDevicesCheck>()).Status);
    }

    [Fact]
    public async Task A_card_with_a_stand_in_is_unplugged_first()
    {
        _scene.Definition = Pci("<teaming type='transient' persistent='ua-b'/>");

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<HostDevicesCheck>()).Status);
    }

    [Theory]
    [InlineData("<interface type='hostdev'><source><address type='pci' domain='0' bus='0' slot='7' function='0'/></source></interface>", "5.2", "cannot migrate a domain with <interface type='hostdev'>")]
    [InlineData("<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>", "7.2", "VFIO device doesn't support migration")]
    [InlineData("<hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='naa.5'/></hostdev>", "9.0", "vhost-scsi does not support migration in all cases")]
    public async Task Other_devices_stay_too(string device, string qemu, string error)
    {
        SetHypervisor(qemu);
        _scene.Definition = device;

        Assert.Equal(error, (await _scene.CheckAsync<HostDevicesCheck>()).LibvirtError);
    }

    [Theory]
    [InlineData("", ReadinessStatus.NotVerified)]
    [InlineData(" startupPolicy='optional'", ReadinessStatus.Passed)]
    public async Task Usb_devices_must_be_at_the_destination_too(string policy, ReadinessStatus expected)
    {
        _scene.Definition = $"<hostdev mode='subsystem' type='usb'><source{policy}><vendor id='0x46d'/><product id='0xc52b'/></source></hostdev>";

        var check = await _scene.CheckAsync<HostDevicesCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Contains("USB device 046d:c52b", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_moves_with_any_device()
    {
        _scene.Vm = _scene.TestVm("off", VmState.ShutOff);
        _scene.Definition = Pci();

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<HostDevicesCheck>()).Status);
    }

    private static string Pci(string more = "") => "<hostdev mode='subsystem' type='pci'><source>" +
        $"<address domain='0x0000' bus='0x3b' slot='0x00' function='0x1'/></source>{more}</hostdev>";

    private void SetHypervisor(string version) =>
        _scene.Source = new(_scene.Source.Host with { HypervisorVersion = Version.Parse(version) });
}
