using System.Text.Json;
using System.Text.RegularExpressions;

namespace VirtMigrate.LabSupport;

/// <summary>Listens to what a host's libvirtd is asked for by its clients and what it tells its QEMUs, until it is disposed.</summary>
public sealed partial class DaemonTrace : IAsyncDisposable
{
    // As the lab configures a daemon.
    private const string OwnLog = "3:file:/var/log/libvirt/libvirtd.log";
    private const string OwnFilters = "2:qemu.qemu_migration 3:*";

    private const string Log = "/var/log/libvirt/trace.log";
    private const string Sent = "QEMU_MONITOR_SEND_MSG:";

    private readonly Lab _lab;
    private readonly LabHost _host;

    private DaemonTrace(Lab lab, LabHost host) => (_lab, _host) = (lab, host);

    /// <summary>Begins to listen.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="host">The host.</param>
    /// <returns>The trace.</returns>
    public static async Task<DaemonTrace> BeginAsync(Lab lab, LabHost host)
    {
        var trace = new DaemonTrace(lab, host);
        File.Delete(host.Root + Log);
        await Change.MakeAsync(SetAsync, () => trace.DisposeAsync().AsTask());
        return trace;

        async Task SetAsync()
        {
            await trace.SetAsync("daemon-log-outputs", $"{OwnLog} 1:file:{Log}");
            await trace.SetAsync("daemon-log-filters", "1:libvirt.domain 2:qemu.qemu_monitor 3:*");
        }
    }

    /// <summary>The arguments that QEMU was given with a command.</summary>
    /// <param name="command">The QMP command.</param>
    /// <returns>Those of each time, in order.</returns>
    public IReadOnlyList<JsonElement> Arguments(string command)
    {
        var all = new List<JsonElement>();
        foreach (var line in Lines.Where(l => l.Contains(Sent, StringComparison.Ordinal)))
        {
            using var message = JsonDocument.Parse(line[(line.IndexOf("msg=", StringComparison.Ordinal) + 4)..]);
            if (message.RootElement.GetProperty("execute").ValueEquals(command))
            {
                all.Add(message.RootElement.TryGetProperty("arguments", out var arguments) ? arguments.Clone() : default);
            }
        }

        return all;
    }

    /// <summary>How a function of libvirt was called: the flags, then the typed parameters by name, each with the first line of its value.</summary>
    /// <param name="function">The function.</param>
    /// <returns>A text for each call, in order.</returns>
    public IReadOnlyList<string> Calls(string function)
    {
        var calls = new List<string>();
        var parameters = new List<string>();
        foreach (var line in Lines.Where(l => l.Contains($": {function}:", StringComparison.Ordinal)))
        {
            if (CallFlags().Match(line) is { Success: true } flags)
            {
                Finish();
                calls.Add(flags.Value);
            }
            else if (line.IndexOf("params[", StringComparison.Ordinal) is var at and >= 0)
            {
                parameters.Add(line[at..]);
            }
        }

        Finish();
        return calls;

        void Finish()
        {
            if (parameters.Count > 0)
            {
                calls[^1] = string.Join('\n', parameters.Order(StringComparer.Ordinal).Prepend(calls[^1]));
                parameters.Clear();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await SetAsync("daemon-log-filters", OwnFilters);
        await SetAsync("daemon-log-outputs", OwnLog);
        File.Delete(_host.Root + Log);
    }

    private IEnumerable<string> Lines => File.ReadLines(_host.Root + Log);

    [GeneratedRegex("flags=0x[0-9a-f]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CallFlags();

    private Task<string> SetAsync(string command, string value) => _lab.RunAsync("exec", _host.Name, "virt-admin", command, value);
}
