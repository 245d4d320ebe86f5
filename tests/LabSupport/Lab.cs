using CliWrap;
using CliWrap.Buffered;

namespace VirtMigrate.LabSupport;

/// <summary>Two real libvirt hosts on this machine.</summary>
/// <param name="slot">The lab's slot, where LAB_SLOT names no other.</param>
public class Lab(string slot) : IAsyncDisposable
{
    private Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    /// <summary>Whether this process may make network namespaces and start hosts.</summary>
    public static bool IsPossible => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    /// <summary>Whether the lab found a KVM that works; without, guests run in software. False before the lab was first up.</summary>
    public static bool HasKvm
    {
        get
        {
            var finding = Path.Combine(ProjectLayout.Root, "out", "lab", "kvm");
            return File.Exists(finding) && string.Equals(File.ReadAllText(finding).Trim(), "yes", StringComparison.Ordinal);
        }
    }

    /// <summary>The host that guests are started on.</summary>
    public LabHost Host1 { get; private set; } = null!;

    /// <summary>The other host.</summary>
    public LabHost Host2 { get; private set; } = null!;

    /// <summary>The folder that both hosts share.</summary>
    public string Shared => _variables["LAB_SHARED"];

    /// <summary>The emulator that the lab's guests use.</summary>
    public string Emulator => _variables["LAB_EMULATOR"];

    /// <summary>The folder with the times at which each guest's console grew.</summary>
    internal string Stamps => Path.Combine(Path.GetDirectoryName(Shared)!, "stamps");

