using Xunit;

namespace VirtMigrate.Tests.Shell;

public sealed class StreamTests
{
    [Fact]
    public async Task An_error_shows_its_command_place_id_category_and_recommendation()
    {
        var run = await ShellRun.OfScriptAsync("""
            [CmdletBinding()] param()
            $problem = [Management.Automation.ErrorRecord]::new([Exception]::new('It broke.'), 'ItBroke', 'DeviceError', 'web01')
            $problem.ErrorDetails = [Management.Automation.ErrorDetails]::new('The disk of web01 broke.')
            $problem.ErrorDetails.RecommendedAction = 'Replace the disk.'
            $PSCmdlet.WriteError($problem)
            'and on'
            """);

        Assert.Equal("and on\n", run.Output);
        Assert.Equal(
            """
            script.ps1: The disk of web01 broke.
              At: <ScriptBlock>, script.ps1: line 5
              ErrorId: ItBroke,script.ps1
              Category: DeviceError (web01)
              Recommendation: Replace the disk.

            """,
            run.Error);
    }

    [Fact]
    public async Task A_terminating_error_says_where_it_was_thrown()
    {
        var run = await ShellRun.OfScriptAsync("\nthrow 'It is over.'");

        Assert.Contains("It is over.", run.Error, StringComparison.Ordinal);
        Assert.Contains("script.ps1:2: throw 'It is over.'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_a_nested_script_is_placed_where_it_arose()
    {
        var run = await ShellRun.OfScriptAsync("""
            function Fail {
                [NoSuchType]::new()
            }
            & { Fail }
            """);

        Assert.Contains("script.ps1:2: [NoSuchType]::new()", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_to_no_terminal_has_no_escapes()
    {
        var run = await ShellRun.OfCommandAsync("Get-Module | % { }; [pscustomobject]@{ Name = 'web01'; State = 'running' }; Get-Nothing");

        Assert.Contains("web01 running", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Output + run.Error);
    }

    [Fact]
    public async Task Messages_have_the_prefix_of_their_stream()
    {
        var run = await ShellRun.OfScriptAsync("""
            [CmdletBinding()] param()
            $PSCmdlet.WriteWarning('careful')
            $PSCmdlet.WriteVerbose('in detail')
            $DebugPreference = 'Continue'
            $PSCmdlet.WriteDebug('in depth')
            """, "-Verbose");

        Assert.Equal("WARNING: careful\nVERBOSE: in detail\nDEBUG: in depth\n", run.Output);
    }

    [Fact]
    public async Task Text_is_utf8_whatever_the_locale()
    {
        var run = await ShellRun.OfCommandAsync("[Environment]::SetEnvironmentVariable('LC_ALL', 'C'); 'Zürich €'; (sh -c 'printf ü€').Length");

        Assert.Equal("Zürich €\n2\n", run.Output);
    }
}
