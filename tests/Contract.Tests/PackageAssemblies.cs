using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using VirtMigrate.LabSupport;

namespace VirtMigrate.ContractTests;

/// <summary>Finds the module's assemblies in the finished package, so that tests which speak to the core speak to the same one as its users.</summary>
internal static class PackageAssemblies
{
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "It has to be there before the first type of the core is looked for.")]
    internal static void Find() => AssemblyLoadContext.Default.Resolving += (context, name) =>
    {
        var file = Path.Combine(Path.GetDirectoryName(ProjectLayout.Module)!, name.Name + ".dll");
        return File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
    };
}
