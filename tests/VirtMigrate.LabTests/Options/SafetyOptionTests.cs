using System.Management.Automation;
using System.Xml.Linq;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

/// <summary>What libvirt refuses, what ends a migration, and what nobody may change meanwhile.</summary>
public sealed class SafetyOptionTests(LabFixture lab) : OptionTest(lab)
{
    [Fact]
    public async Task Libvirts_doubts_about_a_disk_are_passed_over_only_when_asked()
    {
        // Both hosts see this image, but libvirt does not know that.
        await using var guest = await Lab.StartGuestAsync(
            "unsafe", d => UseImage(d, Lab.Host1.Root + "/var/lib/libvirt/images/unsafe.raw"), "--memory", "192", "--disk", "local");

        await AssertRefusedAsync(guest, string.Empty, "Unsafe migration: Migration without shared storage is unsafe");
        Try(guest, Lab.Host1, "-Unsafe").AssertError("ConfirmationNeeded", ErrorCategory.PermissionDenied, "skips libvirt's storage safety checks", "-Confirm:$false");
        await AssertNotOnAsync(Lab.Host2, guest.Name);
        await using var trace = await DaemonTrace.BeginAsync(Lab, Lab.Host1);
        await MoveAsync(guest, Lab.Host1, "-PeerToPeer -Unsafe -ChangeProtection -Confirm:$false");

        // VIR_MIGRATE_LIVE, PEER2PEER, PERSIST_DEST, CHANGE_PROTECTION and UNSAFE. A client's libvirt would protect of its own accord.
        Assert.StartsWith("flags=0x30b", Assert.Single(trace.Calls("virDomainMigratePerform3Params")), StringComparison.Ordinal);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task An_io_error_of_the_guest_ends_the_migration_when_asked()
    {
        const string Folder = "/var/lib/libvirt/small";
        await using var here = await MountAsync(Lab.Host1);
        await using var there = await MountAsync(Lab.Host2);
        await using (var guest = await Lab.StartGuestAsync("io-error", d => UseImage(d, Folder + "/disk.raw"), "--memory", "192", "--disk", "local"))
        {
            await using var trace = await DaemonTrace.BeginAsync(Lab, Lab.Host1);
            using var running = Begin(guest, Lab.Host1, "-AbortOnError -Unsafe -Bandwidth 4MB -Confirm:$false");
            await guest.WaitUntilMovingAsync(Lab.Host1);
            await ShellAsync(Lab.Host1, $"cat /dev/zero >{Folder}/rest; true");
            var error = Assert.Single(running.Wait().Errors);

            // The source's libvirtd gives up; its reason or the destination's comes first, as it happens.
            Assert.Single(trace.Arguments("migrate_cancel"));
            Assert.Contains("paused (I/O error) on 'kvm1'", error.ToString(), StringComparison.Ordinal);
            Assert.Equal("paused (I/O error)", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"));
            await AssertNotOnAsync(Lab.Host2, guest.Name);
            await ShellAsync(Lab.Host1, $"rm {Folder}/rest");
            await Lab.VirshAsync(Lab.Host1, "resume", guest.Name);
            await guest.AssertWholeOnAsync(Lab.Host1);
        }

        Task<IAsyncDisposable> MountAsync(LabHost host) => Lab.ChangeAsync(host,
            $"mkdir -p {Folder}; mount -t tmpfs -o size=4m tmpfs {Folder}; truncate -s 64M {Folder}/disk.raw", $"umount {Folder}\nrmdir {Folder}");
    }

    private static void UseImage(XElement domain, string path)
    {
        var disk = domain.Descendants("disk").Single();
        disk.Element("source")!.SetAttributeValue("file", path);

        // Not every kernel's tmpfs takes direct I/O.
        disk.Element("driver")!.SetAttributeValue("cache", "writethrough");
    }

    private Task<string> ShellAsync(LabHost host, string script) => Lab.RunAsync("exec", host.Name, "sh", "-c", script);
}
