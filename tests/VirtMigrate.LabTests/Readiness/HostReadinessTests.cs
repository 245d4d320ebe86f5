using System.Management.Automation;
using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.Readiness;

/// <summary>What the checks say of hosts and VMs, and what virsh then does.</summary>
public sealed class HostReadinessTests(LabFixture lab) : FailureTest(lab)
{
    [Fact]
    public async Task A_vm_that_the_destination_knows_by_name_or_uuid()
    {
        await using var vm = await StartAsync();
        AssertPasses("NameAtDestination");
        AssertPasses("UuidAtDestination");
        var own = await Lab.VirshAsync(Lab.Host1, "dumpxml", EmptyVm.Name, "--inactive", "--migratable");
        var uuid = await Lab.VirshAsync(Lab.Host1, "domuuid", EmptyVm.Name);

        await DefineThereAsync(own.Replace(uuid, "8f0e4f0e-6d2c-4c53-9a53-5b1b3c7f0a01", StringComparison.Ordinal));
        await AssertVirshSaysAsync(AssertForetold("NameAtDestination"));
        AssertPasses("NameAtDestination", "-NewName other");
        await Lab.VirshAsync(Lab.Host2, "undefine", EmptyVm.Name);

        await using (await Change.MakeAsync(
            () => DefineThereAsync(own.Replace($"<name>{EmptyVm.Name}<", "<name>old<", StringComparison.Ordinal)), () => Lab.VirshAsync(Lab.Host2, "undefine", "old")))
        {
            await AssertVirshSaysAsync(AssertForetold("UuidAtDestination"));
        }

        await DefineThereAsync(own);
        await Lab.VirshAsync(Lab.Host2, "start", EmptyVm.Name);
        await AssertVirshSaysAsync(AssertForetold("UuidAtDestination"));
        await Lab.VirshAsync(Lab.Host2, "destroy", EmptyVm.Name);

        AssertPasses("UuidAtDestination", status: "Warning");
        Assert.Equal("Completed", Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single.Text("Outcome"));
    }

    [Fact]
    public async Task A_vm_that_is_shut_off()
    {
        await using var vm = await EmptyVm.DefineAsync(Lab, new());

        var live = AssertForetold("VmState", "-Live");
        await AssertVirshSaysAsync(live);
        AssertPasses("VmState");
        foreach (var check in (string[])["CpuModel", "CpuPinning", "NumaPinning", "CpuInvtsc", "Memory", "HugePages", "VmJob", "HypervisorVersion"])
        {
            AssertPasses(check, status: "NotApplicable");
        }

        AssertPasses("MachineType");
        AssertPasses("Emulator");
        Assert.Equal("Completed", Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single.Text("Outcome"));
    }

    [Fact]
    public async Task Vms_that_fit_one_by_one_and_not_together()
    {
        await using var vm = await StartAsync();
        await using var change = await ChangeAsync(Lab.Host2,
            "sed -e '/^MemFree:/s/[0-9]\\+/61440/' -e '/^Cached:/s/[0-9]\\+/0/' -e '/^Buffers:/s/[0-9]\\+/0/' /proc/meminfo > /run/meminfo; mount --bind /run/meminfo /proc/meminfo",
            "umount /proc/meminfo\nrm /run/meminfo");
        var second = (await Lab.VirshAsync(Lab.Host1, "dumpxml", EmptyVm.Name, "--inactive"))
            .Replace($"<name>{EmptyVm.Name}<", "<name>empty2<", StringComparison.Ordinal)
            .Replace(await Lab.VirshAsync(Lab.Host1, "domuuid", EmptyVm.Name), "8f0e4f0e-6d2c-4c53-9a53-5b1b3c7f0a02", StringComparison.Ordinal);
        await using var other = await Change.MakeAsync(() => CreateAsync(Lab.Host1, second), () => Lab.VirshAsync(Lab.Host1, "destroy", "empty2"));

        var reports = Session.Run("Get-Vm empty, empty2 -VmHost $kvm1 | Test-VmMigrationReadiness -Destination $kvm2 -Category Capacity").AssertNoErrors().Output;
        var alone = Session.Run("Test-VmMigrationReadiness empty2 -VmHost $kvm1 -Destination $kvm2 -Category Capacity").Single;

        Assert.Equal([true, false], reports.Select(r => r.Get("IsReady")));
        Assert.Contains("It fits alone, not after them.", Check(reports[1], "Memory").Text("Message"), StringComparison.Ordinal);
        Assert.True((bool)alone.Get("IsReady")!, string.Join('\n', alone.All("Checks")));
    }

