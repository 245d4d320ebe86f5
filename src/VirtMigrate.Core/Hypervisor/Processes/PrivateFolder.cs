namespace VirtMigrate.Hypervisor.Processes;

/// <summary>A folder for files that nobody else may read, gone when it is disposed of.</summary>
internal sealed class PrivateFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vm-");

    /// <summary>The folder's path.</summary>
    public string Path => _folder.FullName;

    /// <summary>Writes a file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">What is in it.</param>
    /// <returns>Its path.</returns>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.GetFullPath(name, Path);
        File.WriteAllText(path, text);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // Something in it is still in use; the system clears its temporary files.
        }
    }
}
