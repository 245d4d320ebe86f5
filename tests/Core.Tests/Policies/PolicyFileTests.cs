using System.Collections;
using CsCheck;
using VirtMigrate.Failures;
using VirtMigrate.Policies;
using VirtMigrate.Tests.Core;
using VirtMigrate.Selection;
using Xunit;

namespace VirtMigrate.Tests.Policies;

/// <summary>What is written is what is read, and what is wrong is named with its key and its value.</summary>
public sealed class PolicyFileTests
{
    public static TheoryData<string> Names => [.. MigrationPolicies.All.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_built_in_policy_survives_its_file(string name) =>
        Assert.Equal(MigrationPolicies.Find(name), ReadBack(MigrationPolicies.Find(name)!));

    [Fact]
    public void Any_policy_survives_its_file()
    {
        var text = Gen.Char.Where(c => !char.IsSurrogate(c) && c is not ('\0' or '\r')).Array[1, 20].Select(c => "p" + new string(c));
        var step = Gen.Select(Gen.Int[0, 9], Gen.Int[1, 9000], Gen.Int[2, 4].Select(a => (MigrationAction)a))
            .Select((after, downtime, action) => new MigrationPolicyStep
            {
                AfterIterations = after,
                Action = action,
                MaxDowntime = action == MigrationAction.SetMaxDowntime ? TimeSpan.FromMilliseconds(downtime) : null,
            });
        var stall = Gen.Select(Gen.Int[1, 600], Gen.Double[0, 0.9], Gen.Int[1, 9000], Gen.Bool).Select((window, share, downtime, flag) =>
            new MigrationStallDetection
            {
                Window = TimeSpan.FromSeconds(window),
                Threshold = Math.Round(share, 6),
                MaxDowntime = TimeSpan.FromMilliseconds(downtime),
                AllowSuspend = flag,
            });

        Gen.Select(text, step.Array[1, 5], stall, Gen.Int[1, 99]).Sample((name, steps, stalled, limit) =>
        {
            var policy = new MigrationPolicy
            {
                Name = name,
                Description = name,
                Steps = [.. steps.OrderBy(s => s.AfterIterations)],
                StallDetection = stalled,
                ThrottleLimit = limit,
                Timeout = TimeSpan.FromSeconds(limit),
            };
            return policy.Equals(ReadBack(policy));
        }, iter: 300);
    }

    [Theory]
    [InlineData("@{ Name = 'p'; Stepps = @() }", "Stepps is not a valid key; valid keys are Name, Description, Options,")]
    [InlineData("@{ Steps = @(@{ Action = 'Abort' }) }", "Name is missing.")]
    [InlineData("@{ Name = 'p' }", "It decides nothing")]
    [InlineData("@{ Name = 'p'; InitialMaxDowntime = 0 }", "InitialMaxDowntime must be a number of milliseconds between 1 and 2,000,000, not 0.")]
    [InlineData("@{ Name = 'p'; ThrottleLimit = 1.5 }", "ThrottleLimit must be a whole number between 1 and 1,000, not 1.5.")]
    [InlineData("@{ Name = 'p'; Steps = @(@{ Action = 'Abort' }, @{ Action = 'Jump' }) }",
        "Steps[1].Action must be one of SetMaxDowntime, PostCopy, Suspend, Abort, not 'Jump'.")]
    [InlineData("@{ Name = 'p'; Steps = @(@{ AfterIterations = 1 }) }", "Steps[0].Action is missing.")]
    [InlineData("@{ Name = 'p'; Steps = @(@{ Action = 'SetMaxDowntime' }) }", "Steps[0].MaxDowntime is missing: the step sets it.")]
    [InlineData("@{ Name = 'p'; Steps = @(@{ Action = 'Suspend'; MaxDowntime = 5 }) }", "Steps[0].MaxDowntime has no meaning for Suspend.")]
    [InlineData("@{ Name = 'p'; Steps = @(@{ AfterIterations = 3; Action = 'PostCopy' }, @{ AfterIterations = 1; Action = 'Abort' }) }",
        "Steps[1].AfterIterations is 1, but an earlier step comes after 3")]
    [InlineData("@{ Name = 'p'; Steps = 'Abort' }", "Steps must be a list of tables, not 'Abort'.")]
    [InlineData("@{ Name = 'p'; StallDetection = @{ Threshold = 4 } }", "StallDetection.Threshold must be a number between 0 and 0.99, not 4.")]
    [InlineData("@{ Name = 'p'; StallDetection = @{ AllowSuspend = 'yes' } }", "StallDetection.AllowSuspend must be $true or $false, not 'yes'.")]
    [InlineData("@{ Name = 'p'; Options = @{ AutoConvrge = $true } }", "Options.AutoConvrge is not a migration option.")]
    [InlineData("@{ Name = 'p'; Options = @{ AutoConverge = 1 } }", "Options.AutoConverge must be $true or $false, not 1.")]
    [InlineData("@{ Name = 'p'; Options = @{ AutoConvergeInitial = 100 } }", "Options: -AutoConvergeInitial must be between 1 and 99.")]
    [InlineData("@{ Name = 'p'; Options = @{ Compression = 'rar' } }", "Options: -Compression can't be 'rar'")]
    [InlineData("@{ Name = 'p'; Options = @{ Timeout = 5 } }", "Timeout is a key of the policy itself.")]
    [InlineData("@{ Name = 'p'; Timeout = 60; OnTimeout = 'PostCopy' }", "OnTimeout 'PostCopy' needs Options.PostCopy = $true.")]
    [InlineData("@{ Name = (Get-Date) }", "It must hold plain values only")]
    [InlineData("@{ Name = 'p' }; Get-Date", "It must hold one table")]
    [InlineData("@{ Name = 'p'", "Line 1:")]
    public void What_is_wrong_is_said(string text, string problem)
    {
        var exception = FailureAssert.Throws<MigrationException>("PolicyInvalid", () => ReadText(text));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once() => Assert.Collection(
        FailureAssert.Throws<MigrationException>("PolicyInvalid",
            () => ReadText("@{ Name = 5; ThrottleLimit = 0; Steps = @(@{ Action = 'Abort'; After = 1 }) }")).Message.Split(". ")[1..],
        first => Assert.StartsWith("Name ", first, StringComparison.Ordinal),
        second => Assert.StartsWith("ThrottleLimit ", second, StringComparison.Ordinal),
        third => Assert.StartsWith("Steps[0].After ", third, StringComparison.Ordinal));

    [Fact]
    public void The_guides_example_is_a_policy_that_has_every_key()
    {
        var page = File.ReadAllText(Path.Combine(ProjectRoot.Path, "docs", "en-US", "about_VmMigrationPolicies.md"));
        var start = page.IndexOf("\n@{", StringComparison.Ordinal) + 1;
        var example = page[start..page.IndexOf("\n```", start, StringComparison.Ordinal)];

        var policy = ReadText(example);

        Assert.Equal(("Night", 3, 2), (policy.Name, policy.Options.Count, policy.Steps.Count));
        Assert.All(PolicyReader.Keys.Concat(PolicyReader.StepKeys).Concat(PolicyReader.StallDetectionKeys),
            key => Assert.Contains($"{key} ", example, StringComparison.Ordinal));
    }

    [Fact]
    public void A_template_gives_what_a_table_leaves_out_and_a_stall_detection_key_by_key()
    {
        var policy = PolicyReader.Read(
            new Hashtable { ["Name"] = "mine", ["StallDetection"] = new Hashtable { ["Window"] = 5 } }, "test", MigrationPolicies.StallDetect);

        Assert.Equal(
            MigrationPolicies.StallDetect with
            {
                Name = "mine",
                StallDetection = MigrationPolicies.StallDetect.StallDetection! with { Window = TimeSpan.FromSeconds(5) },
            },
            policy);
    }

    private static MigrationPolicy ReadBack(MigrationPolicy policy) => ReadText(PolicyFileWriter.Write(policy));

    private static MigrationPolicy ReadText(string text)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return PolicyArgument.ReadFile(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
