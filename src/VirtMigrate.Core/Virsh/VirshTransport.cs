using System.Text;
using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>Virsh on this machine, for every URI that it knows.</summary>
internal sealed class VirshTransport : ITransport
{
    /// <inheritdoc/>
    public Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken) =>
        OpenAsync(new LocalVirsh(address), address, credential, HostTransport.Virsh, cancellationToken);

    /// <summary>Opens a host by a runner of its virsh, which is disposed of where the host does not open.</summary>
    internal static async Task<IHypervisor> OpenAsync(
        IVirshRunner runner, HostAddress address, HostCredential? credential, HostTransport transport, CancellationToken cancellationToken)
    {
        try
        {
            var virsh = new VirshClient(runner, address, credential);
            return new VirshHypervisor(virsh, await new VirshHostReader(virsh).ReadHostAsync(transport, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await runner.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}

/// <summary>Virsh on the host itself, started by ssh, so that this machine needs nothing but an ssh client.</summary>
internal sealed class SshTransport : ITransport
{
    /// <inheritdoc/>
    public async Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken)
    {
        if (credential is not null)
        {
            throw new HypervisorNotSupportedException("ssh logs in with keys or an agent; a user name and a password are for hosts that ask for them by SASL.", address);
        }

        var runner = await SshVirsh.OpenAsync(address, cancellationToken).ConfigureAwait(false);
        return await VirshTransport.OpenAsync(runner, address, credential: null, HostTransport.Ssh, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Runs the virsh of one host, wherever that is.</summary>
internal interface IVirshRunner : IAsyncDisposable
{
    /// <summary>Whether what it takes to start virsh still stands, as far as can be told without trying.</summary>
    bool IsAlive { get; }

    /// <summary>Whether a virsh that is running goes on when this side loses sight of it.</summary>
    bool OutlivesClient { get; }

    /// <summary>Runs virsh to its end.</summary>
    /// <param name="invocation">What it does.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <param name="interrupt">Interrupts it as the keyboard would, where it runs on this machine.</param>
    Task<ToolRun> RunAsync(VirshInvocation invocation, CancellationToken cancellationToken, CancellationToken interrupt = default);

    /// <summary>Listens to a virsh, line by line, for as long as it runs. It ends with this process, however this process ends.</summary>
    /// <param name="invocation">What it does; files and input are not for such a one.</param>
    /// <param name="output">Is told each line that it prints.</param>
    /// <param name="error">Is told each line of its errors.</param>
    /// <param name="cancellationToken">Stops listening, and ends it.</param>
    Task ListenAsync(VirshInvocation invocation, Action<string> output, Action<string> error, CancellationToken cancellationToken);

    /// <summary>The URI under which this virsh reaches another host.</summary>
    /// <exception cref="HypervisorNotSupportedException">It can't.</exception>
    string UriOf(HostAddress host);
}

/// <summary>Virsh on this machine, which reaches the host by its URI.</summary>
internal sealed class LocalVirsh(HostAddress address) : IVirshRunner
{
    /// <summary>The program.</summary>
    public const string Tool = "virsh";

    public bool IsAlive => true;

    public bool OutlivesClient => false;

    public async Task<ToolRun> RunAsync(VirshInvocation invocation, CancellationToken cancellationToken, CancellationToken interrupt = default)
    {
        using var folder = Write(invocation);
        return await ToolProcess.RunAsync(Command(invocation, folder), invocation.Input, cancellationToken, interrupt).ConfigureAwait(false);
    }

    public async Task ListenAsync(VirshInvocation invocation, Action<string> output, Action<string> error, CancellationToken cancellationToken)
    {
        using var folder = Write(invocation);
        var command = Command(invocation, folder);
        var tied = OperatingSystem.IsWindows() ? command : command with { Tool = "sh", Arguments = [.. ToolProcess.UntilInputEnds([Tool, .. command.Arguments]).Skip(1)] };
        await ToolProcess.ListenAsync(tied, output, error, cancellationToken).ConfigureAwait(false);
    }

    public string UriOf(HostAddress host) => host.ConnectUri;

    public ValueTask DisposeAsync() => default;

    private static PrivateFolder? Write(VirshInvocation invocation)
    {
        if (invocation.Files.Count == 0 && invocation.Credentials.Count == 0)
        {
            return null;
        }

        // What can't be written down leaves no folder behind.
        var credentials = invocation.Credentials.Count == 0 ? null : VirshAuthentication.Write(invocation.Credentials);
        var folder = new PrivateFolder();
        for (var i = 0; i < invocation.Files.Count; i++)
        {
            folder.Write(VirshInvocation.FileName(i), invocation.Files[i]);
        }

        if (credentials is not null)
        {
            folder.Write(VirshAuthentication.FileName, credentials);
        }

        return folder;
    }

    private ToolCommand Command(VirshInvocation invocation, PrivateFolder? folder)
    {
        var command = new ToolCommand(Tool, ["-q", "-c", address.ConnectUri, invocation.Script]) { WorkingDirectory = folder?.Path };
        return invocation.Credentials.Count == 0 ? command : command with { Environment = VirshAuthentication.Environment(folder!.Path) };
    }
}

/// <summary>
/// Gives virsh credentials in a file (libvirt's auth.conf, LIBVIRT_AUTH_FILE): others could read its arguments, and it has no terminal
/// to ask at.
/// </summary>
internal static class VirshAuthentication
{
    /// <summary>The file's name.</summary>
    public const string FileName = "auth.conf";

    /// <summary>Writes credentials down.</summary>
    public static string Write(IReadOnlyList<(HostAddress Host, HostCredential Credential)> credentials)
    {
        var text = new StringBuilder();
        for (var i = 0; i < credentials.Count; i++)
        {
            var (host, credential) = credentials[i];
            if ($"{credential.UserName}{credential.Password}".Any(char.IsControl))
            {
                throw new HypervisorException("A user name or password for virsh can't contain line breaks or other control characters.") { Host = host };
            }

            var name = host.HostName is { Length: > 0 } server ? server : "localhost";
            // SASL asks for the name to log in by (authname), some mechanisms for the one to act as (username) as well.
            text.Append(FormattableString.Invariant(
                $"[credentials-{i}]\nauthname={credential.UserName}\nusername={credential.UserName}\npassword={credential.Password}\n[auth-libvirt-{name}]\ncredentials={i}\n"));
        }

        return text.ToString();
    }

    /// <summary>The environment that names the file.</summary>
    public static IReadOnlyDictionary<string, string?> Environment(string folder) =>
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["LIBVIRT_AUTH_FILE"] = Path.Combine(folder, FileName) };
}
