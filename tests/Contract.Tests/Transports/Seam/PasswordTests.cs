using VirtMigrate.Hosts;
using VirtMigrate.LabSupport;
using VirtMigrate.ContractTests.Transports.Tools;
using VirtMigrate.Libvirt;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>A host that asks for a password, over virsh, which has no terminal to ask at.</summary>
public sealed class PasswordTests(LabFixture lab) : LabTest(lab)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LabHost Host => Lab.Host2;

    [Fact]
    public async Task Events_are_heard()
    {
        await using var password = await Lab.AskForPasswordAsync(Host);
        var definition = Path.Combine(Lab.Shared, "heard.xml");
        await using var defined = await Change.MakeAsync(
            () => File.WriteAllTextAsync(definition, $"{SceneXml.Empty(Guid.NewGuid(), "heard", Lab.Emulator)}", Stop),
            () => RunThereAsync("undefine heard"));
        var heard = 0;
        await using (var virsh = await OpenAsync(new VirshTransport()))
        {
            using var listening = virsh.Subscribe(_ => Interlocked.Increment(ref heard));
            await EventuallyAsync("something is heard", async () =>
            {
                await RunThereAsync($"define {definition}");
                return heard > 0;
            });
            Assert.NotEmpty(PasswordFiles());
        }

        File.Delete(definition);
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task Only_the_library_tells_that_it_encrypts_the_connection()
    {
        await using var password = await Lab.AskForPasswordAsync(Host);
        await using var libvirt = await OpenAsync(new LibvirtTransport());
        await using var virsh = await OpenAsync(new VirshTransport());

        Assert.Equal((true, false), (libvirt.Host.IsEncrypted, virsh.Host.IsEncrypted));
    }

    // Other tests of this machine may have passwords for hosts of theirs.
    private IEnumerable<string> PasswordFiles() =>
        Directory.EnumerateDirectories(Path.GetTempPath(), "vm-*").Select(d => Path.Combine(d, "auth.conf")).Where(IsForHost);

    private bool IsForHost(string file)
    {
        try
        {
            return File.ReadAllText(file).Contains($"[auth-libvirt-{Host.Address}]", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It is gone.
            return false;
        }
    }

    private async Task AssertNothingIsLeftAsync()
    {
        await EventuallyAsync("no virsh is left", () => Task.FromResult(ToolProcesses.Find(Lab).Count == 0));
        Assert.Empty(PasswordFiles());
    }

    // On the host itself nobody is asked for a password.
    private Task<string> RunThereAsync(string command) => Lab.RunAsync("exec", Host.Name, "virsh", "-q", "-c", "qemu:///system", command);

    private Task<IHypervisor> OpenAsync(ITransport transport) => transport.OpenAsync(HostAddress.Parse(Host.Tcp), new("lab", "lab-password"), Stop);
}
