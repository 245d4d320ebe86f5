using System.Management.Automation;
using VirtMigrate.Tests.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>Policies at the surface: shown, written, read, and refused with what is wrong.</summary>
public sealed class PolicyCmdletTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("policies").FullName;

    private string Node => Write("node.xml", "<node/>");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_built_in_policies_are_listed_and_found_by_wildcard()
    {
        Assert.Equal(["MinimalDowntime", "SuspendIfNeeded", "PostCopy", "VeryLarge", "StallDetect"], Names("Get-VmMigrationPolicy"));
        Assert.Equal(["PostCopy"], Names("Get-VmMigrationPolicy post*"));
        Assert.Empty(Names("Get-VmMigrationPolicy no*"));
    }

    [Fact]
    public void A_policy_that_is_written_is_read_as_it_was()
    {
        var run = ModuleRun.Of("""
            New-VmMigrationPolicy Mine -From MinimalDowntime -Description "It's mine" -Options @{ AutoConverge = $true; AutoConvergeInitial = 40 } `
                -Steps @{ AfterIterations = 3; Action = 'PostCopy' }, @{ Action = 'Abort' } -StallDetection @{ Window = 5 } -Timeout 60 -OnTimeout Suspend `
                -Path "$folder/mine"
            Get-VmMigrationPolicy -Path "$folder/*.psd1"
            """, ("folder", _folder));

        Assert.Empty(run.Errors);
        Assert.Equal(2, run.Output.Count);
        Assert.Equal(run.Output[0].BaseObject, run.Output[1].BaseObject);
        var policy = (MigrationPolicy)run.Output[1].BaseObject;
        Assert.Equal(("Mine", 2, 100.0, 5.0), (policy.Name, policy.Steps.Count, policy.InitialMaxDowntime!.Value.TotalMilliseconds, policy.StallDetection!.Window.TotalSeconds));
    }

    [Fact]
    public void What_if_writes_nothing()
    {
        var run = ModuleRun.Of("New-VmMigrationPolicy Mine -From PostCopy -Path $path -WhatIf", ("path", Path.Combine(_folder, "p.psd1")));

        Assert.Empty(run.Errors);
        Assert.Contains("Write the migration policy Mine", run.Text, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_file_that_is_there_is_overwritten_only_by_force()
    {
        var path = Write("p.psd1", "old");

        AssertError(ModuleRun.Of("New-VmMigrationPolicy Mine -From PostCopy -Path $path", ("path", path)),
            "PolicyFileExists", ErrorCategory.ResourceExists, "already exists", "-Force");
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Empty(ModuleRun.Of("New-VmMigrationPolicy Mine -From PostCopy -Path $path -Force", ("path", path)).Errors);
        Assert.StartsWith("@{", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_can_not_be_written_is_an_error() => AssertError(
        ModuleRun.Of("New-VmMigrationPolicy Mine -From PostCopy -Path $path", ("path", Path.Combine(_folder, "no", "p.psd1"))),
        "PolicyNotWritten", ErrorCategory.WriteError, "can't be written", "folder");

    [Theory]
    [InlineData("Get-VmMigrationPolicy Minimal", "There is no policy 'Minimal'. The built-in policies are MinimalDowntime,")]
    [InlineData("Get-VmMigrationPolicy -Path ./none.psd1", "can't be read")]
    [InlineData("Start-VmMigration x -VmHost test:///default -Policy Minimal", "There is no policy 'Minimal'.")]
    [InlineData("Start-VmMigration x -VmHost test:///default -Policy ./none.psd1", "can't be read")]
    [InlineData("Start-VmMigration x -VmHost test:///default -Policy 5", "Name a built-in policy or a .psd1 file")]
    public void A_policy_that_is_not_there_is_told_with_those_that_are(string script, string message) =>
        AssertError(ModuleRun.Of(script), "PolicyNotFound", ErrorCategory.ObjectNotFound, message, "Get-VmMigrationPolicy");

    [Fact]
    public void A_file_with_code_in_it_is_refused_and_nothing_of_it_runs()
    {
        var trace = Path.Combine(_folder, "trace");
        var path = Write("code.psd1", $"@{{ Name = $(New-Item '{trace}') }}");

        AssertError(ModuleRun.Of("Get-VmMigrationPolicy -Path $path", ("path", path)),
            "PolicyInvalid", ErrorCategory.InvalidData, "plain values only", "about_VmMigrationPolicies");
        Assert.False(File.Exists(trace));
    }

    [Theory]
    [InlineData("New-VmMigrationPolicy p -ThrottleLimit 0", "ThrottleLimit must be a whole number between 1 and 1,000, not 0.")]
    [InlineData("Start-VmMigration x -VmHost test:///default -Policy @{ Name = 'p'; Stall = 1 }", "Stall is not a valid key;")]
    public void What_is_wrong_with_a_policy_is_told_with_its_key_and_value(string script, string message) =>
        AssertError(ModuleRun.Of(script), "PolicyInvalid", ErrorCategory.InvalidData, message, "New-VmMigrationPolicy");

    [Fact]
    public void What_if_shows_what_a_policy_adds()
    {
        LibvirtTools.Require();
        var run = ModuleRun.Of("Get-Vm -VmHost test:///default | Start-VmMigration -Destination $to -Policy PostCopy -Timeout 30 -OnTimeout PostCopy -WhatIf",
            ("to", $"test://{Node}"));

        Assert.Empty(run.Errors);
        Assert.Contains("under the policy PostCopy: virsh -c test:///default migrate-setmaxdowntime --domain test --downtime 100 && " +
            "virsh -c test:///default migrate --live --persistent --postcopy --auto-converge --timeout 30 --timeout-postcopy", run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_is_completed_by_its_name()
    {
        var run = ModuleRun.Of("[System.Management.Automation.CommandCompletion]::CompleteInput('Start-VmMigration x -Policy S', 29, $null).CompletionMatches.CompletionText");

        Assert.Equal(["StallDetect", "SuspendIfNeeded"], run.Output.Select(o => (string)o.BaseObject));
    }

    private static IEnumerable<string> Names(string script)
    {
        var run = ModuleRun.Of(script);
        Assert.Empty(run.Errors);
        return run.Output.Select(o => o.Properties["Name"].Value.ToString()!);
    }

    private static void AssertError(ModuleRun run, string id, ErrorCategory category, string message, string action)
    {
        var error = Assert.Single(run.Errors);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.Contains(action, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
