using System.Runtime.InteropServices;
using CliWrap;
using CliWrap.Buffered;
using CliWrap.Exceptions;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks;

/// <summary>The machine that the figures are from.</summary>
internal static class Machine
{
    private const long GiB = 1024 * 1024 * 1024;

    /// <summary>Describes the machine.</summary>
    /// <returns>A line or two.</returns>
    public static async Task<string> DescribeAsync()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / GiB;
        var libvirt = await FirstLineAsync("virsh", "--version");
        var qemu = await FirstLineAsync("qemu-system-x86_64", "--version");
        var system = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
        return $"""
            Machine: {Environment.ProcessorCount} cores ({ReadProcessor()}), {memory} GiB, {system}
            Hosts: libvirt {libvirt}, {qemu}, guests by {(Lab.HasKvm ? "KVM" : "software emulation (TCG)")}
            """;
    }

    private static string ReadProcessor()
    {
        const string Path = "/proc/cpuinfo";
        var lines = File.Exists(Path) ? File.ReadLines(Path) : [];
        var line = lines.FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static async Task<string> FirstLineAsync(string program, string argument)
    {
        try
        {
            var result = await Cli.Wrap(program).WithArguments(argument).ExecuteBufferedAsync();
            return result.StandardOutput.Split('\n')[0].Trim();
        }
        catch (Exception e) when (e is CliWrapException or System.ComponentModel.Win32Exception)
        {
            return $"no {program}";
        }
    }
}
