using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Transports.Seam;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Names;

/// <summary>A name names a VM, and never an option, a command or another VM, whatever it looks like.</summary>
/// <param name="scene">A host with VMs of all such names.</param>
public sealed class HostileNameTests(SeamScene scene) : TransportTest(scene.Lab), IClassFixture<SeamScene>
{
    [Theory]
    [MemberData(nameof(TransportCases.Each), MemberType = typeof(TransportCases))]
    public void Every_name_is_listed_found_and_inspected(string transport)
    {
        using var session = Connect(transport);

        var names = session.Set("names", HostileNames.All).Run("""
            $all = Get-Vm -VmHost $kvm1
            foreach ($name in $names) {
                $vm = $all | Where-Object Name -CEQ $name
                $again = Get-Vm -Uuid $vm.Uuid -VmHost $kvm1
                $report = $vm | Test-VmMigrationReadiness -Destination $kvm2 -Category Identity
                if ($again.Name -ceq $name -and $report.Vm -ceq $name -and $report.Uuid -eq $vm.Uuid) { $name }
            }
            """).AssertNoErrors().Output.Select(n => (string)n.BaseObject);

        Assert.Equal(HostileNames.All, names);
        Assert.Empty(HostileNames.Marks(Lab));
    }

    [Fact]
    public async Task A_name_that_steers_a_terminal_is_refused_by_libvirt_itself()
    {
        var file = Path.Combine(Lab.Shared, "escape.xml");
        await File.WriteAllTextAsync(file, "<domain type='qemu'><name>&#27;[31mred</name></domain>", TestContext.Current.CancellationToken);

        Assert.Contains("invalid xmlChar value 27", await Lab.VirshAsync(Lab.Host1, "define", file), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task A_guest_is_moved_and_renamed_there_by_virsh_and_back_by_ssh()
    {
        await using var guest = await Lab.StartGuestAsync(HostileNames.Moved, "--memory", "192", "--dirty", "5");
        var uuid = await Lab.VirshAsync(Lab.Host1, "domuuid", "--domain", guest.Name);

        // A VM that is called as the guest is numbered.
        var decoy = await DefineDecoyAsync(uuid);
        try
        {
            Move("Virsh/tcp", "$kvm1", "$kvm2", guest.Name, HostileNames.Renamed);
            await guest.AssertWholeOnAsync(Lab.Host2);
            Assert.Equal(HostileNames.Renamed, await Lab.VirshAsync(Lab.Host2, "domname", "--domain", uuid));
            await Lab.VirshAsync(Lab.Host1, "undefine", "--domain", uuid);

            Move("Ssh/ssh", "$kvm2", "$kvm1", HostileNames.Renamed, guest.Name);
            await guest.AssertWholeOnAsync(Lab.Host1);
            Assert.Equal(guest.Name, await Lab.VirshAsync(Lab.Host1, "domname", "--domain", uuid));
            Assert.Empty(HostileNames.Marks(Lab));
            Assert.Equal("shut off", await Lab.VirshAsync(Lab.Host1, "domstate", "--domain", decoy));
        }
        finally
        {
            await Lab.VirshAsync(Lab.Host1, "undefine", "--domain", decoy);
        }
    }

    private void Move(string transport, string from, string to, string name, string newName)
    {
        using var session = Connect(transport);
        var result = session.Set("name", name).Set("newName", newName).Run(
            $"Get-Vm -VmHost {from} | Where-Object Name -CEQ $name | Start-VmMigration -Destination {to} -Live -NewName $newName").Single;
        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal(1, result.Number("Verification.RunningInstances"));
    }

    private async Task<string> DefineDecoyAsync(string name)
    {
        var uuid = Guid.NewGuid();
        await Lab.DefineAsync(Lab.Host1, SceneXml.Empty(uuid, name, Lab.Emulator));
        return uuid.ToString();
    }
}
