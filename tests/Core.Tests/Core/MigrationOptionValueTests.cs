using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class MigrationOptionValueTests
{
    [Fact]
    public void Options_and_limits_come_back_as_they_were_given()
    {
        var given = MigrationOptionSet.Empty
            .With(MigrationOptions.Parallel, 4)
            .With(MigrationOptions.CopyStorage, StorageCopy.Incremental);
        var limits = new MigrationLimits
        {
            MaxDowntime = TimeSpan.FromMilliseconds(900),
            Timeout = TimeSpan.FromSeconds(30),
            OnTimeout = TimeoutAction.PostCopy,
        };

        var values = given.With(limits).ToValues();
        var back = MigrationOptionSet.FromValues(values);

        Assert.Equal("Incremental", values["CopyStorage"]);
        Assert.Equal(4, back.Number(MigrationOptions.Parallel));
        Assert.Equal(given.Flags, back.Flags);
        Assert.Equal((900L, 30L, "PostCopy"), (values["MaxDowntime"], values["Timeout"], values["OnTimeout"]));
        Assert.Equal(limits, back.Limits);
    }
}
