using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees whose destination can't run the VM.</summary>
public sealed class HostFailureTests(LabFixture lab) : FailureTest(lab)
{
    // What a daemon remembers of its emulators.
    private const string Cache = "/var/cache/libvirt/qemu/capabilities/*.xml";

    [Fact]
    public async Task A_processor_that_lacks_what_the_guest_has_seen()
    {
        const string Emulator = Images + "/other-qemu";
        await using var vm = await StartAsync(elements:
            """<cpu mode="custom" match="exact" check="partial"><model>qemu64</model><feature policy="require" name="pclmuldq"/></cpu>""");
        await WriteCacheAsync();
        await using (await ChangeAsync(Lab.Host2,
            $"sed 's/^for argument; do/&\\n argument=${{argument\\/,pclmulqdq=on\\/,pclmulqdq=off}}/' '{Lab.Emulator}' > {Emulator}; " +
            $"chmod +x {Emulator}; mount --bind {Emulator} '{Lab.Emulator}'; " +

            // What the daemon remembers of an emulator that could.
            $"sed -i -e \"/name='pclmulqdq'/s/value='true'/value='false'/\" " +
            $"-e \"s/<qemuctime>.*</<qemuctime>$(stat -c %Z '{Lab.Emulator}')</\" {Cache}",
            $"umount '{Lab.Emulator}'\nrm {Emulator} {Cache}", restart: true))
        {
            AssertFails(string.Empty, "CpuIncompatible", ErrorCategory.NotImplemented, "missing features: pclmuldq",
                "hypervisor-cpu-baseline", check: "CpuModel");
        }

        AssertPasses("CpuModel");
    }

    [Fact]
    public async Task A_machine_type_that_the_destination_does_not_know()
    {
        const string Machine = "pc-i440fx-6.2";
        await using var vm = await EmptyVm.StartAsync(Lab, new() { Machine = Machine });

        // The daemon remembers what its QEMU can do; what it forgot, it finds out anew.
        await WriteCacheAsync();
        await using var change = await ChangeAsync(Lab.Host2, $"sed -i /{Machine}/d {Cache}", $"rm {Cache}", restart: true);

        AssertFails(string.Empty, "MachineTypeUnsupported", ErrorCategory.NotImplemented, $"does not support machine type '{Machine}'", "capabilities",
            check: "MachineType");
    }

    [Fact]
    public async Task An_emulator_that_only_the_source_has()
    {
        const string Emulator = Images + "/my-qemu";
        await using var change = await ChangeAsync(Lab.Host1, $"cp '{Lab.Emulator}' {Emulator}", $"rm {Emulator}");
        await using var vm = await EmptyVm.StartAsync(Lab, new() { Emulator = Emulator });

        AssertFails(string.Empty, "EmulatorMissing", ErrorCategory.ObjectNotFound, $"Cannot check QEMU binary {Emulator}", "-DestinationXml",
            check: "Emulator");
    }

    [Fact]
    public async Task Firmware_that_only_the_source_has()
    {
        const string Rom = Images + "/my-bios.bin";
        await using var change = await ChangeAsync(Lab.Host1, $"cp /usr/share/seabios/bios-256k.bin {Rom}", $"rm {Rom}");
        await using (await EmptyVm.StartAsync(Lab, new() { Firmware = $"""<loader type="rom">{Rom}</loader>""" }))
        {
            AssertFails(string.Empty, "FirmwareMissing", ErrorCategory.ObjectNotFound, $"could not load PC BIOS '{Rom}'", "ovmf");
        }
    }

    [Fact]
    public async Task A_variable_store_that_only_the_source_has()
    {
        const string Code = Images + "/code.fd";
        const string Variables = Images + "/vars.fd";
        await using var change = await ChangeAsync(Lab.Host1, $"truncate -s 2M {Code}; truncate -s 128K {Variables}", $"rm {Code} {Variables}");
        await using var vm = await EmptyVm.StartAsync(Lab, new()
        {
            Firmware = $"""<loader readonly="yes" type="pflash">{Code}</loader><nvram template="{Variables}"/>""",
        });

        AssertFails(string.Empty, "FirmwareMissing", ErrorCategory.ObjectNotFound, $"Failed to open file '{Variables}'", "edk2-ovmf");
    }

