using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.Readiness;

/// <summary>VMs that libvirt does migrate are found ready, and Start-VmMigration lets them go.</summary>
public sealed class NoFalseAlarmTests(LabFixture lab) : FailureTest(lab)
{
    private const string Local = Images + "/calm-copied.raw";

    private static readonly string[] Files = ["raw", "cached", "iso"];

    // What each VM is like, and with which options it moves.
    private Dictionary<string, (EmptyVmSetting Setting, string Options)> Configurations => new(StringComparer.Ordinal)
    {
        ["plain"] = (new(), string.Empty),
        ["q35"] = (new() { Machine = "q35" }, string.Empty),
        ["raw"] = (new() { Devices = EmptyVmSetting.Disk(Shared("raw")) }, string.Empty),
        ["qcow2"] = (new() { Devices = EmptyVmSetting.Disk(Shared("qcow2"), "qcow2") }, string.Empty),
        ["cached"] = (new() { Devices = EmptyVmSetting.Disk(Shared("cached")).Replace("none", "writeback", StringComparison.Ordinal) }, string.Empty),
        ["copied"] = (new() { Devices = EmptyVmSetting.Disk(Local) }, "-CopyStorage All"),
        ["iso"] = (new() { Devices = EmptyVmSetting.Cdrom(Shared("iso")) }, string.Empty),
        ["empty-drive"] = (new() { Devices = """<disk type="file" device="cdrom"><target dev="hda" bus="ide"/><readonly/></disk>""" }, string.Empty),
        ["tpm"] = (new() { Devices = """<tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm>""" }, string.Empty),
        ["uefi"] = (new()
        {
            Machine = "q35",
            Firmware = """<loader readonly="yes" type="pflash">/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram template="/usr/share/OVMF/OVMF_VARS_4M.fd"/>""",
        }, string.Empty),
        ["user-network"] = (new() { Devices = """<interface type="user"/>""" }, string.Empty),
        ["screen"] = (new() { Devices = """<graphics type="vnc" autoport="yes" listen="0.0.0.0"/><video><model type="vga"/></video>""" }, string.Empty),
        ["random"] = (new() { Devices = """<rng model="virtio"><backend model="random">/dev/urandom</backend></rng>""" }, string.Empty),
        ["lines"] = (new()
        {
            Devices = """<serial type="pty"/><channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>""",
        }, string.Empty),
        ["input"] = (new() { Devices = """<input type="keyboard" bus="virtio"/><watchdog model="i6300esb" action="none"/>""" }, string.Empty),
        ["pinned"] = (new() { Elements = "<cputune><vcpupin vcpu='0' cpuset='0'/></cputune>" }, string.Empty),
        ["numa"] = (new() { Elements = "<numatune><memory mode='strict' nodeset='0'/></numatune>" }, string.Empty),
        ["cpu"] = (new() { Elements = "<cpu mode='custom' match='exact'><model fallback='forbid'>qemu64</model></cpu>" }, string.Empty),
        ["memfd"] = (new() { Elements = "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>" }, string.Empty),
        ["dimm"] = (new()
        {
            Elements = "<maxMemory slots='4' unit='MiB'>512</maxMemory><cpu><numa><cell id='0' cpus='0' memory='64' unit='MiB'/></numa></cpu>",
            Devices = "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>",
            Memory = 192,
            Emulator = "/usr/bin/qemu-system-x86_64",
        }, string.Empty),
        ["parallel"] = (new(), "-Parallel 2"),
        ["post-copy"] = (new(), "-PostCopy -PostCopyAfterPrecopy"),
        ["steered"] = (new(), "-Policy MinimalDowntime -PeerToPeer"),
        ["compressed"] = (new(), "-Compression xbzrle"),
    };

    [Fact]
    public async Task Vms_that_libvirt_migrates_are_found_ready()
    {
        try
        {
            foreach (var file in Files)
            {
                await File.WriteAllBytesAsync(Shared(file), new byte[1 << 20], TestContext.Current.CancellationToken);
            }

            await File.WriteAllBytesAsync(On(Lab.Host1, Local), new byte[1 << 20], TestContext.Current.CancellationToken);
            await Lab.RunAsync("exec", Lab.Host1.Name, "qemu-img", "create", "-q", "-f", "qcow2", Shared("qcow2"), "1M");

            foreach (var (name, (setting, _)) in Configurations)
            {
                await StartAsync($"calm-{name}", setting);
            }

            // One shut off, one paused, one without a definition; each report brings its options along.
            await Lab.VirshAsync(Lab.Host1, "destroy", "calm-plain");
            await Lab.VirshAsync(Lab.Host1, "suspend", "calm-q35");
            await Lab.VirshAsync(Lab.Host1, "undefine", "calm-raw");
            Session.Run("$reports = @()");
            foreach (var batch in Configurations.GroupBy(c => c.Value.Options, StringComparer.Ordinal))
            {
                Session.Set("names", batch.Select(c => $"calm-{c.Key}").ToArray())
                    .Run($"$reports += Get-Vm -Name $names -VmHost $kvm1 | Test-VmMigrationReadiness -Destination $kvm2 {batch.Key}").AssertNoErrors();
            }

            var reports = Session.Run("$reports").AssertNoErrors().Output;
            Assert.Equal(Configurations.Count, reports.Count);
            Assert.All(reports, r => Assert.True((bool)r.Get("IsReady")!, $"{r.Text("Vm")}: {string.Join('\n', r.All("Obstacles"))}"));
            var results = Session.Run("$reports | Start-VmMigration -ThrottleLimit 3").AssertNoErrors().Output;
            Assert.Equal(Configurations.Count, results.Count);
            Assert.All(results, r => Assert.Equal("Completed", r.Text("Outcome")));
        }
        finally
        {
            foreach (var name in Configurations.Keys)
            {
                await RemoveAsync($"calm-{name}");
            }

            Array.ForEach([.. Files.Append("qcow2").Select(Shared), On(Lab.Host1, Local), On(Lab.Host2, Local)], File.Delete);
        }
    }

    private string Shared(string name) => Path.Combine(Lab.Shared, "images", $"calm-{name}.img");

    private async Task StartAsync(string name, EmptyVmSetting setting)
    {
        var file = Path.Combine(Lab.Shared, $"{name}.xml");
        await File.WriteAllTextAsync(file, setting.ToXml(name, Lab.Emulator));
        Assert.Contains("defined", await Lab.VirshAsync(Lab.Host1, "define", file), StringComparison.Ordinal);
        Assert.Contains("started", await Lab.VirshAsync(Lab.Host1, "start", name), StringComparison.Ordinal);
        File.Delete(file);
    }

    private async Task RemoveAsync(string name)
    {
        foreach (var host in new[] { Lab.Host1, Lab.Host2 })
        {
            await Lab.VirshAsync(host, "destroy", name);
            await Lab.VirshAsync(host, "undefine", name, "--nvram");
        }
    }
}
