using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Tools;

/// <summary>A virsh or ssh that does not do its work is an error that says so, and never an answer.</summary>
public sealed class BrokenToolTests(LabFixture lab) : TransportTest(lab)
{
    private const string Separator = "¦";

    // What went wrong with a command, on one line.
    private const string Functions = $$"""
        function Set-Mode($mode) { [IO.File]::WriteAllText($modeFile, $mode) }
        function Show-Outcome($what, $output) {
            $e = $Error.Count -gt 0 ? $Error[0] : $null
            (@('OUTCOME', $what, @($output).Count, "$($e.FullyQualifiedErrorId)", "$($e.CategoryInfo.Category)", "$e", "$($e.ErrorDetails.RecommendedAction)") -join '{{Separator}}') -replace '\s+', ' '
        }
        """;

    // An ssh that only opens a connection for others prints nothing that could be cut off.
    private const string Break = """
        foreach ($mode in 'dies', 'killed', 'silent', 'garbage', 'binary') {
            Set-Mode $mode
            $Error.Clear(); $output = @(Connect-VmHost $uri -Transport $transport -ErrorAction SilentlyContinue); Show-Outcome "Connect $mode" $output
        }
        Set-Mode good
        $Error.Clear(); $output = @(Connect-VmHost $uri -Transport $transport -ErrorAction SilentlyContinue); Show-Outcome 'Connect good' $output
        foreach ($mode in 'dies', 'killed', 'silent', 'half', 'most', 'garbage', 'binary') {
            Set-Mode $mode
            $Error.Clear(); $output = @(Get-Vm -VmHost $uri -ErrorAction SilentlyContinue); Show-Outcome "Get $mode" $output
            Set-Mode good
            $null = Connect-VmHost $uri -Transport $transport
        }
        $Error.Clear(); $output = @(Get-VmMigrationJob -VmHost $uri -ErrorAction SilentlyContinue; Get-VmHost); Show-Outcome 'Get good' $output
        Set-Mode half
        $Error.Clear(); $output = @(Get-VmMigrationJob -VmHost $uri -ErrorAction SilentlyContinue); Show-Outcome 'Job half' $output
        Disconnect-VmHost $uri
        $env:PATH = '/nowhere'
        $Error.Clear(); $output = @(Connect-VmHost $uri -Transport $transport -ErrorAction SilentlyContinue); Show-Outcome 'Connect missing' $output
        """;

    private const string Hang = """
        Set-Mode hangs
        $Error.Clear(); $output = @(Connect-VmHost $uri -Transport $transport -ErrorAction SilentlyContinue); Show-Outcome 'Connect hangs' $output
        """;

    [Fact]
    public async Task Each_way_to_break_is_an_error_with_an_advice_and_what_works_again_is_used_again()
    {
        using var virsh = new BrokenTool("virsh");
        using var ssh = new BrokenTool("ssh");
        using var hangingVirsh = new BrokenTool("virsh");
        using var hangingSsh = new BrokenTool("ssh");
        ShellProcess[] processes =
        [
            new(Prepare(hangingVirsh, "Virsh", Lab.Host1.Tcp) + Hang), new(Prepare(hangingSsh, "Ssh", Lab.Host1.Ssh) + Hang),
            new(Prepare(virsh, "Virsh", Lab.Host1.Tcp) + Break), new(Prepare(ssh, "Ssh", Lab.Host1.Ssh) + Break),
        ];
        await Task.WhenAll(processes.Select(p => p.WaitAsync()));

        foreach (var (index, process) in processes.Index())
        {
            var tool = index % 2 == 0 ? "virsh" : "ssh";
            var outcomes = Outcomes(process);
            TestContext.Current.TestOutputHelper?.WriteLine(process.Text);
            Assert.Equal(index < 2 ? 1 : 16, outcomes.Count);
            Assert.All(outcomes, outcome =>
            {
                var expected = Expect(outcome.What);
                Assert.Equal(expected, (outcome.Id.Split(',')[0], outcome.Category, outcome.Count));
                Assert.Equal(expected.Id.Length == 0, outcome.Action.Length == 0);
                Assert.True(expected.Id is "" or "HostTimeout" || outcome.Message.Contains(tool, StringComparison.Ordinal), outcome.Message);
            });
            process.Dispose();
        }

        Assert.Empty(hangingVirsh.Hanging);
        Assert.Empty(hangingSsh.Hanging);

        static (string Id, string Category, string Count) Expect(string what) => what.Split(' ')[1] switch
        {
            "good" => (string.Empty, string.Empty, "1"),
            "hangs" => ("HostTimeout", "OperationTimeout", "0"),
            "missing" => ("HostToolMissing", "NotInstalled", "0"),
            _ => ("HostToolFailed", "ResourceUnavailable", "0"),
        };
    }

    [Theory]
    [InlineData("Virsh", "virsh")]
    [InlineData("Ssh", "ssh")]
    public async Task A_tool_that_hangs_ends_with_the_pipeline_that_waits_for_it(string transport, string name)
    {
        using var tool = new BrokenTool(name);
        using var process = new ShellProcess(Prepare(tool, transport, transport is "Ssh" ? Lab.Host1.Ssh : Lab.Host1.Tcp) +
            "$null = Connect-VmHost $uri -Transport $transport; Set-Mode hangs; Get-Vm -VmHost $uri");
        await EventuallyAsync("the tool hangs", () => Task.FromResult(tool.Hanging.Any()));

        process.Interrupt();

        Assert.NotEqual(0, await process.WaitAsync());
        Assert.Empty(tool.Hanging);
    }

    [Theory]
    [InlineData("Virsh")]
    [InlineData("Ssh")]
    public async Task An_account_with_a_password_only_is_refused_at_once(string transport)
    {
        await using var server = await PasswordServer.StartAsync(Lab, Lab.Host2);
        using var session = NewSession().Set("uri", server.Uri).Set("transport", transport);
        var begun = TimeProvider.System.GetTimestamp();

        var result = session.Run("Connect-VmHost $uri -Transport $transport");

        result.AssertError("HostAuthenticationRefused", System.Management.Automation.ErrorCategory.AuthenticationError, "Permission denied", "ssh");
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static string Prepare(BrokenTool tool, string transport, string uri) =>
        $"{Functions}\n$uri = '{uri}'; $transport = '{transport}'; $modeFile = '{tool.ModeFile}'; $env:PATH = '{tool.Folder}:' + $env:PATH\n";

    private static List<(string What, string Count, string Id, string Category, string Message, string Action)> Outcomes(ShellProcess process) =>
        [.. process.Text.Split('\n').Where(l => l.StartsWith("OUTCOME", StringComparison.Ordinal)).Select(l => l.TrimEnd('\r').Split(Separator))
            .Select(p => (p[1], p[2], p[3], p[4], p[5], p[6].Trim()))];
}
