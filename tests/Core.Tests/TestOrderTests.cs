using Xunit;

namespace VirtMigrate.Tests;

/// <summary>A run can be replayed: its order follows from the names of the tests and from a seed, and from nothing of the machine.</summary>
public sealed class TestOrderTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 20).Select(i => $"Test{i:00}")];

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_seed_the_order_is_that_of_the_names(string? seed) => Assert.Equal(Names, Order(seed, Names.Reverse()));

    [Fact]
    public void A_seed_gives_the_same_order_of_whatever_is_found_first_and_another_seed_another()
    {
        var order = Order("1", Names);

        Assert.Equal(["Test01", "Test00", "Test14"], order.Take(3));
        Assert.Equal(order, Order("1", Names.Reverse()));
        Assert.Equal(Names, order.Order(StringComparer.Ordinal));
        Assert.NotEqual(order, Order("2", Names));
    }

    [Fact]
    public void A_part_of_the_tests_keeps_the_order_that_it_has_among_all() =>
        Assert.Equal(Order("1", Names).Where(n => n.EndsWith('1') || n.EndsWith('2')), Order("1", Names.Where(n => n.EndsWith('1') || n.EndsWith('2'))));

    [Fact]
    public void This_run_has_it() => Assert.Contains(typeof(TestOrder), typeof(TestOrderTests).Assembly
        .GetCustomAttributes(inherit: false).OfType<Xunit.v3.ITestOrdererAttribute>().Select(a => a.OrdererType));

    private static IEnumerable<string> Order(string? seed, IEnumerable<string> names) => new TestOrder(seed).Order(names, n => n);
}
