namespace VirtMigrate.LabSupport;

/// <summary>Where the project's parts are, seen from a test that runs.</summary>
public static class ProjectLayout
{
    /// <summary>The project's root: the folder of the manifest.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The finished module.</summary>
    public static string Module => FindModule();

    /// <summary>The lab's script.</summary>
    public static string Lab => Path.Combine(Root, "tests", "Lab", "lab");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "VirtMigrate.psd1")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run inside of the project's folder.");
    }

    private static string FindModule()
    {
        var manifest = Path.Combine(Root, "out", "VirtMigrate", "VirtMigrate.psd1");
        return File.Exists(manifest)
            ? manifest
            : throw new InvalidOperationException($"{manifest} is missing: run build.ps1 Build first, or build.ps1 Test for everything.");
    }
}
