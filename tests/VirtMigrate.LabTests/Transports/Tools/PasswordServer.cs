using VirtMigrate.LabSupport;

namespace VirtMigrate.LabTests.Transports.Tools;

/// <summary>One more ssh server of a host, which lets nobody in without a password.</summary>
internal sealed class PasswordServer : IAsyncDisposable
{
    private const string PidFile = "/run/sshd-password.pid";
    private const int Port = 2222;

    private readonly Lab _lab;
    private readonly LabHost _host;

    private PasswordServer(Lab lab, LabHost host) => (_lab, _host) = (lab, host);

    /// <summary>Its address.</summary>
    public string Uri => $"qemu+ssh://root@{_host.Address}:{Port}/system?command={_lab.SshCommand}";

    private string KnownHosts => Path.Combine(Path.GetDirectoryName(_lab.Pki)!, "ssh", "known_hosts");

    /// <summary>Starts it.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="host">The host.</param>
    /// <returns>The server.</returns>
    public static async Task<PasswordServer> StartAsync(Lab lab, LabHost host)
    {
        string[] settings =
        [
            $"ListenAddress={host.Address}:{Port}", "HostKey=/etc/ssh/ssh_host_ed25519_key", "PasswordAuthentication=yes",
            "PubkeyAuthentication=no", "KbdInteractiveAuthentication=no", "PermitRootLogin=yes", "UsePAM=no", "UseDNS=no",
            $"PidFile={PidFile}",
        ];
        var server = Path.Combine(Path.GetDirectoryName(lab.Emulator)!, "sshd");
        var started = new PasswordServer(lab, host);
        await Change.MakeAsync(StartAsync, () => started.DisposeAsync().AsTask());
        return started;

        async Task StartAsync()
        {
            await lab.RunAsync(["exec", host.Name, server, "-f", "/dev/null", .. settings.SelectMany(s => new[] { "-o", s })]);
            await started.MakeKnownAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _lab.RunAsync("exec", _host.Name, "sh", "-c", $"kill $(cat {PidFile})");
        await File.WriteAllLinesAsync(KnownHosts, (await File.ReadAllLinesAsync(KnownHosts)).Where(l => !l.StartsWith('[')));
    }

    // A key is known for a port.
    private async Task MakeKnownAsync()
    {
        var key = (await File.ReadAllLinesAsync(KnownHosts)).Single(l => l.StartsWith($"{_host.Address},", StringComparison.Ordinal));
        await File.AppendAllLinesAsync(KnownHosts, [$"[{_host.Address}]:{Port}{key[key.IndexOf(' ', StringComparison.Ordinal)..]}"]);
    }
}
