using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.LabSupport;

namespace VirtMigrate.LabTests;

/// <summary>What of the hosts a test must leave as it was, since every later test meets it.</summary>
internal sealed class LabState
{
    // Of a host's network namespace and its name. The shell reads files itself: this is run after each test.
    private const string Look = """
        read -r name < /proc/sys/kernel/hostname
        read -r retries < /proc/sys/net/ipv4/tcp_syn_retries
        printf 'name: %s\ntcp_syn_retries: %s\n' "$name" "$retries"
        ip -json address && tc qdisc show dev eth0 && exec nft list tables
        """;

    private const string NoAnswer = "virsh: no answer";

    private readonly string[] _lines;

    private LabState(string[] lines) => _lines = lines;

    /// <summary>Looks at the hosts.</summary>
    /// <param name="lab">The hosts.</param>
    /// <returns>What is there now.</returns>
    public static async Task<LabState> ReadAsync(Lab lab)
    {
        var limits = AskAsync("tc", "qdisc", "show");
        var hosts = await Task.WhenAll(new[] { lab.Host1, lab.Host2 }.Select(host => ReadAsync(host, limits)));
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

    // Each line says what it is about.
    private static async Task<IEnumerable<string>> ReadAsync(LabHost host, Task<string[]> limits)
    {
        var domains = ReadDomainsAsync(host);
        var network = AskAsync("nsenter", "--target", host.Init, "--net", "--uts", "--", "sh", "-c", Look);
        string[] lines =
        [
            .. await domains,
            .. (await network).SelectMany(Name),
            .. (await limits).Where(l => l.Contains($" dev {host.Link} ", StringComparison.Ordinal)).SelectMany(Name),
            $"cable: {ReadCable("flags")} {ReadCable("operstate")}",
            .. ReadMounts(host),
            .. ReadFiles(host),
        ];
        return lines.Select(l => $"{host.Name}: {l}");

        string ReadCable(string property) => File.ReadAllText($"/sys/class/net/{host.Link}/{property}").Trim();
    }

    // What libvirt has. The answer is the daemon's too, which may be dead or stopped.
    private static async Task<IEnumerable<string>> ReadDomainsAsync(LabHost host)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            var answer = await Cli.Wrap("virsh")
                .WithArguments(["-q", "-c", host.Unix, "list --all --name; net-list --all; pool-list --all; secret-list"])
                .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(timeout.Token);
            var lines = (answer.StandardOutput + answer.StandardError).Split('\n')
                .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 0)
                .Select(words => $"virsh: {string.Join(' ', words)}");
            return answer.IsSuccess ? lines : lines.Append(NoAnswer);
        }
        catch (OperationCanceledException)
        {
            return [NoAnswer];
        }
    }

    // A line of ip, tc or nft, or one that says itself what it is about.
    private static IEnumerable<string> Name(string line) => line switch
    {
        ['[', ..] => ReadLinks(line),
        _ when line.StartsWith("qdisc ", StringComparison.Ordinal) => [$"limit: {line}"],
        _ when line.StartsWith("table ", StringComparison.Ordinal) => [$"firewall: {line}"],
        _ => [line],
    };

    private static List<string> ReadLinks(string json)
    {
        using var links = JsonDocument.Parse(json);
        var lines = new List<string>();
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var name = link.GetProperty("ifname");
            lines.Add($"link: {name} {string.Join(',', link.GetProperty("flags").EnumerateArray())}");
            lines.AddRange(link.GetProperty("addr_info").EnumerateArray()
                .Where(a => a.GetProperty("family").ValueEquals("inet"))
                .Select(a => $"address: {name} {a.GetProperty("local")}/{a.GetProperty("prefixlen")}"));
        }

        return lines;
    }

    // Other labs' network namespaces are mounts of this machine that a host sees.
    private static IEnumerable<string> ReadMounts(LabHost host) =>
        from mount in File.ReadAllLines($"/proc/{host.Init}/mounts")
        let words = mount.Split(' ')
        where words[2] is not "nsfs"
        select $"mount: {words[1]} {words[2]}";

    // As the host itself sees them, whatever is mounted there.
    private static IEnumerable<string> ReadFiles(LabHost host)
    {
        var root = $"/proc/{host.Init}/root";
        var libvirt = new DirectoryInfo($"{root}/etc/libvirt");
        FileInfo[] files =
        [
            new($"{root}/etc/hosts"),
            .. new DirectoryInfo($"{root}/etc/pki").GetFiles("*", SearchOption.AllDirectories),
            .. libvirt.GetFiles("*.conf"),
            .. libvirt.GetDirectories("hooks").SelectMany(hooks => hooks.GetFiles("*", SearchOption.AllDirectories)),
        ];
        return
        [
            .. files.Select(f => $"file: {f.FullName[root.Length..]} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f.FullName)))}"),
            .. new DirectoryInfo($"{root}/var/lib/libvirt/images").GetFileSystemInfos().Select(f => $"image: {f.Name}"),
        ];
    }

    private static async Task<string[]> AskAsync(string program, params string[] arguments) =>
        (await Cli.Wrap(program).WithArguments(arguments).ExecuteBufferedAsync()).StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
