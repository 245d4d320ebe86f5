using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Options;

public sealed class OptionRulesCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task Options_that_go_together_pass()
    {
        _scene.Options = Set(("Live", true), ("Parallel", 4), ("ZeroCopy", true));

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<OptionRulesCheck>()).Status);
    }

    [Fact]
    public async Task Libvirt_s_words_are_foretold_where_they_are_known()
    {
        await AssertAsync("zero-copy is only available for parallel migration", ("ZeroCopy", true));
        await AssertAsync("Compression method 'xbzrle' isn't supported with parallel migration", ("Compression", "xbzrle"), ("Parallel", 2));
        await AssertAsync("post-copy migration is not supported with non-live or paused migration", ("PostCopy", true), ("Suspend", true));
        await AssertAsync("offline migration must be specified with the persistent flag set", ("Offline", true));
        await AssertAsync("cannot perform tunnelled migration without using peer2peer flag", ("Tunnelled", true));
        await AssertAsync("Flags 'VIR_MIGRATE_TUNNELLED' and 'VIR_MIGRATE_PARALLEL' are mutually exclusive",
            ("Tunnelled", true), ("PeerToPeer", true), ("Parallel", 2));
        await AssertAsync("Turn auto convergence on to tune it", ("AutoConvergeInitial", 30));
        await AssertAsync(null, ("Bandwidth", 1));
    }

    [Fact]
    public async Task A_definition_that_is_none_is_told()
    {
        _scene.Options = Set(("DestinationXml", new MigrationXml("<domain")));

        var check = await _scene.CheckAsync<OptionRulesCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.StartsWith("The value of -DestinationXml is not valid XML: ", check.Message, StringComparison.Ordinal);
    }

    private async Task AssertAsync(string? error, params (string Name, object Value)[] options)
    {
        _scene.Options = Set(options);

        var check = await _scene.CheckAsync<OptionRulesCheck>();

        Assert.Equal((ReadinessStatus.Failed, error), (check.Status, check.LibvirtError));
        Assert.Contains($"-{options[0].Name}", check.Message, StringComparison.Ordinal);
        Assert.Contains("about_VmMigrationOptions", check.Recommendation, StringComparison.Ordinal);
    }

    private static MigrationOptionSet Set(params (string Name, object Value)[] options) =>
        options.Aggregate(MigrationOptionSet.Empty, (set, o) => set.With(MigrationOptions.Find(o.Name)!, o.Value));
}
