using System.Xml.Linq;
using VirtMigrate.Hosts;
using VirtMigrate.LabSupport;
using VirtMigrate.Xml;
using Xunit;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>What libvirt's own library says of a host, as readiness asks it, is what virsh prints.</summary>
/// <param name="lab">The hosts.</param>
public sealed class HostInspectionTests(LabFixture lab) : IAsyncLifetime
{
    private const string Folder = "/var/lib/libvirt/images";
    private const string Secret = "8a1b0d5e-0000-4000-8000-000000000007";
    private static readonly CancellationToken None = CancellationToken.None;
    private IHypervisor? _host;

    private IHypervisor Host => _host!;

    [Fact]
    public async Task Networks_are_those_of_virsh()
    {
        await using var change = await lab.ChangeAsync(lab.Host2,
            "echo \"<network><name>isolated</name><bridge name='virbr77'/><mtu size='1400'/></network>\" > /run/isolated.xml; virsh -q net-define /run/isolated.xml",
            "virsh -q net-undefine isolated\nrm /run/isolated.xml");

        var networks = await Host.ListNetworksAsync(None);

        Assert.Equal(Lines(await VirshAsync("net-list", "--all", "--name")), networks.Select(n => n.Name).Order(StringComparer.Ordinal));
        Assert.Equal(Lines(await VirshAsync("net-list", "--name")), networks.Where(n => n.IsActive).Select(n => n.Name).Order(StringComparer.Ordinal));
        Assert.Contains(new HostNetwork("isolated", IsActive: false, "virbr77", 1400), networks);
    }

    [Fact]
    public async Task Interfaces_are_those_of_the_host()
    {
        await using var change = await lab.ChangeAsync(lab.Host2, "ip link add br-vm mtu 1350 type bridge", "ip link del br-vm");

        var interfaces = await Host.ListInterfacesAsync(None);

        Assert.Equal(1350, Assert.Single(interfaces, i => i.Name is "br-vm").Mtu);
    }

