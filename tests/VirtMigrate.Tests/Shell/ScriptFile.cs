namespace VirtMigrate.Tests.Shell;

/// <summary>A script in a directory of its own whose name needs quoting.</summary>
internal sealed class ScriptFile : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("it's a [shell] test ").FullName;

    public ScriptFile(string text)
    {
        Path = System.IO.Path.Combine(_directory, "script.ps1");
        File.WriteAllText(Path, text);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
