using System.Reflection.PortableExecutable;
using System.Text;
using Xunit;

namespace VirtMigrate.Tests.Package;

/// <summary>The same sources give the same package, wherever and whenever it is made.</summary>
public sealed class ReproducibilityTests
{
    private static readonly string[] OwnAssemblies = ["VirtMigrate.dll", "VirtMigrate.Core.dll"];

    [Fact]
    public void The_assemblies_were_compiled_to_be_the_same_each_time() => Assert.All(OwnAssemblies, name =>
    {
        using var file = new PEReader(new MemoryStream(BuiltPackage.Read(name)));

        Assert.Contains(file.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    });

    [Fact]
    public void Nothing_names_the_folder_that_it_was_made_in() => Assert.All(BuiltPackage.Names, name =>
    {
        var content = BuiltPackage.Read(name);

        Assert.Equal(-1, content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(ProjectRoot.Path)));
        Assert.Equal(-1, content.AsSpan().IndexOf(Encoding.Unicode.GetBytes(ProjectRoot.Path)));
    });
}
