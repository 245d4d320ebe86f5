namespace VirtMigrate.Tests;

/// <summary>The project's folder, from within which the tests run.</summary>
internal static class ProjectRoot
{
    /// <summary>The folder's path.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(directory.FullName, "build.ps1")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException("There is no build.ps1 above the tests.");
        }

        return directory.FullName;
    }
}
