using VirtMigrate.Hosts;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Machine;

public sealed class FirmwareCheckTests
{
    private const string Code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
    private const string Template = "/usr/share/OVMF/OVMF_VARS_4M.fd";
    private readonly ReadinessScene _scene = new();

    public FirmwareCheckTests()
    {
        _scene.Definition = Domain(Code, Template);
        _scene.Destination.DomainCapabilities = _ => HostXml.DomainCapabilities([Code]);
    }

    [Fact]
    public async Task A_guest_with_bios_needs_none()
    {
        _scene.Definition = string.Empty;

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<FirmwareCheck>()).Status);
    }

    [Fact]
    public async Task Firmware_that_libvirt_lists_there_passes_with_the_template_beside_it()
    {
        var check = await _scene.CheckAsync<FirmwareCheck>();

        Assert.Equal(ReadinessStatus.Passed, check.Status);
        Assert.Contains(check.Evidence, e => e is { From: "kvm2", Value: Code });
    }

    [Fact]
    public async Task What_is_in_no_list_can_t_be_seen_from_here()
    {
        _scene.Destination.DomainCapabilities = _ => HostXml.DomainCapabilities();

        var check = await _scene.CheckAsync<FirmwareCheck>();

        Assert.Equal(ReadinessStatus.NotVerified, check.Status);
        Assert.Contains(Code, check.Message, StringComparison.Ordinal);
        Assert.Contains("qemu+ssh", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Code, "Could not open '" + Code + "'")]
    [InlineData(Template, "Failed to open file '" + Template + "'")]
    [InlineData("OVMF", "Failed to open file '" + Template + "'")]
    [InlineData("none", null)]
    public async Task The_host_itself_tells_what_is_missing(string missing, string? error)
    {
        _scene.Destination.DomainCapabilities = _ => HostXml.DomainCapabilities();
        _scene.DestinationShell = new Shell(missing);

        var check = await _scene.CheckAsync<FirmwareCheck>();

        Assert.Equal((error is null ? ReadinessStatus.Passed : ReadinessStatus.Failed, error), (check.Status, check.LibvirtError));
    }

    [Fact]
    public async Task Secure_boot_without_firmware_for_it_is_worth_a_warning()
    {
        _scene.Definition = Domain(Code, Template, "secure='yes' ");

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<FirmwareCheck>()).Status);

        _scene.Destination.DomainCapabilities = _ => HostXml.DomainCapabilities([Code], secure: true);

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<FirmwareCheck>()).Status);
    }

    [Fact]
    public async Task Firmware_of_a_vm_that_is_shut_off_is_looked_for_when_it_starts()
    {
        _scene.Vm = _scene.TestVm("db", VmState.ShutOff);
        _scene.Definition = Domain(Code, Template);

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<FirmwareCheck>()).Status);
    }

    private static string Domain(string loader, string template, string more = "") =>
        $"<domain type='kvm'><os><type arch='x86_64' machine='q35'>hvm</type><loader readonly='yes' {more}type='pflash'>{loader}</loader>" +
        $"<nvram template='{template}'>/var/lib/libvirt/qemu/nvram/db.fd</nvram></os></domain>";

    private sealed class Shell(string missing) : IHostShell
    {
        public Task<HostShellResult?> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
        {
            Assert.Equal(["test", "-e"], command.Take(2));
            var isMissing = command[2].Contains(missing, StringComparison.Ordinal) || command[2].Contains("nvram", StringComparison.Ordinal);
            return Task.FromResult<HostShellResult?>(new(isMissing ? 1 : 0, string.Empty, string.Empty));
        }
    }
}
