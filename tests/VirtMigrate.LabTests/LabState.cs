using System.Diagnostics;
using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.LabSupport;

namespace VirtMigrate.LabTests;

/// <summary>What of the hosts a test must leave as it was, since every later test meets it.</summary>
internal sealed class LabState
{
    // Each line says what it is about. Virsh answers for the daemon too, which may be dead or stopped. Other labs' network namespaces are
    // mounts of this machine that a host sees.
    private const string Look = """
        { timeout 20 virsh -q 'list --all --name; net-list --all; pool-list --all; secret-list' 2>&1 || echo 'no answer'; } | sed '/^ *$/d; s/  */ /g; s/^ */virsh: /; s/ $//'
        cut -d' ' -f2,3 /proc/mounts | sed '/ nsfs$/d; s/^/mount: /'
        ip -o link | sed 's/^[0-9]*: \([^:]*\): <\([^>]*\)>.*/link: \1 \2/'
        ip -o address | sed 's/^[0-9]*: \([^ ]* *inet [^ ]*\).*/address: \1/; /inet6/d'
        tc qdisc show dev eth0 | sed 's/^/limit: /'
        nft list tables | sed 's/^/firewall: /'
        hostname | sed 's/^/name: /'
        sed 's/^/tcp_syn_retries: /' /proc/sys/net/ipv4/tcp_syn_retries
        find /etc/hosts /etc/pki /etc/libvirt/*.conf /etc/libvirt/hooks -type f -exec md5sum {} + 2> /dev/null | sed 's/^/file: /'
        ls -A /var/lib/libvirt/images | sed 's/^/image: /'
        """;

    private readonly string[] _lines;

    private LabState(string[] lines) => _lines = lines;

    /// <summary>Looks at the hosts.</summary>
    /// <param name="lab">The hosts.</param>
    /// <returns>What is there now.</returns>
    public static async Task<LabState> ReadAsync(Lab lab)
    {
        var hosts = await Task.WhenAll(new[] { lab.Host1, lab.Host2 }.Select(host => ReadAsync(lab, host)));
        return new([.. hosts.SelectMany(lines => lines), .. Directory.GetFiles(Path.Combine(lab.Shared, "images")).Select(f => $"shared image: {f}")]);
    }

    /// <summary>Says what is different.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="patience">How long a host may need to be through with what it was asked for.</param>
    /// <returns>What is there now, and a line for each thing that was added or is gone.</returns>
    public async Task<(LabState Now, string Differences)> CompareAsync(Lab lab, TimeSpan patience)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var now = await ReadAsync(lab);
            string[] differences = [.. now._lines.Except(_lines).Select(l => "+ " + l), .. _lines.Except(now._lines).Select(l => "- " + l)];
            if (differences.Length == 0 || Stopwatch.GetElapsedTime(start) >= patience)
            {
                return (now, string.Join('\n', differences));
            }

            await Task.Delay(250);
        }
    }

    private static async Task<IEnumerable<string>> ReadAsync(Lab lab, LabHost host)
    {
        var inside = await lab.RunAsync("exec", host.Name, "sh", "-c", Look);
        var outside = await Cli.Wrap("sh").WithArguments(["-c", $"tc qdisc show dev {host.Link} | sed 's/^/limit: /'; ip -o link show dev {host.Link} | sed 's/.*<\\([^>]*\\)>.*/cable: \\1/'"])
            .ExecuteBufferedAsync();
        return (inside + outside.StandardOutput).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => $"{host.Name}: {l}");
    }
}