    [Fact]
    public async Task Firmware_that_both_hosts_have_or_only_one()
    {
        const string Code = Images + "/code.fd";
        const string Variables = Images + "/vars.fd";
        const string Make = $"truncate -s 2M {Code}; truncate -s 128K {Variables}; cp /etc/libvirt/qemu.conf /run/qemu.conf; " +
            $"echo 'nvram = [ \"{Code}:{Variables}\" ]' >> /etc/libvirt/qemu.conf";
        const string Take = $"rm -f {Code} {Variables}\nmv /run/qemu.conf /etc/libvirt/qemu.conf";
        await using var here = await ChangeAsync(Lab.Host1, $"truncate -s 2M {Code}; truncate -s 128K {Variables}", $"rm -f {Code} {Variables}");
        await using var vm = await EmptyVm.StartAsync(Lab, new()
        {
            Firmware = $"""<loader readonly="yes" type="pflash">{Code}</loader><nvram template="{Variables}"/>""",
        });

        // Over tcp nobody looks at the destination's files, and libvirt's own list has no such firmware.
        AssertPasses("Firmware", status: "NotVerified");
        var foretold = Session.Set("ssh", Lab.Host2.Ssh).Run("(Test-VmMigrationReadiness $name -VmHost $kvm1 -Destination $ssh -Category Machine).Obstacles").Single;
        Assert.Equal("Firmware", foretold.Text("Id"));
        await AssertVirshSaysAsync(foretold);
        await using (await ChangeAsync(Lab.Host2, Make, Take, restart: true))
        {
            AssertPasses("Firmware");
            Assert.Equal("Completed", Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single.Text("Outcome"));
        }
    }

    [Fact]
    public async Task A_vm_without_anything_special()
    {
        await using var vm = await StartAsync(elements: """<cpu mode="host-model"/>""");

        var report = Session.Set("name", EmptyVm.Name).Run("Test-VmMigrationReadiness $name -VmHost $kvm1 -Destination $kvm2").Single;

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', report.All("Checks").Select(c => $"{c} | {string.Join(" | ", c.All("Evidence"))}")));
        Assert.True((bool)report.Get("IsReady")!, string.Join('\n', report.All("Obstacles")));
        Assert.Equal("Passed", Check(report, "CpuModel").Text("Status"));
        Assert.Equal("Warning", Check(report, "KvmAcceleration").Text("Status"));
        Assert.Equal("Completed", Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single.Text("Outcome"));
    }

    [Fact]
    public async Task A_guest_with_kvm_whose_destination_has_none()
    {
        Assert.SkipUnless((await Lab.VirshAsync(Lab.Host1, "capabilities")).Contains("<domain type='kvm'", StringComparison.Ordinal),
            "This machine has no KVM, so that libvirt takes no definition with it.");
        await using var vm = await EmptyVm.DefineAsync(Lab, new());
        var own = await Lab.VirshAsync(Lab.Host1, "dumpxml", EmptyVm.Name);
        await WithFileAsync(own.Replace("<domain type='qemu'", "<domain type='kvm'", StringComparison.Ordinal), f => Lab.VirshAsync(Lab.Host1, "define", f));
        Assert.Contains("started", await Lab.VirshAsync(Lab.Host1, "start", EmptyVm.Name), StringComparison.Ordinal);
        AssertPasses("KvmAcceleration");

        // The machine's own /dev is not to lose anything, so that the host gets another one.
        await using var change = await ChangeAsync(Lab.Host2,
            "mkdir -p /run/dev; mount -t tmpfs without-kvm /run/dev; cp -a /dev/null /dev/zero /dev/random /dev/urandom /dev/full /dev/ptmx /dev/tty /run/dev; " +
            "mount --move /run/dev /dev; rm -f /var/cache/libvirt/qemu/capabilities/*.xml",
            "! grep -q '^without-kvm /run/dev ' /proc/mounts || umount /run/dev\ngrep -q '^without-kvm /dev ' /proc/mounts && umount -l /dev\n" +
            "rm /var/cache/libvirt/qemu/capabilities/*.xml", restart: true);

        await AssertVirshSaysAsync(AssertForetold("KvmAcceleration"));
        AssertPasses("MachineType");
        AssertPasses("Emulator");
    }