    /// <summary>Brings the hosts up.</summary>
    /// <returns>A task that ends when both answer.</returns>
    public virtual async ValueTask InitializeAsync()
    {
        await RunAsync("up", "2");
        var lines = (await RunAsync("env")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        _variables = await ReadShellAsync(lines);
        Host1 = LabHost.From(_variables, 1);
        Host2 = LabHost.From(_variables, 2);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await RunAsync("down");
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a command of the lab that must succeed.</summary>
    /// <param name="arguments">The command.</param>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var result = await Command(arguments).ExecuteBufferedAsync();
        return result.IsSuccess
            ? result.StandardOutput
            : throw new LabException($"lab {string.Join(' ', arguments)}: {result.StandardError}{result.StandardOutput}");
    }

    /// <summary>Says what is wrong with a guest.</summary>
    /// <param name="name">The guest.</param>
    /// <returns>The lab's line about it, and whether nothing is wrong.</returns>
    public async Task<(bool IsWhole, string Text)> CheckAsync(string name)
    {
        var result = await Command(["check", name]).ExecuteBufferedAsync();
        return (result.IsSuccess, (result.StandardOutput + result.StandardError).Trim());
    }

    /// <summary>Starts a guest and takes it away again when disposed.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">More options of <c>lab guest</c>.</param>
    /// <returns>The guest.</returns>
    public async Task<LabGuest> StartGuestAsync(string name, params string[] arguments)
    {
        var guest = new LabGuest(this, name);
        await Change.MakeAsync(() => RunAsync(["guest", name, "--replace", .. arguments]), () => RunAsync("destroy", name));
        return guest;
    }

    /// <summary>Limits a host's link and lifts the limit when disposed.</summary>
    /// <param name="host">The host.</param>
    /// <param name="rate">The rate as tc writes it, such as <c>200mbit</c>.</param>
    /// <returns>Lifts the limit.</returns>
    public Task<IAsyncDisposable> LimitAsync(LabHost host, string rate) => Change.MakeAsync(
        () => RunAsync("link", host.Name, "--rate", rate), () => RunAsync("link", host.Name, "--clear"));

    /// <summary>Limits both hosts' links and lifts the limits when disposed.</summary>
    /// <param name="rate">The rate as tc writes it, such as <c>200mbit</c>.</param>
    /// <returns>Lifts the limits.</returns>
    public Task<IAsyncDisposable> LimitBothAsync(string rate) => Change.MakeAsync(
        () => Task.WhenAll(RunAsync("link", Host1.Name, "--rate", rate), RunAsync("link", Host2.Name, "--rate", rate)),
        () => RunAsync("link", Host1.Name, "--clear"), () => RunAsync("link", Host2.Name, "--clear"));

    /// <summary>Has a host ask for a password on its TCP port (SASL), until disposed: user <c>lab</c>, password <c>lab-password</c>.</summary>
    /// <param name="host">The host.</param>
    /// <returns>Lets everybody in again.</returns>
    public Task<IAsyncDisposable> AskForPasswordAsync(LabHost host) => Change.MakeAsync(
        () => RunAsync("auth", host.Name, "tcp", "sasl"), () => RunAsync("auth", host.Name, "tcp", "none"));

    /// <summary>Changes a host until disposed.</summary>
    /// <param name="host">The host.</param>
    /// <param name="change">A shell command to run on it.</param>
    /// <param name="undo">The shell commands that take the change back, a line each: all are run, also when one fails or the change did.</param>
    /// <param name="restart">Whether the host's daemon has to be started again to notice. The VMs outlive it.</param>
    /// <returns>Takes the change back.</returns>
    public Task<IAsyncDisposable> ChangeAsync(LabHost host, string change, string undo, bool restart = false)
    {
        IEnumerable<Func<Task>> steps = undo.Split('\n').Select(step => (Func<Task>)(() => ExecuteAsync(step)));
        return restart
            ? Change.MakeAsync(ChangeAndRestartAsync, [KillAsync, .. steps, StartAsync])
            : Change.MakeAsync(() => ExecuteAsync(change), [.. steps]);

        Task ExecuteAsync(string command) => RunAsync("exec", host.Name, "sh", "-e", "-c", command);
        Task KillAsync() => RunAsync("kill", host.Name, "libvirtd");
        Task StartAsync() => RunAsync("start", host.Name);

        async Task ChangeAndRestartAsync()
        {
            await KillAsync();
            await ExecuteAsync(change);
            await StartAsync();
        }
    }

    /// <summary>Kills a host's libvirtd, which lives again when this is disposed. The VMs outlive it.</summary>
    /// <param name="host">The host.</param>
    /// <returns>Starts it again.</returns>
    public Task<IAsyncDisposable> KillDaemonAsync(LabHost host) => Change.MakeAsync(
        () => RunAsync("kill", host.Name, "libvirtd"), () => RunAsync("start", host.Name));

    /// <summary>Resets the connections over which memory goes from one host to another, as a failing switch or firewall does.</summary>
    /// <param name="from">The host that sends.</param>
    /// <param name="to">The host that receives.</param>
    /// <returns>A task that ends when they are reset.</returns>
    public Task ResetMemoryStreamAsync(LabHost from, LabHost to) =>
        RunAsync("exec", from.Name, "ss", "-K", "dst", to.Address, "dport", "ge", "49152");

    /// <summary>Asks a host by virsh, the peer that the module is compared with.</summary>
    /// <param name="host">The host.</param>
    /// <param name="arguments">The command.</param>
    /// <returns>What it printed, or its error, trimmed.</returns>
    public static async Task<string> VirshAsync(LabHost host, params string[] arguments)
    {
        var result = await Cli.Wrap("virsh").WithArguments(["-c", host.Tcp, .. arguments])
            .WithEnvironmentVariables(e => e.Set("LC_ALL", "C")).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        return (result.IsSuccess ? result.StandardOutput : result.StandardError).Trim();
    }

    /// <summary>Asks a host by virsh until it gives an answer that is waited for, for up to a minute.</summary>
    /// <param name="host">The host.</param>
    /// <param name="isExpected">Whether an answer is the one.</param>
    /// <param name="arguments">The command, which changes nothing.</param>
    /// <returns>Whether it came.</returns>
    public static async Task<bool> WaitForAnswerAsync(LabHost host, Func<string, bool> isExpected, params string[] arguments)
    {
        using var virsh = new VirshConsole(host);
        for (var i = 0; i < 600; i++)
        {
            if (isExpected(await virsh.AskAsync(arguments)))
            {
                return true;
            }

            await Task.Delay(100);
        }

        return false;
    }

    private Command Command(IEnumerable<string> arguments) => Cli.Wrap(ProjectLayout.Lab)
        .WithArguments(arguments)
        .WithEnvironmentVariables(e => e.Set("LAB_SLOT", Environment.GetEnvironmentVariable("LAB_SLOT") ?? slot))
        .WithValidation(CommandResultValidation.None);

    // The lines are meant for a shell, so a shell reads them.
    private static async Task<Dictionary<string, string>> ReadShellAsync(IEnumerable<string> lines)
    {
        var script = string.Join('\n', lines) + "\nfor name in $(compgen -v LAB_); do printf '%s=%s\\0' \"$name\" \"${!name}\"; done";
        var result = await Cli.Wrap("bash").WithArguments(["-c", script]).ExecuteBufferedAsync();
        return result.StandardOutput.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
    }
}
