using System.Diagnostics;
using System.Globalization;
using VirtMigrate.LabSupport;

namespace VirtMigrate.ContractTests.Transports.Tools;

/// <summary>This machine's processes of virsh and ssh that speak to the lab's hosts.</summary>
internal static class ToolProcesses
{
    /// <summary>Finds all.</summary>
    /// <param name="lab">The hosts.</param>
    /// <returns>Their ids and command lines.</returns>
    public static IReadOnlyList<(int Id, string CommandLine)> Find(Lab lab)
    {
        var network = lab.Host1.Address[..^1];
        return
        [
            .. Directory.EnumerateDirectories("/proc")
                .Select(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var id) ? (id, CommandLine(id)) : (0, string.Empty))
                .Where(p => Path.GetFileName(p.Item2.Split('\0')[0]) is "virsh" or "ssh" && p.Item2.Contains(network, StringComparison.Ordinal))
                .Where(p => !IsElsewhere(p.Item1)),
        ];
    }

    /// <summary>Finds the one that migrates.</summary>
    /// <param name="lab">The hosts.</param>
    /// <returns>Its id.</returns>
    /// <exception cref="LabException">There is none, or more than one.</exception>
    public static int FindMigration(Lab lab)
    {
        var found = Find(lab).Where(p => p.CommandLine.Contains("migrate", StringComparison.Ordinal) && p.CommandLine.Contains("--live", StringComparison.Ordinal)).ToArray();
        return found.Length == 1 ? found[0].Id : throw new LabException($"{found.Length} processes migrate: {string.Join(" | ", Find(lab))}");
    }

    /// <summary>Ends a process as the kernel's out-of-memory killer does.</summary>
    /// <param name="id">The process.</param>
    public static void Kill(int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill();
    }

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return string.Empty;
        }
    }

    // A host's own processes are seen from here as well; what a host runs for itself is no concern of this machine.
    private static bool IsElsewhere(int id)
    {
        try
        {
            return !string.Equals(new FileInfo($"/proc/{id}/ns/pid").LinkTarget, new FileInfo("/proc/self/ns/pid").LinkTarget, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
