using System.Text.Json;

namespace VirtMigrate.LabSupport;

/// <summary>Listens to what a host's libvirtd tells its QEMUs, until it is disposed.</summary>
public sealed class QmpTrace : IAsyncDisposable
{
    private const string Daemon = "3:file:/var/log/libvirt/libvirtd.log";
    private const string Log = "/var/log/libvirt/qmp.log";
    private const string Mark = "QEMU_MONITOR_SEND_MSG:";

    private readonly Lab _lab;
    private readonly LabHost _host;

    private QmpTrace(Lab lab, LabHost host) => (_lab, _host) = (lab, host);

    private string File => _host.Root + Log;

    /// <summary>Begins to listen.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="host">The host.</param>
    /// <returns>The trace.</returns>
    public static async Task<QmpTrace> BeginAsync(Lab lab, LabHost host)
    {
        var trace = new QmpTrace(lab, host);
        System.IO.File.Delete(trace.File);
        await trace.SetAsync("daemon-log-outputs", $"{Daemon} 2:file:{Log}");
        await trace.SetAsync("daemon-log-filters", "2:qemu.qemu_monitor 3:*");
        return trace;
    }

    /// <summary>The arguments that QEMU was given with a command.</summary>
    /// <param name="command">The QMP command.</param>
    /// <returns>Those of each time, in order.</returns>
    public IReadOnlyList<JsonElement> Arguments(string command)
    {
        var all = new List<JsonElement>();
        foreach (var line in System.IO.File.ReadLines(File).Where(l => l.Contains(Mark, StringComparison.Ordinal)))
        {
            using var message = JsonDocument.Parse(line[(line.IndexOf("msg=", StringComparison.Ordinal) + 4)..]);
            if (message.RootElement.GetProperty("execute").ValueEquals(command))
            {
                all.Add(message.RootElement.TryGetProperty("arguments", out var arguments) ? arguments.Clone() : default);
            }
        }

        return all;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await SetAsync("daemon-log-filters", "3:*");
        await SetAsync("daemon-log-outputs", Daemon);
        System.IO.File.Delete(File);
    }

    private Task<string> SetAsync(string command, string value) => _lab.RunAsync("exec", _host.Name, "virt-admin", command, value);
}
