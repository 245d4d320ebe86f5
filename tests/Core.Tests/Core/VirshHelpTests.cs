using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.Options;
using VirtMigrate.Tests.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>The option table against the virsh that is installed here.</summary>
public sealed partial class VirshHelpTests
{
    /// <summary>Options of virsh that are no options of a migration: progress is always shown, and the positional two have names of their own.</summary>
    private static readonly string[] NotInTable = ["--verbose", "--domain", "--desturi"];

    [Fact]
    public async Task Every_option_of_virsh_migrate_is_in_the_table()
    {
        var known = MigrationOptions.Table.SelectMany(Spellings).Concat(NotInTable);

        Assert.Empty((await ReadHelpAsync()).Except(known, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_row_that_this_virsh_is_new_enough_for_is_an_option_of_it()
    {
        var help = await ReadHelpAsync();
        var version = Version.Parse((await VirshAsync("--version")).Trim());
        var rows = MigrationOptions.Table.Where(o => o.Since <= version).ToArray();

        Assert.Empty(rows.SelectMany(Spellings).Except(help, StringComparer.Ordinal));
        Assert.Empty(MigrationOptions.Table.Except(rows).SelectMany(Spellings).Intersect(help, StringComparer.Ordinal));
    }

    private static IEnumerable<string> Spellings(MigrationOption option) =>
        option.Choices.Select(c => c.VirshOption).Append(option.VirshOption).Append(option.VirshValueOption)
            .Where(o => !string.IsNullOrEmpty(o)).Select(o => o!);

    private static async Task<IReadOnlyList<string>> ReadHelpAsync()
    {
        var options = HelpOption().Matches(await VirshAsync("help", "migrate")).Select(m => m.Groups["option"].Value).ToArray();
        Assert.Contains("--live", options);
        return options;
    }

    private static async Task<string> VirshAsync(params string[] arguments)
    {
        LibvirtTools.Require();
        var result = await Cli.Wrap("virsh").WithArguments(arguments).WithEnvironmentVariables(e => e.Set("LC_ALL", "C"))
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        return result.StandardOutput;
    }

    // An option begins its line, in brackets where it may be given by its place.
    [GeneratedRegex(@"^\s+\[?(?<option>--[a-z0-9-]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HelpOption();
}