    [Fact]
    public async Task A_destination_that_calls_itself_localhost()
    {
        await using var vm = await StartAsync();
        await using (await ChangeAsync(Lab.Host2, "hostname localhost", "hostname kvm2"))
        {
            await AssertVirshSaysAsync(AssertForetold("LocalhostName"));
            AssertPasses("LocalhostName", $"-MigrateUri tcp://{Lab.Host2.Address}");
        }
    }

    [Fact]
    public async Task Huge_pages_that_the_destination_has_too_few_of()
    {
        const string Pages = "/proc/sys/vm/nr_hugepages";
        var before = await File.ReadAllTextAsync(Pages, TestContext.Current.CancellationToken);
        try
        {
            await ReserveAsync("120");
            Assert.SkipUnless(string.Equals((await File.ReadAllTextAsync(Pages, TestContext.Current.CancellationToken)).Trim(), "120", StringComparison.Ordinal),
                "This machine gives no huge pages.");
            const string Mount = "mkdir -p /run/hugepages; mount -t hugetlbfs none /run/hugepages; cp /etc/libvirt/qemu.conf /run/qemu.conf; " +
                "echo 'hugetlbfs_mount = \"/run/hugepages\"' >> /etc/libvirt/qemu.conf";
            const string Unmount = "mv /run/qemu.conf /etc/libvirt/qemu.conf\numount -l /run/hugepages";
            await using var here = await ChangeAsync(Lab.Host1, Mount, Unmount, restart: true);
            await using var there = await ChangeAsync(Lab.Host2, Mount, Unmount, restart: true);
            await using var vm = await StartAsync(elements: "<memoryBacking><hugepages/></memoryBacking>");

            // Both hosts share this machine's pages, 33 of which are in use now.
            await ReserveAsync("40");
            await AssertVirshSaysAsync(AssertForetold("HugePages"));
            await ReserveAsync("120");
            AssertPasses("HugePages");
            Assert.Equal("Completed", Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single.Text("Outcome"));
        }
        finally
        {
            await ReserveAsync(before);
        }

        static Task ReserveAsync(string count) => File.WriteAllTextAsync(Pages, count);
    }

    [Fact]
    public async Task One_host_and_options_that_do_not_fit()
    {
        await using var vm = await StartAsync();

        var same = Session.Set("name", EmptyVm.Name).Run("Test-VmMigrationReadiness $name -VmHost $kvm1 -Destination $kvm1 -Category Identity").Single;
        Assert.Contains(Check(same, "SameHost").Text("LibvirtError"),
            await Lab.VirshAsync(Lab.Host1, "migrate", "--live", EmptyVm.Name, Lab.Host1.Tcp), StringComparison.Ordinal);
        AssertPasses("SameHost");
        foreach (var (options, flags) in ((string, string[])[])
        [
            ("-ZeroCopy", ["--zerocopy"]),
            ("-Parallel 2 -PeerToPeer -Tunnelled", ["--parallel", "--parallel-connections", "2", "--p2p", "--tunnelled"]),
        ])
        {
            Assert.Contains(AssertForetold("OptionRules", options).Text("LibvirtError"),
                await Lab.VirshAsync(Lab.Host1, ["migrate", "--live", "--persistent", .. flags, EmptyVm.Name, Lab.Host2.Tcp]), StringComparison.Ordinal);
        }

        AssertPasses("OptionRules", "-Parallel 2");
    }

    private static PSObject Check(PSObject report, string id) =>
        Assert.Single(report.All("Checks"), c => string.Equals(c.Text("Id"), id, StringComparison.Ordinal));

    private async Task AssertVirshSaysAsync(PSObject foretold) =>
        Assert.Contains(foretold.Text("LibvirtError"),
            await Lab.VirshAsync(Lab.Host1, "migrate", "--live", "--persistent", EmptyVm.Name, Lab.Host2.Tcp), StringComparison.Ordinal);

    private Task DefineThereAsync(string definition) => WithFileAsync(definition, file => Lab.VirshAsync(Lab.Host2, "define", file));

    private Task CreateAsync(LabHost host, string definition) => WithFileAsync(definition, file => Lab.VirshAsync(host, "create", file));

    private async Task WithFileAsync(string definition, Func<string, Task<string>> use)
    {
        var file = Path.Combine(Lab.Shared, "other.xml");
        await File.WriteAllTextAsync(file, definition);
        Assert.DoesNotContain("error", await use(file), StringComparison.Ordinal);
        File.Delete(file);
    }
}
