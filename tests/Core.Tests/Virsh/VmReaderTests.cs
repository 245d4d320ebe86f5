using VirtMigrate.Hosts;
using VirtMigrate.Tests.Core;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Virsh;

/// <summary>VMs are read whatever this virsh, this driver or one of the QEMUs can't do.</summary>
public sealed class VmReaderTests
{
    private const string Web = "e93f0b02-3000-4352-89b2-6accbfb0bc8a";
    private const string Off = "46c9cb45-8613-45b3-8404-80052335fafb";
    private const string States = "Domain: 'web'\n  state.state=3\n  state.reason=2\n\nDomain: 'off1'\n  state.state=5\n  state.reason=4\n";
    private const string Sizes = "  balloon.current=1024\n  balloon.maximum=2048\n  vcpu.current=2\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_vms_take_one_run()
    {
        var virsh = new FakeVirsh(command => Usual(command, $"Domain: 'web'\n  state.state=3\n  state.reason=2\n{Sizes}\nDomain: 'off1'\n  state.state=5\n  state.reason=4\n{Sizes}"));

        var vms = await ListAsync(virsh);

        Assert.Equal(4, virsh.Commands.Count);
        Assert.Equal(("web", 1, new VmStatus(VmState.Paused, 2), 2, 1L << 20, 2L << 20, true, false), Tell(vms[0]));
        Assert.Equal(("off1", null, new VmStatus(VmState.ShutOff, 4), 2, 1L << 20, 2L << 20, false, true), Tell(vms[1]));
    }

    [Fact]
    public async Task What_the_statistics_do_not_tell_is_asked_vm_by_vm_and_what_has_gone_is_left_out()
    {
        var virsh = new FakeVirsh(command => command is $"dominfo {Off}" ? throw Gone() : Usual(command, States));

        Assert.Equal(("web", 1, new VmStatus(VmState.Paused, 2), 1, 256L << 20, 256L << 20, true, false), Tell(Assert.Single(await ListAsync(virsh))));
    }

    [Fact]
    public async Task A_driver_that_does_not_know_of_nowait_is_asked_without_it_from_then_on()
    {
        var virsh = new FakeVirsh(command => command.Contains("--nowait", StringComparison.Ordinal) ? throw UnknownFlag() : Usual(command, States));
        var reader = new VirshVmReader(virsh, TestData.Host("h"));

        Assert.Equal(2, (await reader.ListAsync(Stop)).Count);
        Assert.Equal(2, (await reader.ListAsync(Stop)).Count);

        Assert.Single(virsh.Commands, c => c.Contains("--nowait", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_older_virsh_is_asked_for_the_vms_numbers_one_by_one()
    {
        var virsh = new FakeVirsh(command => command switch
        {
            "list --all --uuid --id --name" => throw UnknownOption("list", "--id"),
            "list --all --uuid --name" => $"{Web} web                           \n{Off} off1                          \n",
            "list --uuid" => $"{Web}\n",
            $"domid {Web}" => "7\n",
            _ => Usual(command, States),
        });

        Assert.Equal([7, null], (await ListAsync(virsh)).Select(v => v.Id));
        Assert.Equal("web", (await new VirshVmReader(virsh, TestData.Host("h")).FindAsync("web", Stop))!.Name);
    }

    [Fact]
    public async Task A_qemu_that_does_not_answer_holds_nothing_up_for_ever()
    {
        var virsh = new FakeVirsh(command => command.Contains("--balloon", StringComparison.Ordinal) ? FakeVirsh.Never : Usual(command, States));

        var (listing, inspection) = (ListAsync(virsh), new VirshVmInspector(virsh).InspectAsync(Stop));

        Assert.Equal(2, (await listing).Count);
        Assert.Equal(2, (await inspection).Count);
    }

    [Fact]
    public async Task An_older_virsh_tells_no_dirty_rates()
    {
        var virsh = new FakeVirsh(command => command.Contains("--dirtyrate", StringComparison.Ordinal)
            ? throw UnknownOption("domstats", "--dirtyrate")
            : Usual(command, OutputSamples.Read("domstats-block.txt")));

        var seen = await new VirshVmInspector(virsh).InspectAsync(Stop);

        Assert.Equal(2, seen.Count);
        Assert.Single(seen[Guid.Parse(Web)].Images);
    }

    [Fact]
    public async Task Statistics_without_a_state_are_refused() =>
        await Assert.ThrowsAsync<VirshOutputException>(() => ListAsync(new(command => Usual(command, $"Domain: 'web'\n{Sizes}"))));

    [Theory]
    [InlineData("ok\n", 1, true)]
    [InlineData("occupied (0.002s)\n", 5, false)]
    public async Task A_vm_whose_lock_is_held_is_not_asked_for_its_block_jobs(string control, int looks, bool expected)
    {
        var virsh = new FakeVirsh(command => command.StartsWith("domcontrol", StringComparison.Ordinal) ? control : OutputSamples.Read("blockjob.txt"));

        var jobs = await new VirshJobs(virsh).ReadBlockJobsAsync(Guid.Parse(Web), ["vda"], Stop);

        Assert.Equal(looks, virsh.Commands.Count(c => c.StartsWith("domcontrol", StringComparison.Ordinal)));
        Assert.Equal(expected ? [new("vda", "Block Copy", 68157440, 68157440)] : null, jobs);
    }

    private static Task<IReadOnlyList<Vm>> ListAsync(FakeVirsh virsh) => new VirshVmReader(virsh, TestData.Host("h")).ListAsync(Stop);

    private static (string, int?, VmStatus, int, long, long, bool, bool) Tell(Vm vm) =>
        (vm.Name, vm.Id, vm.Status, vm.VCpuCount, vm.Memory, vm.MaxMemory, vm.IsPersistent, vm.Autostart);

    private static string Usual(string command, string statistics) => command switch
    {
        "list --all --uuid --id --name" => $"{Web} 1 web\n{Off} - off1\n",
        "list --all --uuid --transient" or "list --all --uuid --autostart" => $"{Off}\n",
        "list --all --uuid --with-snapshot" or "list --all --uuid --with-checkpoint" or "list --all --uuid --with-managed-save" => string.Empty,
        $"dominfo {Web}" => OutputSamples.Read("dominfo.txt"),
        $"dominfo {Off}" => OutputSamples.Read("dominfo.txt").Replace(Web, Off, StringComparison.Ordinal),
        _ when command.StartsWith("domstats", StringComparison.Ordinal) =>
            command.EndsWith(Web, StringComparison.Ordinal) ? statistics.Split("\n\n")[0] + "\n" : statistics,
        _ => throw new InvalidOperationException(command),
    };

    private static VmNotFoundException Gone() => new(new(LibvirtErrorCode.NoDomain, 0, "failed to get domain"));

    private static HypervisorException UnknownFlag() => new(new HypervisorError(0, 0, "unsupported flags (0x20000000) in function x"));

    private static HypervisorNotSupportedException UnknownOption(string command, string option) =>
        new(new HypervisorError(LibvirtErrorCode.NoSupport, 0, $"command '{command}' doesn't support option {option}"));
}
