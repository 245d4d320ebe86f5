using VirtMigrate.Tests.Shell;
using Xunit;

namespace VirtMigrate.Tests.Package;

/// <summary>A copy of the finished module in a folder of its own, for the scripts that complete and pack a module.</summary>
internal sealed class PackingScripts : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("virtmigrate-pack-").FullName;

    public PackingScripts()
    {
        foreach (var file in Directory.EnumerateFiles(BuiltPackage.Module, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Module, Path.GetRelativePath(BuiltPackage.Module, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            File.SetLastWriteTimeUtc(copy, DateTime.UnixEpoch.AddYears(40));
        }
    }

    /// <summary>The copy.</summary>
    public string Module => Path.Combine(_root, "module");

    /// <summary>The copy's manifest.</summary>
    public string Manifest => Path.Combine(Module, "VirtMigrate.psd1");

    /// <summary>Packs the copy.</summary>
    /// <returns>The package's path.</returns>
    public async Task<string> PackAsync()
    {
        var run = await RunAsync("New-Package.ps1", $"-Module '{Module}' -Destination '{_root}'");
        Assert.Equal(string.Empty, run.Error);
        return run.Output.Trim();
    }

    /// <summary>Lists the copy's parts anew.</summary>
    /// <returns>The run, and where the list is.</returns>
    public async Task<(ShellRun Run, string Path)> ListAsync()
    {
        var assets = Path.Combine(ProjectRoot.Path, "out", "artifacts", "obj", "VirtMigrate", "project.assets.json");
        var list = Path.Combine(_root, "list", "bom.json");
        return (await RunAsync("New-Sbom.ps1", $"-Module '{Module}' -Assets '{assets}' -Destination '{list}'"), list);
    }

    /// <summary>Puts release notes into the manifest of the sources.</summary>
    /// <param name="prerelease">The manifest's prerelease; empty for none.</param>
    /// <param name="changelog">The changelog.</param>
    /// <returns>The run.</returns>
    public async Task<ShellRun> NoteAsync(string prerelease, string changelog)
    {
        var manifest = await File.ReadAllTextAsync(Path.Combine(ProjectRoot.Path, "VirtMigrate.psd1"));
        await File.WriteAllTextAsync(Manifest, manifest.Replace("PSData = @{", $"PSData = @{{\n            Prerelease = '{prerelease}'", StringComparison.Ordinal));
        var file = Path.Combine(_root, "CHANGELOG.md");
        await File.WriteAllTextAsync(file, changelog);
        return await RunAsync("Set-ReleaseNotes.ps1", $"-Manifest '{Manifest}' -Changelog '{file}'");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static Task<ShellRun> RunAsync(string script, string arguments) =>
        ShellRun.OfCommandAsync($"& '{Path.Combine(ProjectRoot.Path, "src", "VirtMigrate", "Package", script)}' {arguments}");
}
