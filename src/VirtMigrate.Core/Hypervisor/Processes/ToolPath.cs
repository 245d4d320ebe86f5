namespace VirtMigrate.Hypervisor.Processes;

/// <summary>Looks for programs on the PATH.</summary>
internal static class ToolPath
{
    /// <summary>Whether there is a program.</summary>
    /// <param name="tool">Its name.</param>
    /// <returns>True when one of the PATH's folders has it.</returns>
    public static bool Has(string tool)
    {
        var file = OperatingSystem.IsWindows() ? tool + ".exe" : tool;
        return (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Any(folder => File.Exists(Path.Combine(folder, file)));
    }
}