    [Fact]
    public async Task Pools_and_volumes_are_those_of_virsh()
    {
        await using var idle = await lab.ChangeAsync(lab.Host2, "virsh -q pool-define-as idle dir --target /var/lib/libvirt/idle", "virsh -q pool-undefine idle");
        await using var image = await lab.ChangeAsync(lab.Host2,
            $"qemu-img create -q -f qcow2 {Folder}/seen.qcow2 8M", $"rm {Folder}/seen.qcow2\nvirsh -q pool-refresh default");

        var pools = (await Host.ListStoragePoolsAsync(None)).ToDictionary(p => p.Name, StringComparer.Ordinal);

        Assert.Equal(Lines(await VirshAsync("pool-list", "--all", "--name")), pools.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((false, 0L, "/var/lib/libvirt/idle"), (pools["idle"].IsActive, pools["idle"].Available, pools["idle"].TargetPath));
        Assert.Equal(("dir", Folder), (pools["default"].Type, pools["default"].TargetPath));
        Assert.Contains($"Available:      {pools["default"].Available}", await VirshAsync("pool-info", "default", "--bytes"), StringComparison.Ordinal);

        Assert.DoesNotContain($"{Folder}/seen.qcow2", await Host.ListVolumePathsAsync("default", refresh: false, None));
        var paths = await Host.ListVolumePathsAsync("default", refresh: true, None);
        Assert.Contains($"{Folder}/seen.qcow2", paths);
        var listed = Lines(await VirshAsync("-q", "vol-list", "default")).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        Assert.Equal(listed.Order(StringComparer.Ordinal), paths.Order(StringComparer.Ordinal));

        var volume = await Host.FindVolumeAsync($"{Folder}/seen.qcow2", None);
        Assert.Equal(("default", 8L << 20), (volume?.Pool, volume?.Capacity));
        Assert.Contains($"Allocation:     {volume!.Allocation} bytes", await VirshAsync("vol-info", $"{Folder}/seen.qcow2", "--bytes"), StringComparison.Ordinal);
        Assert.Null(await Host.FindVolumeAsync($"{Folder}/nothing", None));
    }

    [Fact]
    public async Task Secrets_memory_and_pages_are_those_of_virsh()
    {
        await using var change = await lab.ChangeAsync(lab.Host2,
            $"echo \"<secret ephemeral='yes'><uuid>{Secret}</uuid></secret>\" > /run/secret.xml; virsh -q secret-define /run/secret.xml",
            $"virsh -q secret-undefine {Secret}\nrm /run/secret.xml");

        Assert.Equal([Guid.Parse(Secret)], await Host.ListSecretsAsync(None));
        var capabilities = await Host.GetCapabilitiesAsync(None);
        Assert.Contains($"<uuid>{capabilities.HostUuid}</uuid>", await VirshAsync("capabilities"), StringComparison.Ordinal);
        Assert.NotEmpty(capabilities.PageSizes);
        var pages = (await Host.GetFreePagesAsync(capabilities.PageSizes, capabilities.CellCount, None)).Where(p => p.Cell == 0).ToArray();
        Assert.Equal(capabilities.PageSizes, pages.Select(p => p.Size));
        foreach (var page in pages.Where(p => p.Size > 4096))
        {
            Assert.Contains($"{page.Size / 1024}KiB: {page.Count}", await VirshAsync("freepages", "0", $"{page.Size / 1024}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_guests_can_have_is_what_virsh_says()
    {
        var capabilities = await Host.GetDomainCapabilitiesAsync(new(lab.Emulator, "x86_64", "q35", "qemu"), None);
        var told = await VirshAsync("domcapabilities", "--emulatorbin", lab.Emulator, "--arch", "x86_64", "--machine", "q35", "--virttype", "qemu");
        Assert.Equal(XElement.Parse(told).Element("machine")!.Value, capabilities.Machine);
        Assert.Equal(lab.Emulator, capabilities.Emulator);

        var refused = await Assert.ThrowsAnyAsync<HypervisorException>(
            () => Host.GetDomainCapabilitiesAsync(new(lab.Emulator, "x86_64", "pc-none", "kvm"), None));
        told = await VirshAsync("domcapabilities", "--emulatorbin", lab.Emulator, "--arch", "x86_64", "--machine", "pc-none", "--virttype", "kvm");
        Assert.Contains(told.Replace("error: ", string.Empty, StringComparison.Ordinal).Split('\n')[^1], refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processors_compare_as_virsh_says()
    {
        const string Plain = "<cpu mode='custom' match='exact'><model>qemu64</model></cpu>";
        var (fits, told) = await CompareAsync(Plain);
        Assert.Contains(fits.Result.ToString(), told, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(fits.MissingFeatures);

        (var lacks, told) = await CompareAsync(Plain.Replace(
            "</cpu>", "<feature policy='require' name='avx512f'/><feature policy='require' name='invtsc'/></cpu>", StringComparison.Ordinal));
        Assert.Equal(CpuComparisonResult.Incompatible, lacks.Result);
        Assert.Contains(lacks.Message!, told, StringComparison.Ordinal);
        Assert.Equal(["avx512f", "invtsc"], lacks.MissingFeatures.Order(StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _host = await TransportCase.Reference.OpenAsync(lab.Host2);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await lab.AssertUnchangedAsync();
    }

    private async Task<(CpuComparison Comparison, string Told)> CompareAsync(string cpu)
    {
        var file = Path.Combine(lab.Shared, Path.GetRandomFileName());
        await File.WriteAllTextAsync(file, cpu);
        var told = await VirshAsync(
            "hypervisor-cpu-compare", file, "--error", "--emulator", lab.Emulator, "--arch", "x86_64", "--machine", "q35", "--virttype", "qemu");
        File.Delete(file);
        return (await Host.CompareCpuAsync(new(lab.Emulator, "x86_64", "q35", "qemu"), cpu, None), told);
    }

    private Task<string> VirshAsync(params string[] command) => LabSupport.Lab.VirshAsync(lab.Host2, command);

    private static string[] Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)];
}
