using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>What libvirt and QEMU would refuse half-way is refused before anything is asked.</summary>
public sealed class MigrationOptionRuleTests
{
    /// <summary>Options as they are typed, and what is said of them.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "Compression=mt Parallel=2", "-Compression mt and -Parallel exclude each other." },
        { "Compression=xbzrle Parallel=2", "-Compression xbzrle and -Parallel exclude each other." },
        { "Compression=zstd", "-Compression zstd requires -Parallel." },
        { "Compression=zlib,zstd Parallel=2", "-Compression zlib and -Compression zstd exclude each other." },
        { "Compression=lzo", "-Compression can't be 'lzo', only mt, xbzrle, zlib, zstd." },
        { "Compression=mt,MT", "-Compression names a value twice." },
        { "CompressionMtLevel=1", "-CompressionMtLevel requires -Compression mt." },
        { "CompressionMtLevel=10 Compression=mt", "-CompressionMtLevel must be between 0 and 9." },
        { "CompressionXbzrleCache=67108864 Compression=mt", "-CompressionXbzrleCache requires -Compression xbzrle." },
        { "CompressionXbzrleCache=1000000 Compression=xbzrle", "-CompressionXbzrleCache must be a power of two, such as 64MB." },
        { "ZeroCopy", "-ZeroCopy requires -Parallel." },
        { "ZeroCopy Parallel=2 Tls", "-ZeroCopy and -Tls exclude each other." },
        { "ZeroCopy Parallel=2 Compression=zstd", "-ZeroCopy and -Compression exclude each other." },
        { "Tunnelled", "-Tunnelled requires -PeerToPeer." },
        { "Tunnelled PeerToPeer Parallel=2", "-Tunnelled and -Parallel exclude each other." },
        { "Tunnelled PeerToPeer PostCopy", "-Tunnelled and -PostCopy exclude each other." },
        { "Tunnelled PeerToPeer CopyStorage=All", "-Tunnelled and -CopyStorage exclude each other." },
        { "Tunnelled PeerToPeer MigrateUri=tcp://a", "-Tunnelled and -MigrateUri exclude each other." },
        { "PostCopy Offline", "-PostCopy and -Offline exclude each other." },
        { "PostCopy Suspend", "-Suspend and -PostCopy exclude each other." },
        { "PostCopy Compression=mt", "-Compression mt and -PostCopy exclude each other." },
        { "PostCopyAfterPrecopy", "-PostCopyAfterPrecopy requires -PostCopy." },
        { "PostCopyBandwidth=104857600", "-PostCopyBandwidth requires -PostCopy." },
        { "PostCopy PostCopyResume", "-PostCopyResume requires -ChangeProtection or -PeerToPeer." },
        { "CopyStorage=All Offline", "-CopyStorage and -Offline exclude each other." },
        { "CopyStorage=Some", "-CopyStorage can't be 'Some', only All, Incremental." },
        { "SynchronousWrites", "-SynchronousWrites requires -CopyStorage." },
        { "MigrateDisk=vda", "-MigrateDisk requires -CopyStorage." },
        { "MigrateDisk=vda,vda CopyStorage=All", "-MigrateDisk names a value twice." },
        { "DisksPort=49300 DisksUri=tcp://a:1 CopyStorage=All", "-DisksPort and -DisksUri exclude each other." },
        { "DisksPort=70000 CopyStorage=All", "-DisksPort must be between 1 and 65535." },
        { "AutoConvergeInitial=50", "-AutoConvergeInitial requires -AutoConverge." },
        { "AutoConvergeIncrement=100 AutoConverge", "-AutoConvergeIncrement must be between 1 and 99." },
        { "TlsDestination=a", "-TlsDestination requires -Tls." },
        { "RdmaPinAll", "-RdmaPinAll requires -MigrateUri." },
        { "Direct MigrateUri=tcp://a PeerToPeer", "-Direct and -PeerToPeer exclude each other." },
        { "PersistentXml=<domain/> Persistent=no", "-PersistentXml requires -Persistent." },
        { "Timeout=30 OnTimeout=PostCopy", "-OnTimeout PostCopy requires -PostCopy." },
        { "Timeout=30 OnTimeout=Suspend Offline", "-OnTimeout Suspend and -Offline exclude each other." },
        { "OnTimeout=Suspend", "-OnTimeout requires -Timeout." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Options_that_do_not_go_together_are_refused(string given, string expected)
    {
        var problem = Assert.Single(Read(given).WithImplied().Validate());

        Assert.Equal(expected, problem.Message);
    }

    [Theory]
    [InlineData("Live Persistent Parallel=4 Compression=zstd CompressionZstdLevel=3")]
    [InlineData("Live PostCopy PostCopyAfterPrecopy PostCopyBandwidth=104857600 Compression=xbzrle")]
    [InlineData("Live CopyStorage=incremental SynchronousWrites MigrateDisk=vda,vdb DisksPort=49300 Tls TlsDestination=kvm2")]
    [InlineData("Live PeerToPeer Tunnelled AutoConverge AutoConvergeInitial=30 AutoConvergeIncrement=20")]
    [InlineData("Live PostCopy PostCopyResume ChangeProtection")]
    [InlineData("Offline Timeout=10")]
    [InlineData("Live PersistentXml=<domain/>")]
    public void Options_that_go_together_are_taken(string given) => Assert.Empty(Read(given).WithImplied().Validate());

    [Fact]
    public void Every_rule_of_the_table_refuses_what_it_names()
    {
        var rules = MigrationOptions.Table.SelectMany(o => o.Excludes.Select(other => (o.Name, Other: other)));

        Assert.All(rules, rule =>
        {
            var options = Read($"{rule.Name}{Sample(rule.Name)} {rule.Other}{Sample(rule.Other)}");
            Assert.Contains(options.Validate(), p => p.Message.EndsWith("exclude each other.", StringComparison.Ordinal));
        });
    }

    [Theory]
    [InlineData("Parallel=2 Compression=zstd", "-Compression zstd needs libvirt 9.4.0; 'kvm1' has 9.0.0.")]
    [InlineData("CopyStorage=All MigrateDiskDetectZeroes=vda", "-MigrateDiskDetectZeroes needs libvirt 10.9.0; 'kvm1' has 9.0.0.")]
    [InlineData("AvailableSwitchoverBandwidth=1073741824", "-AvailableSwitchoverBandwidth needs libvirt 11.1.0; 'kvm1' has 9.0.0. -AvailableSwitchoverBandwidth needs QEMU 8.2; 'kvm1' has 7.2.22.")]
    [InlineData("PostCopy Parallel=2", "-PostCopy and -Parallel together need QEMU 10.1 or later on both hosts; 'kvm1' has 7.2.22.")]
    public void A_host_that_is_too_old_is_named(string given, string expected)
    {
        var problems = MigrationOptionRules.CheckVersions(Read(given), Host("kvm1", new(9, 0, 0), new(7, 2, 22)), Host("kvm2", new(12, 0, 0), new(10, 2, 0)));

        Assert.Equal(expected, string.Join(' ', problems.Select(p => p.Message)));
    }

    [Fact]
    public void Hosts_that_are_new_enough_take_everything()
    {
        var host = Host("kvm1", new(12, 0, 0), new(10, 2, 0));

        Assert.Empty(MigrationOptionRules.CheckVersions(Read("PostCopy Parallel=2 Compression=zstd AvailableSwitchoverBandwidth=1073741824"), host, host));
    }

    [Fact]
    public void An_older_destination_counts_as_much_as_an_older_source()
    {
        var problems = MigrationOptionRules.CheckVersions(Read("PostCopy Parallel=2"),
            Host("kvm1", new(12, 0, 0), new(10, 2, 0)), Host("kvm2", new(12, 0, 0), new(10, 0, 5)));

        Assert.Contains("'kvm2' has 10.0.5", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    private static VmHost Host(string name, Version libvirt, Version qemu) =>
        TestData.Host(name) with { LibvirtVersion = libvirt, Hypervisor = "QEMU", HypervisorVersion = qemu };

    private static string Sample(string name) => MigrationOptions.Find(name) switch
    {
        { Choices: [.., var last] } => "=" + last.Value,
        { ValueType: MigrationValueType.None } => string.Empty,
        { ValueType: MigrationValueType.Number or MigrationValueType.LargeNumber } option => $"={option.Minimum}",
        _ => "=x",
    };

    private static MigrationOptionSet Read(string given) => given.Split(' ').Select(word => word.Split('=', 2)).Aggregate(
        MigrationOptionSet.Empty, (set, word) =>
        {
            var option = MigrationOptions.Find(word[0])!;
            object value = word is not [_, var text] ? true : option.ValueType switch
            {
                MigrationValueType.None => false,
                MigrationValueType.TextList => text.Split(','),
                MigrationValueType.Text => text,
                _ => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture),
            };
            return set.With(option, value);
        });
}
