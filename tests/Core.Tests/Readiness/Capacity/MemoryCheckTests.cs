using VirtMigrate.Hosts;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Capacity;

public sealed class MemoryCheckTests
{
    private const long GiB = 1L << 30;
    private readonly ReadinessScene _scene = new();

    public MemoryCheckTests()
    {
        Use(_scene.Vm = _scene.Vm with { Memory = 4 * GiB, MaxMemory = 4 * GiB }, 3 * GiB);
        _scene.Destination.AvailableMemory = 8 * GiB;
    }

    [Fact]
    public async Task A_guest_that_fits_passes()
    {
        var check = await _scene.CheckAsync<MemoryCheck>();

        Assert.Equal(ReadinessStatus.Passed, check.Status);
        Assert.Contains(check.Evidence, e => e is { From: "kvm2", Value: "8 GiB" });
    }

    [Fact]
    public async Task A_guest_that_fits_alone_does_not_fit_after_others()
    {
        _scene.Ahead.AddRange([Other(3 * GiB), Other(3 * GiB)]);

        var check = await _scene.CheckAsync<MemoryCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains("2 VMs that go first use 6 GiB. Alone the guest would fit.", check.Message, StringComparison.Ordinal);
        Assert.Equal("Cannot allocate memory", check.LibvirtError);
    }

    [Fact]
    public async Task What_guests_may_use_but_don_t_is_worth_a_warning()
    {
        _scene.Ahead.AddRange([Other(GiB), Other(GiB)]);

        var check = await _scene.CheckAsync<MemoryCheck>();

        Assert.Equal(ReadinessStatus.Warning, check.Status);
        Assert.Contains("2 VMs that go first may use 8 GiB", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vm_that_has_arrived_meanwhile_counts_with_what_it_uses_there()
    {
        var arrived = Other(GiB);
        _scene.Source.Definitions.Remove(arrived.Uuid);
        _scene.Source.Inspections.Remove(arrived.Uuid);
        _scene.Destination.Definitions[arrived.Uuid] = Domain(string.Empty);
        _scene.Destination.Inspections[arrived.Uuid] = new(arrived.Uuid) { ResidentMemory = 4 * GiB };
        _scene.Ahead.AddRange([arrived, Other(2 * GiB)]);

        Assert.Equal(ReadinessStatus.Failed, (await _scene.CheckAsync<MemoryCheck>()).Status);
    }

    [Theory]
    [InlineData(3, ReadinessStatus.Warning, "it fits as long as")]
    [InlineData(2, ReadinessStatus.Failed, "The guest uses 3 GiB of memory now, and 'kvm2' has 2 GiB free.")]
    public async Task A_host_with_little_memory_left_is_no_place(int available, ReadinessStatus status, string message)
    {
        _scene.Destination.AvailableMemory = available * GiB;

        var check = await _scene.CheckAsync<MemoryCheck>();

        Assert.Equal(status, check.Status);
        Assert.Contains(message, check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_that_is_larger_than_the_host_fails()
    {
        Use(_scene.Vm = _scene.Vm with { MaxMemory = 32 * GiB }, GiB);

        Assert.Contains("up to 32 GiB", (await _scene.CheckAsync<MemoryCheck>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guests_on_huge_pages_take_none_of_it()
    {
        var other = Other(8 * GiB);
        _scene.Source.Definitions[other.Uuid] = Domain("<memoryBacking><hugepages/></memoryBacking>");
        _scene.Ahead.Add(other);

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<MemoryCheck>()).Status);

        _scene.Source.Definitions[_scene.Vm.Uuid] = Domain("<memoryBacking><hugepages/></memoryBacking>");

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<MemoryCheck>()).Status);
    }

    private Vm Other(long used)
    {
        var vm = _scene.TestVm("other", VmState.Running) with { Memory = 4 * GiB, MaxMemory = 4 * GiB };
        Use(vm, used);
        return vm;
    }

    private void Use(Vm vm, long used)
    {
        _scene.Source.Definitions[vm.Uuid] = Domain(string.Empty);
        _scene.Source.Inspections[vm.Uuid] = new VmInspection(vm.Uuid) { ResidentMemory = used };
    }

    private static string Domain(string more) => $"<domain type='kvm'><os><type arch='x86_64'>hvm</type></os>{more}</domain>";
}
