using System.Management.Automation;
using System.Reflection;
using VirtMigrate.Cmdlets;
using VirtMigrate.Jobs;
using Xunit;

namespace VirtMigrate.Tests.Views;

/// <summary>Every view, with the longest names and the largest numbers, on a console of 100 columns.</summary>
public sealed class EveryViewTests
{
    private const char Cut = '…';

    // Made of points, which have views; and a job, which only a migration can make.
    private static readonly string[] WithoutViews = [typeof(VirtMigrate.DirtyMemoryCurve).FullName!];
    private static readonly string Job = typeof(VmMigrationJob).FullName!;

    public static TheoryData<string> Views => [.. View.All.Where(v => !v.Type.Equals(Job, StringComparison.Ordinal)).Select(v => v.ToString())];

    [Fact]
    public void Every_type_that_users_meet_has_a_table_and_a_list()
    {
        var types = Types().Select(t => t.FullName!).Except(WithoutViews).Order(StringComparer.Ordinal).ToArray();

        Assert.Contains(typeof(VmMigrationCheck).FullName, types);
        Assert.Equal(types, View.All.Where(v => v.IsTable).Select(v => v.Type).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(types, View.All.Where(v => !v.IsTable).Select(v => v.Type).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Views))]
    public void A_view_fits_and_cuts_nothing(string name)
    {
        var view = Find(name);
        var text = view.Draw(WorstCase.Objects[view.Type]).Text;
        TestContext.Current.TestOutputHelper?.WriteLine(text);

        Assert.All(text.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, $"{line.Length} columns: {line}"));
        Assert.DoesNotContain(Cut, text);
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.All(view.Labels, label => Assert.Contains(label, words));
    }

    [Theory]
    [MemberData(nameof(Views))]
    public void Every_cell_of_a_view_says_something(string name)
    {
        var view = Find(name);
        var cells = view.ReadCells(WorstCase.Objects[view.Type]);

        // Braces are a collection with nothing in it.
        Assert.Equal(view.Expressions.Count(), cells.Length);
        Assert.All(cells.Zip(view.Expressions), pair => Assert.False(pair.First is "" or "{}", pair.Second.Value));
    }

    [Theory]
    [InlineData("table VmHost", "connected")]
    [InlineData("table Vm", "running (post-copy failed)")]
    [InlineData("table VmStatus", "running (post-copy failed)")]
    [InlineData("table VmMigrationResult", "PostCopyPaused")]
    [InlineData("table VmMigrationJobInfo", "PostCopyPaused")]
    [InlineData("table VmMigrationVerification", "PostCopyPaused")]
    [InlineData("table VmMigrationReadiness", "no")]
    [InlineData("table Matrix", "fail")]
    [InlineData("table Matrix", "warn")]
    [InlineData("table Matrix", "?")]
    [InlineData("table Matrix", "ok")]
    [InlineData("table VmMigrationCheck", "NotVerified")]
    [InlineData("table VmMigrationEstimate", "Uncertain")]
    [InlineData("table MigrationDecision", "Refused")]
    [InlineData("list VmHost", "connected")]
    [InlineData("list VmMigrationResult", "PostCopyPaused")]
    public void A_state_is_a_word_that_has_a_colour_as_well(string name, string word)
    {
        var view = Find(name);
        var drawn = view.Draw(WorstCase.Objects[view.Type]);

        Assert.Contains(word, drawn.Text, StringComparison.Ordinal);
        Assert.Matches(@"\e\[\d+m" + System.Text.RegularExpressions.Regex.Escape(word) + @"\e\[0m", drawn.Colored);
        Assert.DoesNotContain('\e', drawn.Text);
    }

    private static View Find(string name) => View.All.First(v => string.Equals(v.ToString(), name, StringComparison.Ordinal));

    private static HashSet<Type> Types()
    {
        var found = new HashSet<Type>();
        var left = new Queue<Type>(typeof(GetVmCommand).Assembly.GetTypes()
            .SelectMany(t => t.GetCustomAttributes<OutputTypeAttribute>()).SelectMany(a => a.Type).Select(t => t.Type));
        while (left.TryDequeue(out var type))
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (type.IsGenericType)
            {
                left.Enqueue(type.GetGenericArguments()[0]);
            }
            else if (type.Assembly.GetName().Name!.StartsWith("VirtMigrate", StringComparison.Ordinal) && !type.IsEnum && found.Add(type))
            {
                foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                {
                    left.Enqueue(property.PropertyType);
                }
            }
        }

        return found;
    }
}
