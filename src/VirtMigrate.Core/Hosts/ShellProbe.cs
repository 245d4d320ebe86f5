using System.Globalization;
using System.Net;

namespace VirtMigrate.Hosts;

/// <summary>A host's own view of the way to another, by commands on it.</summary>
internal sealed class ShellProbe(string from, IHostShell shell) : INetworkProbe
{
    // The error queue tells a firewall's ICMP message from a port where nobody listens, as IcmpErrors has it.
    private const string Python = """
        import socket, sys
        from concurrent.futures import ThreadPoolExecutor
        host, wait, ports = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
        no = {2: (3, (3, 9, 10, 13)), 3: (1, (1, 4, 5, 6))}
        def rejected(s):
            s.setblocking(False)
            try: found = s.recvmsg(1, 512, 0x2000)[1]
            except (OSError, AttributeError): return False
            return any(d[4] in no and d[5] == no[d[4]][0] and d[6] in no[d[4]][1] for _, _, d in found)
        def one(family, address):
            with socket.socket(family, socket.SOCK_STREAM) as s:
                s.settimeout(wait)
                try: s.setsockopt(*((41, 25, 1) if family == socket.AF_INET6 else (0, 11, 1)))
                except OSError: pass
                try: s.connect(address)
                except (socket.timeout, TimeoutError): return '4 TimedOut'
                except ConnectionRefusedError: return '2 Rejected' if rejected(s) else '1 Refused'
                except PermissionError: return '2 Rejected'
                except OSError: return '2 Rejected' if rejected(s) else '3 Unreachable'
                return '0 Open'
        def all(port):
            try: found = socket.getaddrinfo(host, int(port), 0, socket.SOCK_STREAM)
            except socket.gaierror: return port + ' NameUnknown'
            return port + ' ' + min(one(f[0], f[4]) for f in found)[2:]
        with ThreadPoolExecutor(64) as pool: print('\n'.join(pool.map(all, ports)))
        """;

    private const string Bash = """
        host=$1 wait=$2; shift 2
        for port; do (
            said=$(timeout "$wait" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>&1)
            case $?:$said in
                0:*) echo "$port Open" ;;
                124:* | *"timed out"*) echo "$port TimedOut" ;;
                *"onnection refused"*) echo "$port Refused" ;;
                *"ermission denied"*) echo "$port Rejected" ;;
                *"o route to host"* | *unreachable*) echo "$port Unreachable" ;;
                *"not known"* | *"ddress associated"* | *"name resolution"*) echo "$port NameUnknown" ;;
            esac
        ) & done
        wait
        """;

    private const int NotFound = 2;

    public string From { get; } = from;

    public async Task<IReadOnlyList<PortAnswer>?> ConnectAsync(string host, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            host, SocketProbe.Patience.TotalSeconds.ToString("0", CultureInfo.InvariantCulture),
            .. ports.Select(p => p.ToString(CultureInfo.InvariantCulture)),
        ];
        return Read(await shell.RunAsync(["python3", "-c", Python, .. arguments], cancellationToken).ConfigureAwait(false), ports)
            ?? Read(await shell.RunAsync(["bash", "-c", Bash, "bash", .. arguments], cancellationToken).ConfigureAwait(false), ports);
    }

    public async Task<IReadOnlyList<IPAddress>?> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(name, out var address))
        {
            return [address];
        }

        return await shell.RunAsync(["getent", "ahosts", name], cancellationToken).ConfigureAwait(false) switch
        {
            { ExitCode: 0, Output: var lines } => [.. Words(lines).Select(w => IPAddress.TryParse(w[0], out var found) ? found : null).OfType<IPAddress>().Distinct()],
            { ExitCode: NotFound } => [],
            _ => null,
        };
    }

    private static IReadOnlyList<PortAnswer>? Read(HostShellResult? result, IReadOnlyList<int> ports)
    {
        var answers = new Dictionary<int, PortAnswer>();
        foreach (var words in Words(result?.Output ?? string.Empty))
        {
            if (words is [var port, var word] && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && Enum.TryParse<PortAnswer>(word, out var answer))
            {
                answers[number] = answer;
            }
        }

        return ports.All(answers.ContainsKey) ? [.. ports.Select(p => answers[p])] : null;
    }

    private static IEnumerable<string[]> Words(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 0);
}
