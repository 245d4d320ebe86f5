using System.Reflection;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Tests.Help;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class DeadlineTests
{
    [Fact]
    public void The_page_has_all_deadlines()
    {
        Assert.Equal(MigrationDeadlines.Table.Select(r => r.ToString()), RowsBelow("| Deadline of a migration |"));
        Assert.Equal(HostDeadlines.Table.Select(r => r.ToString()), RowsBelow("| Deadline of a host |"));
    }

    [Theory]
    [InlineData(typeof(MigrationDeadlines))]
    [InlineData(typeof(HostDeadlines))]
    public void Each_deadline_has_a_row_that_says_why(Type deadlines)
    {
        var times = deadlines.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.FieldType == typeof(TimeSpan)).Select(f => (TimeSpan)f.GetValue(null)!);
        var table = (IReadOnlyList<DeadlineRow>)deadlines.GetProperty(nameof(MigrationDeadlines.Table))!.GetValue(null)!;

        Assert.Equal(times.Order(), table.Select(r => r.Time).Order());
        Assert.All(table, r => Assert.NotEmpty(r.Why));
    }

    [Fact]
    public void The_deadlines_of_the_parts_add_up_to_less_than_the_result_has()
    {
        var longest = MigrationDeadlines.Abort + MigrationDeadlines.Settle + MigrationDeadlines.Look + MigrationDeadlines.Closing;

        Assert.True(longest < MigrationDeadlines.SessionEnd && MigrationDeadlines.SessionEnd < MigrationDeadlines.Result);
    }

    private static IEnumerable<string> RowsBelow(string head) => File.ReadLines(Path.Combine(HelpPage.Folder, "about_VmMigration.md"))
        .SkipWhile(l => !l.StartsWith(head, StringComparison.Ordinal)).Skip(2).TakeWhile(l => l.StartsWith('|'));
}
