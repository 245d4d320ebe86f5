using System.Text;
using System.Xml.Linq;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

/// <summary>Disks that the hosts do not share are copied, which and how as asked; the guest verifies every record of them.</summary>
public sealed class StorageOptionTests(LabFixture lab) : OptionTest(lab)
{
    private const string Images = "/var/lib/libvirt/images/";

    [Fact]
    public async Task Disks_are_copied_whole_but_only_those_that_are_named()
    {
        var (local, shared) = (Images + "copy-2.raw", Path.Combine(Lab.Shared, "images", "copy-3.raw"));
        await using var files = await Change.MakeAsync(
            () => Task.WhenAll(WriteAsync(Lab.Host1.Root + local, "from kvm1"), WriteAsync(shared, "shared")),
            () => DeleteAsync(Lab.Host1.Root + local, Lab.Host2.Root + local, shared));
        await using var guest = await Lab.StartGuestAsync(
            "copy",
            d =>
            {
                AddDisk(d, "vdb", local);
                AddDisk(d, "vdc", shared);
            },
            "--memory", "192", "--disk", "local");
        await using var kvm1 = await DaemonTrace.BeginAsync(Lab, Lab.Host1);

        await MoveAsync(guest, Lab.Host1, "-CopyStorage All -MigrateDisk vda, vdb -SynchronousWrites");

        // Libvirt made the missing disks in the pool; the guest reads back what it wrote on the other host.
        var mirrors = kvm1.Arguments("blockdev-mirror");
        Assert.Equal(
            ["drive-virtio-disk0", "drive-virtio-disk1"],
            mirrors.Select(m => m.GetProperty("job-id").GetString()).Order(StringComparer.Ordinal));
        Assert.All(mirrors, m => Assert.Equal("full", m.GetProperty("sync").GetString()));
        Assert.All(mirrors, m => Assert.Equal("write-blocking", m.GetProperty("copy-mode").GetString()));
        Assert.Equal("from kvm1", await ReadAsync(Lab.Host2.Root + local));
        await guest.AssertWholeOnAsync(Lab.Host2);

        // And back, over a port of our choice, onto an image that is not the newest. Over tcp nobody tells that it is another one.
        await MoveAsync(guest, Lab.Host2, "-CopyStorage All -MigrateDisk vda, vdb -DisksPort 49301 -AssumeSeparateStorage -Confirm:$false");

        Assert.EndsWith(":49301", DiskServer(kvm1), StringComparison.Ordinal);
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task Of_an_image_over_a_base_that_both_hosts_have_only_the_difference_is_copied()
    {
        await using var bases = await Change.MakeAsync(
            () => Task.WhenAll(new[] { Lab.Host1, Lab.Host2 }.Select(host =>
                Lab.RunAsync("exec", host.Name, "qemu-img", "create", "-q", "-f", "raw", Images + "base.raw", "64M"))),
            () => DeleteAsync(Lab.Host1.Root + Images + "base.raw", Lab.Host2.Root + Images + "base.raw"));
        await using var guest = await Lab.StartGuestAsync(
            "overlay", "--off", "--memory", "192", "--disk", "local", "--disk-format", "qcow2");
        foreach (var host in new[] { Lab.Host1, Lab.Host2 })
        {
            await Lab.RunAsync(
                "exec", host.Name, "qemu-img", "create", "-q", "-f", "qcow2", "-b", Images + "base.raw", "-F", "raw", Images + "overlay.qcow2");
        }

        await Lab.VirshAsync(Lab.Host1, "start", guest.Name);
        await guest.WaitForTicksAsync(3);
        await using var source = await DaemonTrace.BeginAsync(Lab, Lab.Host1);
        await using var destination = await DaemonTrace.BeginAsync(Lab, Lab.Host2);

        await MoveAsync(guest, Lab.Host1, $"-CopyStorage Incremental -DisksUri tcp://{Lab.Host2.Address}:49302");

        Assert.Equal("top", Assert.Single(source.Arguments("blockdev-mirror")).GetProperty("sync").GetString());
        Assert.Equal($"{Lab.Host2.Address}:49302", DiskServer(destination));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    private static Task DeleteAsync(params string[] files)
    {
        Array.ForEach(files, File.Delete);
        return Task.CompletedTask;
    }

    private static async Task WriteAsync(string path, string text)
    {
        var content = new byte[1 << 20];
        Encoding.UTF8.GetBytes(text, content);
        await File.WriteAllBytesAsync(path, content);
    }

    private static async Task<string> ReadAsync(string path)
    {
        var content = await File.ReadAllTextAsync(path);
        return content[..content.IndexOf('\0', StringComparison.Ordinal)];
    }

    // Where QEMU was told to listen for disks.
    private static string DiskServer(DaemonTrace trace)
    {
        var address = Assert.Single(trace.Arguments("nbd-server-start")).GetProperty("addr").GetProperty("data");
        return $"{address.GetProperty("host").GetString()}:{address.GetProperty("port").GetString()}";
    }

    private static void AddDisk(XElement domain, string target, string path)
    {
        var disk = new XElement(domain.Descendants("disk").First());
        disk.Element("source")!.SetAttributeValue("file", path);
        disk.Element("target")!.SetAttributeValue("dev", target);
        disk.Element("address")?.Remove();
        domain.Element("devices")!.Add(disk);
    }
}
