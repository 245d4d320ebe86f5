using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

/// <summary>What this libvirt and this QEMU can't do is refused with their own reason, and the VM stays as it is.</summary>
public sealed class RefusedOptionTests(LabFixture lab) : OptionTest(lab)
{
    [Fact]
    public async Task Libvirts_and_qemus_reasons_are_shown()
    {
        await using var guest = await Lab.StartGuestAsync("refused", "--memory", "192", "--disk", "shared");

        await AssertRefusedAsync(guest, "-Direct -MigrateUri tcp://kvm2", "direct migration is not supported by the source host");
        await AssertRefusedAsync(guest, "-RdmaPinAll -MigrateUri rdma://kvm2", "cannot start RDMA migration with no memory hard limit set");
        await AssertRefusedAsync(guest, "-CopyStorage All -MigrateDisk vdz", "disk target vdz not found");
        await AssertRefusedAsync(guest, "-CopyStorage All", "Whether both hosts reach the same storage");
        await AssertRefusedAsync(guest, "-ListenAddress 127.0.0.1", "unable to connect to server at 'kvm2:");
        await AssertRefusedAsync(guest, "-PersistentXml '<domain/>'", "missing name information");
    }

    [Fact]
    public async Task A_host_without_rdma_says_so()
    {
        await using var guest = await Lab.StartGuestAsync("rdma", MemoryOptionTests.LimitMemory, "--memory", "192");

        await AssertRefusedAsync(guest, "-RdmaPinAll -MigrateUri rdma://kvm2", "RDMA ERROR: could not create rdma event channel");
    }

    [Theory]
    [InlineData("-CopyStorage All -MigrateDiskDetectZeroes vda", "-MigrateDiskDetectZeroes needs libvirt 10.9")]
    [InlineData("-AvailableSwitchoverBandwidth 1GB", "-AvailableSwitchoverBandwidth needs libvirt 11.1")]
    [InlineData("-Parallel 2 -Compression zstd -CompressionZstdLevel 3", "-Compression zstd needs libvirt 9.4")]
    [InlineData("-Parallel 2 -Compression zlib -CompressionZlibLevel 3", "-Compression zlib needs libvirt 9.4")]
    [InlineData("-Parallel 2 -PostCopy", "-PostCopy and -Parallel together need QEMU 10.1 or later")]
    public async Task An_option_that_is_newer_than_a_host_is_refused_before_anything_begins(string options, string reason)
    {
        await using var guest = await Lab.StartGuestAsync("newer", "--off");
        await Lab.VirshAsync(Lab.Host1, "start", guest.Name, "--paused");

        var error = Try(guest, Lab.Host1, options).AssertError("MigrationOptionUnsupported", ErrorCategory.NotImplemented, reason, "Get-VmHost");

        Assert.Contains("'kvm1' has ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"VM '{guest.Name}' can't be migrated like this", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Compression lzo", "-Compression can't be 'lzo', only mt, xbzrle, zlib, zstd.")]
    [InlineData("-MigrateDisk vda", "-MigrateDisk requires -CopyStorage.")]
    [InlineData("-CopyStorage All -MigrateDisk 'vda,vdb'", "'vda,vdb' is one with a comma in it")]
    [InlineData("-Tls -Parallel 2 -ZeroCopy", "-ZeroCopy and -Tls exclude each other.")]
    [InlineData("-Bandwidth 1KB", "-Bandwidth must be at least 1048576.")]
    public void Options_that_do_not_fit_are_refused_before_any_host_is_asked(string options, string reason) =>
        Session.Run($"Start-VmMigration any -VmHost qemu+tcp://no-such-host.invalid/system -Destination $kvm2 {options}")
            .AssertError("MigrationOptionInvalid", ErrorCategory.InvalidArgument, reason, "Get-Help Start-VmMigration");

    [Theory]
    [InlineData("/no/such/file.xml", "The definition can't be read: Could not find")]
    [InlineData("<domain><name>a</domain>", "The definition is not valid XML: ")]
    [InlineData("<network/>", "The XML is a <network>, not a <domain>.")]
    public void A_definition_that_is_none_is_refused_before_any_host_is_asked(string definition, string reason)
    {
        var error = Assert.Single(Session.Set("definition", definition)
            .Run("Start-VmMigration any -VmHost qemu+tcp://no-such-host.invalid/system -Destination $kvm2 -DestinationXml $definition").Errors);

        Assert.Equal("ParameterArgumentTransformationError", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.Contains(reason, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("as virsh dumpxml prints it", error.ToString(), StringComparison.Ordinal);
    }
}
