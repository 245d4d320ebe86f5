using System.Globalization;
using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Listing;

/// <summary>VMs that are defined on a host and never started.</summary>
/// <param name="host">The host.</param>
/// <param name="devices">Gives each VM's devices by its name, as libvirt's XML; null for none.</param>
internal sealed class DefinedVms(LabHost host, Func<string, string>? devices = null) : IAsyncDisposable
{
    private int _count;

    /// <summary>Defines more VMs.</summary>
    /// <param name="count">How many there shall be.</param>
    /// <returns>A task that ends when there are as many.</returns>
    public async Task GrowToAsync(int count)
    {
        var folder = Directory.CreateTempSubdirectory("virtmigrate-bench-");
        try
        {
            var commands = new List<string>();
            for (; _count < count; _count++)
            {
                var path = Path.Combine(folder.FullName, $"{Name(_count)}.xml");
                await File.WriteAllTextAsync(path, Definition(Name(_count)));
                commands.Add($"define {path}");
            }

            await VirshAsync(commands);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await VirshAsync(Enumerable.Range(0, _count).Select(i => $"undefine {Name(i)}"));

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"bench-defined-{number:000}");

    private string Definition(string name) => $"""
        <domain type="qemu">
          <name>{name}</name>
          <memory unit="MiB">512</memory>
          <vcpu>2</vcpu>
          <os><type arch="x86_64" machine="pc">hvm</type></os>
          <devices>{devices?.Invoke(name)}</devices>
        </domain>
        """;

    // One virsh for all: it takes its commands from standard input.
    private async Task VirshAsync(IEnumerable<string> commands)
    {
        var result = await Cli.Wrap("virsh").WithArguments(["-q", "-c", host.Tcp])
            .WithStandardInputPipe(PipeSource.FromString(string.Join('\n', commands) + "\n"))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        if (!result.IsSuccess || result.StandardError.Contains("error:", StringComparison.Ordinal))
        {
            throw new BenchmarkException($"virsh: {result.StandardError.Trim()}");
        }
    }
}
