using System.Globalization;
using System.Management.Automation;
using System.Xml.Linq;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Hosts;

/// <summary>What readiness is told of a host equals what virsh prints.</summary>
public sealed class HostInspectionTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task Networks_are_those_of_virsh()
    {
        var file = Path.Combine(Lab.Shared, "network.xml");
        await File.WriteAllTextAsync(
            file, "<network><name>isolated</name><bridge name='virbr77'/><mtu size='1400'/></network>", TestContext.Current.CancellationToken);
        using var host = new InspectedHost(Session, Lab.Host2);
        try
        {
            await Lab.VirshAsync(Lab.Host2, "net-define", file);
            var networks = host.Ask("ListNetworksAsync($none)");

            Assert.Equal(Lines(await Lab.VirshAsync(Lab.Host2, "net-list", "--all", "--name")), networks.Select(n => n.Text("Name")).Order(StringComparer.Ordinal));
            foreach (var network in networks)
            {
                var active = Lines(await Lab.VirshAsync(Lab.Host2, "net-list", "--name"));
                Assert.Equal(active.Contains(network.Text("Name"), StringComparer.Ordinal), network.Get("IsActive"));
            }

            var isolated = Assert.Single(networks, n => n.Text("Name") is "isolated");
            Assert.Equal(("virbr77", 1400L, false), (isolated.Text("Bridge"), isolated.Number("Mtu"), (bool)isolated.Get("IsActive")!));
        }
        finally
        {
            await Lab.VirshAsync(Lab.Host2, "net-undefine", "isolated");
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Interfaces_are_those_of_the_host()
    {
        using var host = new InspectedHost(Session, Lab.Host2);
        try
        {
            await Lab.RunAsync("exec", Lab.Host2.Name, "ip", "link", "add", "br-vm", "mtu", "1350", "type", "bridge");
            var interfaces = host.Ask("ListInterfacesAsync($none)");

            TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', interfaces));
            Assert.Equal(1350, Assert.Single(interfaces, i => i.Text("Name") is "br-vm").Number("Mtu"));
        }
        finally
        {
            await Lab.RunAsync("exec", Lab.Host2.Name, "ip", "link", "del", "br-vm");
        }
    }

    [Fact]
    public async Task Pools_and_volumes_are_those_of_virsh()
    {
        const string Folder = "/var/lib/libvirt/images";
        using var host = new InspectedHost(Session, Lab.Host2);
        try
        {
            await Lab.VirshAsync(Lab.Host2, "pool-define-as", "idle", "dir", "--target", "/var/lib/libvirt/idle");
            await Lab.RunAsync("exec", Lab.Host2.Name, "qemu-img", "create", "-q", "-f", "qcow2", $"{Folder}/seen.qcow2", "8M");
            var pools = host.Ask("ListStoragePoolsAsync($none)").ToDictionary(p => p.Text("Name"), StringComparer.Ordinal);

            Assert.Equal(Lines(await Lab.VirshAsync(Lab.Host2, "pool-list", "--all", "--name")), pools.Keys.Order(StringComparer.Ordinal));
            Assert.Equal((false, 0L, "/var/lib/libvirt/idle"), ((bool)pools["idle"].Get("IsActive")!, pools["idle"].Number("Available"), pools["idle"].Text("TargetPath")));
            var info = await Lab.VirshAsync(Lab.Host2, "pool-info", "default", "--bytes");
            Assert.Contains($"Available:      {pools["default"].Text("Available")}", info, StringComparison.Ordinal);
            Assert.Equal(("dir", Folder), (pools["default"].Text("Type"), pools["default"].Text("TargetPath")));

            Assert.DoesNotContain($"{Folder}/seen.qcow2", Texts(host.Ask("ListVolumePathsAsync('default', $false, $none)")));
            var paths = Texts(host.Ask("ListVolumePathsAsync('default', $true, $none)"));
            Assert.Contains($"{Folder}/seen.qcow2", paths);
            var listed = Lines(await Lab.VirshAsync(Lab.Host2, "vol-list", "default")).Skip(2).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
            Assert.Equal(listed.Order(StringComparer.Ordinal), paths.Order(StringComparer.Ordinal));

            var volume = Assert.Single(host.Ask($"FindVolumeAsync('{Folder}/seen.qcow2', $none)"));
            Assert.Equal(("default", 8L << 20), (volume.Text("Pool"), volume.Number("Capacity")));
            Assert.Contains($"Allocation:     {volume.Text("Allocation")} bytes",
                await Lab.VirshAsync(Lab.Host2, "vol-info", $"{Folder}/seen.qcow2", "--bytes"), StringComparison.Ordinal);
            Assert.DoesNotContain(host.Ask($"FindVolumeAsync('{Folder}/nothing', $none)"), v => v is not null);
        }
        finally
        {
            await Lab.RunAsync("exec", Lab.Host2.Name, "rm", "-f", $"{Folder}/seen.qcow2");
            await Lab.VirshAsync(Lab.Host2, "pool-refresh", "default");
            await Lab.VirshAsync(Lab.Host2, "pool-undefine", "idle");
        }
    }

    [Fact]
    public async Task Secrets_memory_and_pages_are_those_of_virsh()
    {
        var file = Path.Combine(Lab.Shared, "secret.xml");
        await File.WriteAllTextAsync(file, "<secret ephemeral='yes'><uuid>8a1b0d5e-0000-4000-8000-000000000007</uuid></secret>", TestContext.Current.CancellationToken);
        using var host = new InspectedHost(Session, Lab.Host2);
        try
        {
            await Lab.VirshAsync(Lab.Host2, "secret-define", file);
            Assert.Equal(["8a1b0d5e-0000-4000-8000-000000000007"], Texts(host.Ask("ListSecretsAsync($none)")));
            var capabilities = Assert.Single(host.Ask("GetCapabilitiesAsync($none)"));
            var sizes = capabilities.All("PageSizes").Select(s => Convert.ToInt64(s.BaseObject, CultureInfo.InvariantCulture)).ToArray();
            Assert.NotEmpty(sizes);
            Session.Set("sizes", sizes);
            var pages = host.Ask($"GetFreePagesAsync($sizes, {capabilities.Text("CellCount")}, $none)");
            Assert.Equal(sizes, pages.Where(p => p.Number("Cell") == 0).Select(p => p.Number("Size")));
            foreach (var size in sizes.Where(s => s > 4096))
            {
                Assert.Contains(
                    $"{size / 1024}KiB: {Assert.Single(pages, p => p.Number("Size") == size && p.Number("Cell") == 0).Text("Count")}",
                    await Lab.VirshAsync(Lab.Host2, "freepages", "0", $"{size / 1024}"), StringComparison.Ordinal);
            }

            Assert.Contains(capabilities.Text("HostUuid"), await Lab.VirshAsync(Lab.Host2, "capabilities"), StringComparison.Ordinal);
        }
        finally
        {
            await Lab.VirshAsync(Lab.Host2, "secret-undefine", "8a1b0d5e-0000-4000-8000-000000000007");
            File.Delete(file);
        }
    }

    [Fact]
    public async Task What_guests_can_have_and_how_processors_compare_is_what_virsh_says()
    {
        using var host = new InspectedHost(Session, Lab.Host2);
        Session.Set("emulator", Lab.Emulator);
        Session.Run("$kind = [VirtMigrate.Xml.GuestKind]::new($emulator, 'x86_64', 'q35', 'qemu')").AssertNoErrors();
        string[] kind = ["--emulatorbin", Lab.Emulator, "--arch", "x86_64", "--machine", "q35", "--virttype", "qemu"];

        var capabilities = Assert.Single(host.Ask("GetDomainCapabilitiesAsync($kind, $none)"));
        Assert.Equal(
            XElement.Parse(await Lab.VirshAsync(Lab.Host2, ["domcapabilities", .. kind])).Element("machine")!.Value, capabilities.Text("Machine"));
        Assert.Equal(Lab.Emulator, capabilities.Text("Emulator"));

        Session.Run("$none2 = [VirtMigrate.Xml.GuestKind]::new($emulator, 'x86_64', 'pc-none', 'kvm')").AssertNoErrors();
        var refused = Session.Run("$asked.GetDomainCapabilitiesAsync($none2, $none).GetAwaiter().GetResult()").Errors;
        var words = await Lab.VirshAsync(Lab.Host2, "domcapabilities", "--emulatorbin", Lab.Emulator, "--arch", "x86_64", "--machine", "pc-none", "--virttype", "kvm");
        Assert.Contains(words.Replace("error: ", string.Empty, StringComparison.Ordinal).Split('\n')[^1], Assert.Single(refused).Exception.InnerException!.Message, StringComparison.Ordinal);

        await AssertComparesAsync(host, kind, "<cpu mode='custom' match='exact'><model>qemu64</model></cpu>");
        await AssertComparesAsync(host, kind, "<cpu mode='custom' match='exact'><model>qemu64</model><feature policy='require' name='avx512f'/><feature policy='require' name='invtsc'/></cpu>");
    }

    private async Task AssertComparesAsync(InspectedHost host, string[] kind, string cpu)
    {
        var file = Path.Combine(Lab.Shared, "cpu.xml");
        await File.WriteAllTextAsync(file, cpu, TestContext.Current.CancellationToken);
        string[] arguments = [.. kind.Select(k => k is "--emulatorbin" ? "--emulator" : k)];
        var virsh = await Lab.VirshAsync(Lab.Host2, ["hypervisor-cpu-compare", file, "--error", .. arguments]);
        File.Delete(file);
        Session.Set("cpu", cpu);

        var comparison = Assert.Single(host.Ask("CompareCpuAsync($kind, $cpu, $none)"));

        TestContext.Current.TestOutputHelper?.WriteLine($"{virsh}\n{comparison}");
        if (comparison.Text("Result") is "Incompatible")
        {
            Assert.Contains(comparison.Text("Message"), virsh, StringComparison.Ordinal);
            Assert.Equal(["avx512f", "invtsc"], Texts(comparison.All("MissingFeatures")).Order(StringComparer.Ordinal));
        }
        else
        {
            Assert.Contains(comparison.Text("Result"), virsh, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static string[] Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)];

    private static string[] Texts(IEnumerable<PSObject> items) => [.. items.Select(i => Convert.ToString(i.BaseObject, CultureInfo.InvariantCulture)!)];
}