    [Fact]
    public async Task A_host_with_too_little_memory()
    {
        await using var vm = await EmptyVm.StartAsync(Lab, new() { Memory = 2048 });
        await using var change = await ChangeAsync(Lab.Host2, "prlimit --pid $(cat /run/libvirtd.pid) --as=1500000000:unlimited",
            "prlimit --pid $(cat /run/libvirtd.pid) --as=unlimited");

        AssertFails(string.Empty, "MemoryInsufficient", ErrorCategory.ResourceUnavailable, "Cannot allocate memory", "nodememstats", canRetry: true);
    }

    [Fact]
    public async Task A_hook_that_refuses_the_vm()
    {
        await using var vm = await StartAsync();
        await using var change = await ChangeAsync(Lab.Host2,
            "mkdir -p /etc/libvirt/hooks; printf '#!/bin/sh\\necho not here >&2\\ntest \"$2\" != migrate\\n' > /etc/libvirt/hooks/qemu; chmod +x /etc/libvirt/hooks/qemu",
            "rm /etc/libvirt/hooks/qemu", restart: true);

        AssertFails(string.Empty, "HookRefused", ErrorCategory.PermissionDenied, "not here", "/etc/libvirt/hooks/qemu");
    }

    [Fact]
    public async Task A_definition_of_another_machine()
    {
        await using var vm = await StartAsync();

        AssertFails("-DestinationXml ((& virsh -c $kvm1 dumpxml empty --migratable) -join \"`n\" -replace '<vcpu placement=.static.>1<', '<vcpu>2<')",
            "DefinitionIncompatible", ErrorCategory.InvalidData, "does not match source", "--migratable");
    }

    [Fact]
    public async Task Memory_and_processors_that_the_destination_lacks()
    {
        await using var vm = await StartAsync();

        AssertFails(Change("<memoryBacking><hugepages/></memoryBacking>"), "HugePagesMissing", ErrorCategory.ObjectNotFound,
            "hugetlbfs filesystem is not mounted", "allocpages");
        AssertFails(Change("<numatune><memory mode='strict' nodeset='63'/></numatune>"), "NumaNodeMissing", ErrorCategory.ObjectNotFound,
            "NUMA node 63", "numatune", check: "NumaPinning");
        AssertFails(Change("<cputune><vcpupin vcpu='0' cpuset='1023'/></cputune>"), "PinnedCpuMissing", ErrorCategory.ObjectNotFound,
            "cannot set CPU affinity", "vcpupin", check: "CpuPinning");

        static string Change(string element) =>
            $"-DestinationXml ((& virsh -c $kvm1 dumpxml empty --migratable) -join \"`n\" -replace '<os>', \"{element}<os>\")";
    }

    [Fact]
    public async Task A_state_that_the_destination_s_emulator_does_not_understand()
    {
        const string Emulator = Images + "/other-qemu";
        await using var vm = await StartAsync();
        await using var change = await ChangeAsync(Lab.Host2,
            $"sed 's/^extra=8192/extra=16384/' '{Lab.Emulator}' > {Emulator}; chmod +x {Emulator}; mount --bind {Emulator} '{Lab.Emulator}'",
            $"umount '{Lab.Emulator}'\nrm {Emulator}");

        var run = Session.Set("name", EmptyVm.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -SkipCheck All");

        // Which of both ends is heard first is a race within libvirt.
        var error = Assert.Single(run.Errors);
        Assert.Contains(error.FullyQualifiedErrorId.Split(',')[0], (string[])["MigrationStreamIncompatible", "MigrationStreamBroken"]);
        Assert.Contains("tail /var/log/libvirt/qemu/empty.log", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        var result = Assert.Single(run.Output);
        Assert.Equal("RolledBack", result.Text("Outcome"));
        Assert.NotEqual("True", result.Text("CanRetry"));
        Assert.Contains(result.All("Errors"), e => e.Text("Host") is "kvm2");
    }

    // A daemon writes its cache when it is first asked: of the lab's emulator, and of the machine's own.
    private async Task WriteCacheAsync()
    {
        Assert.Contains($"<path>{Lab.Emulator}</path>",
            await Lab.VirshAsync(Lab.Host2, "domcapabilities", "--emulatorbin", Lab.Emulator, "--virttype", "qemu"), StringComparison.Ordinal);
        Assert.Contains("<emulator>", await Lab.VirshAsync(Lab.Host2, "capabilities"), StringComparison.Ordinal);
    }
}
