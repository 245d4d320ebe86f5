using System.IO.Compression;
using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.LabSupport;

namespace VirtMigrate.LabTests.Package;

/// <summary>The package in an empty folder for modules, as Install-PSResource unpacks it; gone when disposed.</summary>
internal sealed class InstalledPackage : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("virtmigrate-installed-").FullName;

    public InstalledPackage()
    {
        var file = Directory.GetFiles(Path.Combine(ProjectLayout.Root, "out"), "VirtMigrate.*.nupkg").MaxBy(File.GetLastWriteTimeUtc)
            ?? throw new InvalidOperationException("There is no package: run build.ps1 Package first, or build.ps1 Test for everything.");
        Folder = Path.Combine(Modules, "VirtMigrate", Path.GetFileNameWithoutExtension(file)["VirtMigrate.".Length..]);
        ZipFile.ExtractToDirectory(file, Folder);

        // What NuGet's clients keep for themselves.
        File.Delete(Path.Combine(Folder, "VirtMigrate.nuspec"));
        File.Delete(Path.Combine(Folder, "[Content_Types].xml"));
        Directory.Delete(Path.Combine(Folder, "_rels"), recursive: true);
    }

    /// <summary>The folder of the module.</summary>
    public string Folder { get; }

    private string Modules => Path.Combine(_root, "modules");

    /// <summary>Runs a script in a process of its own that finds this module and no other, of a user who has nothing yet.</summary>
    /// <param name="script">The script.</param>
    /// <returns>What came of it.</returns>
    public async Task<BufferedCommandResult> RunAsync(string script) =>
        await Cli.Wrap(ShellProcess.CommandLine(script)[0])
            .WithArguments(ShellProcess.CommandLine(script)[1..])
            .WithWorkingDirectory(_root)
            .WithEnvironmentVariables(v => v.Set("PSModulePath", Modules).Set("HOME", Directory.CreateDirectory(Path.Combine(_root, "home")).FullName))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync();

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
