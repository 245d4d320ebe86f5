using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Benchmarks.Listing;

/// <summary>A node of libvirt's test driver, which each process that opens it has for itself.</summary>
internal sealed class TestDriverNode : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("virtmigrate-bench-");

    /// <summary>Writes the node's file.</summary>
    /// <param name="domains">The number of its domains, all running.</param>
    public TestDriverNode(int domains)
    {
        var path = Path.Combine(_folder.FullName, "node.xml");
        new XElement("node", Enumerable.Range(1, domains).Select(Domain)).Save(path);
        Uri = $"test://{path}";
    }

    /// <summary>The node's URI.</summary>
    public string Uri { get; }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private static XElement Domain(int number) => new("domain", new XAttribute("type", "test"),
        new XElement("name", string.Create(CultureInfo.InvariantCulture, $"vm{number:00000}")),
        new XElement("memory", new XAttribute("unit", "MiB"), 512),
        new XElement("vcpu", 1),
        new XElement("os", new XElement("type", "hvm")));
}
