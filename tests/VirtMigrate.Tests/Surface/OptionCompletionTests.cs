using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>What Tab offers for the options of a migration that take one of a few values.</summary>
public sealed class OptionCompletionTests
{
    [Theory]
    [InlineData("-Compression ", "mt xbzrle zlib zstd")]
    [InlineData("-Compression mt, x", "xbzrle")]
    [InlineData("-CopyStorage ", "All Incremental")]
    [InlineData("-OnTimeout P", "PostCopy")]
    [InlineData("-SkipCheck al", "All")]
    public void The_values_are_offered(string typed, string expected)
    {
        var line = $"Start-VmMigration web {typed}";

        var run = ModuleRun.Of("(TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText", ("line", line));

        Assert.Empty(run.Errors);
        Assert.Equal(expected, string.Join(' ', run.Output));
    }

    [Fact]
    public void A_value_that_needs_a_newer_libvirt_says_so()
    {
        var run = ModuleRun.Of("(TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.ToolTip",
            ("line", "Start-VmMigration web -Compression zs"));

        Assert.Equal("zstd (libvirt 9.4.0 or later)", Assert.Single(run.Output).BaseObject);
    }
}
