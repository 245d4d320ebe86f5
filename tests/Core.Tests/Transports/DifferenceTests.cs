using VirtMigrate.Hosts;
using VirtMigrate.Libvirt;
using VirtMigrate.Tests.Virsh;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>What can't be the same over virsh as with libvirt's library, as about_VirtMigrateHosts lists it.</summary>
public sealed class DifferenceTests
{
    [Fact]
    public async Task A_host_tells_the_transport_and_otherwise_the_same_of_itself()
    {
        using var node = new TestNode();
        await using var libvirt = await OpenAsync(new LibvirtTransport(), node);
        await using var virsh = await OpenAsync(new VirshTransport(), node);

        Assert.Equal(("Libvirt", "Virsh"), (libvirt.Host.Transport, virsh.Host.Transport));
        Assert.Equal(libvirt.Host with { Transport = "Virsh" }, virsh.Host);
    }

    [Fact]
    public async Task Networks_and_pools_come_by_name()
    {
        using var node = new TestNode();
        await using var virsh = await OpenAsync(new VirshTransport(), node);

        AssertSorted((await virsh.ListNetworksAsync(Stop)).Select(n => n.Name));
        AssertSorted((await virsh.ListStoragePoolsAsync(Stop)).Select(p => p.Name));
    }

    [Fact]
    public async Task A_vm_that_is_not_there_is_the_same_kind_of_error_in_other_words_and_without_a_domain()
    {
        using var node = new TestNode();
        await using var libvirt = await OpenAsync(new LibvirtTransport(), node);
        await using var virsh = await OpenAsync(new VirshTransport(), node);
        var nobody = Guid.NewGuid();

        var expected = await Assert.ThrowsAsync<VmNotFoundException>(() => libvirt.SuspendVmAsync(nobody, Stop));
        var actual = await Assert.ThrowsAsync<VmNotFoundException>(() => virsh.SuspendVmAsync(nobody, Stop));

        Assert.Equal(expected.Error!.Code, actual.Error!.Code);
        Assert.Equal(0, actual.Error.Domain);
        Assert.Equal(expected.Host, actual.Host);
    }

    [Fact]
    public async Task Ssh_takes_no_password() => await Assert.ThrowsAsync<HypervisorNotSupportedException>(
        () => new SshTransport().OpenAsync(HostAddress.Parse("kvm2"), new HostCredential("root", "s3cret"), Stop));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<IHypervisor> OpenAsync(ITransport transport, TestNode node) =>
        transport.OpenAsync(HostAddress.Parse(node.Uri), credential: null, Stop);

    // By strcasecmp, in the language of C.
    private static void AssertSorted(IEnumerable<string> names)
    {
        string[] all = [.. names];
        Assert.True(all.Length > 1);
        Assert.Equal(all.OrderBy(n => n.ToLowerInvariant(), StringComparer.Ordinal), all);
    }
}
