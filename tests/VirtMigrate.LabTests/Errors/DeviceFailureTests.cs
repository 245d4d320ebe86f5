using System.Diagnostics;
using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees whose VM has, or does, something that can't move.</summary>
public sealed class DeviceFailureTests(LabFixture lab) : FailureTest(lab)
{
    private string Shared => Path.Combine(Lab.Shared, "images", "empty.qcow2");

    [Fact]
    public async Task A_directory_of_the_source_that_the_guest_shares()
    {
        await using var vm = await StartAsync(
            """<filesystem type="mount" accessmode="passthrough"><driver type="virtiofs"/><source dir="/tmp"/><target dir="t"/></filesystem>""",
            """<memoryBacking><source type="memfd"/><access mode="shared"/></memoryBacking>""");

        AssertFails(string.Empty, "VirtiofsNotMigratable", ErrorCategory.NotImplemented, "cannot migrate domain", "detach-device", check: "Filesystems");
    }

    [Fact]
    public async Task A_device_that_the_emulator_can_t_move()
    {
        await using var vm = await StartAsync("""<shmem name="s0" role="peer"><model type="ivshmem-plain"/><size unit="M">4</size></shmem>""");

        AssertFails(string.Empty, "DeviceNotMigratable", ErrorCategory.NotImplemented, "ivshmem", "detach-device", check: "SharedMemory");
    }

    [Fact]
    public async Task A_disk_that_forgets()
    {
        await MakeImageAsync();
        await using var vm = await StartAsync(EmptyVmSetting.Disk(Shared, "qcow2", "<transient/>"));

        AssertFails(string.Empty, "TransientDiskNotMigratable", ErrorCategory.InvalidOperation, "transient disk is not supported", "-Offline",
            check: "TransientDisks");
    }

    [Fact]
    public async Task A_disk_that_is_being_copied_and_a_snapshot()
    {
        await MakeImageAsync();
        await using var vm = await StartAsync(EmptyVmSetting.Disk(Shared, "qcow2"));
        var copy = Path.ChangeExtension(Shared, "copy");
        Assert.Contains("started", await Lab.VirshAsync(Lab.Host1, "blockcopy", EmptyVm.Name, "vda", copy, "--transient-job"),
            StringComparison.OrdinalIgnoreCase);

        AssertFails(string.Empty, "BlockJobActive", ErrorCategory.ResourceBusy, "active block job", "--abort", canRetry: true, check: "BlockJobs");
        await Lab.VirshAsync(Lab.Host1, "blockjob", EmptyVm.Name, "vda", "--abort");
        AssertPasses("BlockJobs");
        await Lab.VirshAsync(Lab.Host1, "snapshot-create-as", EmptyVm.Name, "one", "--disk-only");
        AssertFails(string.Empty, "SnapshotsPresent", ErrorCategory.InvalidOperation, "with 1 snapshots", "snapshot-delete empty",
            check: "Snapshots");
        await Lab.VirshAsync(Lab.Host1, "snapshot-delete", EmptyVm.Name, "one", "--metadata");
        AssertPasses("Snapshots");
        File.Delete(copy);
        File.Delete(Path.ChangeExtension(Shared, "one"));
    }

    [Fact]
    public async Task A_vm_that_is_being_backed_up()
    {
        await MakeImageAsync();
        await using var vm = await StartAsync(EmptyVmSetting.Disk(Shared, "qcow2"));
        var backup = Path.ChangeExtension(Shared, "backup");
        await File.WriteAllTextAsync(backup, """<domainbackup mode="pull"><server transport="unix" socket="/run/backup.sock"/></domainbackup>""",
            TestContext.Current.CancellationToken);
        Assert.Contains("started", await Lab.VirshAsync(Lab.Host1, "backup-begin", EmptyVm.Name, backup), StringComparison.Ordinal);

        Assert.Equal("cannot acquire state change lock", AssertForetold("VmJob").Text("LibvirtError"));

        // Libvirt itself would wait for the backup's end, and give up after half a minute.
        Session.Set("name", EmptyVm.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2")
            .AssertError("VmBusy", ErrorCategory.ResourceBusy, "another job: Backup", "try again when they have ended");
        await Lab.VirshAsync(Lab.Host1, "domjobabort", EmptyVm.Name);
        File.Delete(backup);
    }

    [Fact]
    public async Task A_vm_that_ends_with_its_client()
    {
        await using var vm = await EmptyVm.DefineAsync(Lab, new());
        using var client = Process.Start(new ProcessStartInfo("virsh", ["-q", "-c", Lab.Host1.Tcp])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await client.StandardInput.WriteLineAsync($"start {EmptyVm.Name} --autodestroy");
        await client.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await EventuallyAsync("the VM runs", async () =>
            (await Lab.VirshAsync(Lab.Host1, "domstate", EmptyVm.Name)).StartsWith("running", StringComparison.Ordinal));

        AssertFails(string.Empty, "VmMarkedForAutoDestroy", ErrorCategory.InvalidOperation, "marked for auto destroy", "--autodestroy");
        client.StandardInput.Close();
        await client.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private async Task MakeImageAsync() => await Lab.RunAsync("exec", Lab.Host1.Name, "qemu-img", "create", "-q", "-f", "qcow2", Shared, "8M");
}
