using VirtMigrate.Hosts;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class VirshCommandTests
{
    private const string Source = "qemu+ssh://kvm1/system";
    private const string Destination = "qemu+ssh://kvm2/system";
    private static readonly string[] Disks = ["vda", "vdb"];
    private static readonly string[] Methods = ["XBZRLE"];

    [Fact]
    public void The_guides_multi_fd_command_comes_from_its_options()
    {
        var options = MigrationOptionSet.Empty
            .With(MigrationOptions.Live, true).With(MigrationOptions.Persistent, true).With(MigrationOptions.Parallel, 4);

        Assert.Equal(
            "virsh -c qemu+ssh://kvm1/system migrate --live --persistent --parallel --parallel-connections 4 " +
            "--domain example-VM --desturi qemu+ssh://kvm2/system",
            VirshCommand.Migrate(Source, "example-VM", Destination, options));
    }

    [Fact]
    public void Bandwidth_is_given_to_virsh_in_whole_mebibytes()
    {
        var options = MigrationOptionSet.Empty.With(MigrationOptions.Bandwidth, 100L * 1024 * 1024);

        Assert.Contains("--bandwidth 100 ", VirshCommand.Migrate(Source, "a", Destination, options), StringComparison.Ordinal);
    }

    [Fact]
    public void The_downtime_limit_and_the_timeout_are_commands_of_their_own()
    {
        var limits = new MigrationLimits { MaxDowntime = TimeSpan.FromMilliseconds(500), Timeout = TimeSpan.FromSeconds(30) };

        var command = VirshCommand.Migrate(Source, "a", Destination, MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(limits));

        Assert.Equal(
            "virsh -c qemu+ssh://kvm1/system migrate-setmaxdowntime --domain a --downtime 500 && " +
            "timeout -s INT 30 virsh -c qemu+ssh://kvm1/system migrate --live --domain a --desturi qemu+ssh://kvm2/system",
            command);
    }

    [Theory]
    [InlineData(TimeoutAction.Suspend, "--timeout 30 --timeout-suspend")]
    [InlineData(TimeoutAction.PostCopy, "--timeout 30 --timeout-postcopy")]
    public void What_virsh_can_do_when_the_time_is_up_is_left_to_virsh(TimeoutAction action, string expected)
    {
        var options = MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(MigrationOptions.Timeout, 30).With(MigrationOptions.OnTimeout, action);

        Assert.Equal(
            $"virsh -c qemu+ssh://kvm1/system migrate --live {expected} --domain a --desturi qemu+ssh://kvm2/system",
            VirshCommand.Migrate(Source, "a", Destination, options));
    }

    [Fact]
    public void Lists_choices_and_definitions_are_spelled_as_virsh_takes_them()
    {
        var options = MigrationOptionSet.Empty
            .With(MigrationOptions.CopyStorage, StorageCopy.Incremental).With(MigrationOptions.MigrateDisk, Disks)
            .With(MigrationOptions.Compression, Methods).With(MigrationOptions.CompressionXbzrleCache, 64L << 20)
            .With(MigrationOptions.DestinationXml, new MigrationXml("<domain/>", "/tmp/my vm.xml"))
            .With(MigrationOptions.PersistentXml, new MigrationXml("<domain type='kvm'/>"));

        Assert.Equal(
            "virsh -c qemu+ssh://kvm1/system migrate --copy-storage-inc --migrate-disks vda,vdb --compressed --comp-methods xbzrle " +
            "--comp-xbzrle-cache 67108864 --xml '/tmp/my vm.xml' --persistent-xml <(printf %s '<domain type='\"'\"'kvm'\"'\"'/>') " +
            "--domain a --desturi qemu+ssh://kvm2/system",
            VirshCommand.Migrate(Source, "a", Destination, options));
    }

    [Fact]
    public void A_switch_that_was_turned_off_is_left_out()
    {
        var options = MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(MigrationOptions.Persistent, false);

        Assert.DoesNotContain("--persistent", VirshCommand.Migrate(Source, "a", Destination, options), StringComparison.Ordinal);
    }
}
