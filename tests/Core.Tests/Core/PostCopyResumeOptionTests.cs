using VirtMigrate.Migration;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class PostCopyResumeOptionTests
{
    private static readonly MigrationOptionSet Original = MigrationOptionSet.Empty
        .With(MigrationOptions.Live, true)
        .With(MigrationOptions.PostCopy, true)
        .With(MigrationOptions.PostCopyAfterPrecopy, true)
        .With(MigrationOptions.UndefineSource, true)
        .With(MigrationOptions.Bandwidth, 100L << 20)
        .With(MigrationOptions.MigrateUri, "tcp://10.0.1.2");

    [Fact]
    public void What_libvirt_has_to_be_told_again_comes_from_the_original()
    {
        var options = PostCopyResumeOptions.Of(Original, MigrationOptionSet.Empty);

        Assert.Equal(MigrationFlags.Live | MigrationFlags.PostCopy | MigrationFlags.PostCopyResume | MigrationFlags.ChangeProtection |
            MigrationFlags.UndefineSource, options.Flags);
        Assert.Equal("tcp://10.0.1.2", options.Text(MigrationOptions.MigrateUri));
        Assert.False(options.Has(MigrationOptions.Bandwidth));
        Assert.False(options.Has(MigrationOptions.PostCopyAfterPrecopy));
        Assert.Empty(options.Validate());
    }

    [Fact]
    public void What_the_user_says_now_goes_before_the_original()
    {
        var options = PostCopyResumeOptions.Of(Original, MigrationOptionSet.Empty
            .With(MigrationOptions.UndefineSource, false)
            .With(MigrationOptions.MigrateUri, "tcp://10.0.2.2"));

        Assert.False(options.Has(MigrationOptions.UndefineSource));
        Assert.Equal("tcp://10.0.2.2", options.Text(MigrationOptions.MigrateUri));
    }

    [Fact]
    public void The_source_s_daemon_drives_it_only_where_it_is_asked_to()
    {
        var original = Original.With(MigrationOptions.PeerToPeer, true);

        var managed = PostCopyResumeOptions.Of(original, MigrationOptionSet.Empty);
        var peerToPeer = PostCopyResumeOptions.Of(original, MigrationOptionSet.Empty.With(MigrationOptions.PeerToPeer, true));

        Assert.False(managed.Has(MigrationOptions.PeerToPeer));
        Assert.True(managed.Has(MigrationOptions.ChangeProtection));
        Assert.True(peerToPeer.Has(MigrationOptions.PeerToPeer));
        Assert.False(peerToPeer.Has(MigrationOptions.ChangeProtection));
    }
}
