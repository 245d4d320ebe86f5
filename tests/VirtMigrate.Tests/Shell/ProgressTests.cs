using System.Management.Automation;
using VirtMigrate.Shell.Progress;
using Xunit;

namespace VirtMigrate.Tests.Shell;

public sealed class ProgressTests
{
    private readonly ProgressTree _tree = new();

    [Fact]
    public void Children_stand_below_their_parent_and_leave_with_it()
    {
        Update(new ProgressRecord(1, "Moving web01", "copying") { PercentComplete = 50 });
        Update(new ProgressRecord(2, "Moving db01", "waiting"));
        Update(new ProgressRecord(3, "Stream", "iteration 4") { ParentActivityId = 1 });

        Assert.Equal(
            ["Moving web01 [##########..........]  50 % copying", "  Stream iteration 4", "Moving db01 waiting"],
            Lines(width: 100));

        Update(new ProgressRecord(1, "Moving web01", "done") { RecordType = ProgressRecordType.Completed });

        Assert.Equal(["Moving db01 waiting"], Lines(width: 100));
    }

    [Fact]
    public void A_line_never_reaches_the_terminals_last_column()
    {
        Update(new ProgressRecord(1, new string('x', 300), "copying") { PercentComplete = 100, SecondsRemaining = 90 });

        Assert.Equal(40, Lines(width: 40).Single().Length);
    }

    [Fact]
    public void Sources_number_their_activities_apart()
    {
        _tree.Update(1, new ProgressRecord(1, "One", "a"));
        _tree.Update(2, new ProgressRecord(1, "Other", "b"));

        Assert.Equal(["One a", "Other b"], Lines(width: 100));
    }

    private void Update(ProgressRecord record) => _tree.Update(sourceId: 1, record);

    private string[] Lines(int width) => [.. _tree.Walk().Select(item => ProgressLine.Format(item.Activity, item.Depth, width))];
}
