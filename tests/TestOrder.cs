using System.Security.Cryptography;
using System.Text;
using VirtMigrate;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(TestOrder))]
[assembly: TestClassOrderer(typeof(TestOrder))]
[assembly: TestMethodOrderer(typeof(TestOrder))]
[assembly: TestCaseOrderer(typeof(TestOrder))]

namespace VirtMigrate;

/// <summary>
/// The order in which the tests run, the same on every machine: by name, or shuffled by the seed in VIRTMIGRATE_TEST_SEED, which build.ps1
/// sets. xunit's own order follows from the path of the assembly, so that each clone's folder had an order of its own.
/// </summary>
/// <remarks>Each name has its own place under a seed, so that a part of the tests keeps the order that it had among all of them.</remarks>
/// <param name="seed">The seed; null or empty for the order of names.</param>
public sealed class TestOrder(string? seed) : ITestCollectionOrderer, ITestClassOrderer, ITestMethodOrderer, ITestCaseOrderer
{
    /// <summary>The order that this run was asked for.</summary>
    public TestOrder()
        : this(Environment.GetEnvironmentVariable("VIRTMIGRATE_TEST_SEED"))
    {
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => Order(testCollections, c => WithoutId(c.TestCollectionDisplayName));

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestClass?> OrderTestClasses<TTestClass>(IReadOnlyCollection<TTestClass?> testClasses)
        where TTestClass : ITestClass => Order(testClasses, c => c?.TestClassName);

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestMethod?> OrderTestMethods<TTestMethod>(IReadOnlyCollection<TTestMethod?> testMethods)
        where TTestMethod : ITestMethod => Order(testMethods, m => $"{m?.TestClass.TestClassName}.{m?.MethodName}");

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : ITestCase => Order(testCases, c => c.TestCaseDisplayName);

    /// <summary>Orders anything that has a name.</summary>
    /// <param name="items">The items.</param>
    /// <param name="name">The name of one.</param>
    /// <typeparam name="T">What they are.</typeparam>
    /// <returns>The items in order.</returns>
    public IReadOnlyCollection<T> Order<T>(IEnumerable<T> items, Func<T, string?> name) =>
        [.. items.OrderBy(i => Place(name(i) ?? string.Empty), StringComparer.Ordinal)];

    private string Place(string name) => string.IsNullOrEmpty(seed)
        ? name
        : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {name}")));

    // A class that is its own collection is called "Test collection for CLASS (id: …)", and the id follows from the path.
    private static string WithoutId(string name) => name.Split(" (id: ")[0];
}
