using VirtMigrate.Hypervisor.Processes;

namespace VirtMigrate.Hypervisor.Virsh.Running;

/// <summary>Virsh on this machine, which reaches the host by its URI.</summary>
/// <param name="address">The host.</param>
internal sealed class LocalVirsh(HostAddress address) : IVirshPlace
{
    /// <summary>The program.</summary>
    public const string Tool = "virsh";

    /// <inheritdoc/>
    public bool IsAlive => true;

    /// <inheritdoc/>
    public bool OutlivesClient => false;

    /// <inheritdoc/>
    public async Task<ToolRun> RunAsync(VirshJob job, CancellationToken cancellationToken, CancellationToken interrupt = default)
    {
        using var folder = Write(job);
        return await ToolProcess.RunAsync(Command(job, folder), job.Input, cancellationToken, interrupt).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task ListenAsync(VirshJob job, Action<string> output, Action<string> error, CancellationToken cancellationToken)
    {
        using var folder = Write(job);
        var command = Command(job, folder);
        var tied = OperatingSystem.IsWindows() ? command : command with { Tool = "sh", Arguments = [.. TiedProcess.Words([Tool, .. command.Arguments]).Skip(1)] };
        await ToolProcess.ListenAsync(tied, output, error, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public string UriOf(HostAddress host) => host.ConnectUri;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    private static PrivateFolder? Write(VirshJob job)
    {
        if (job.Files.Count == 0 && job.Credentials.Count == 0)
        {
            return null;
        }

        // What can't be written down leaves no folder behind.
        var credentials = job.Credentials.Count == 0 ? null : VirshAuthentication.Write(job.Credentials);
        var folder = new PrivateFolder();
        for (var i = 0; i < job.Files.Count; i++)
        {
            folder.Write(VirshJob.FileName(i), job.Files[i]);
        }

        if (credentials is not null)
        {
            folder.Write(VirshAuthentication.FileName, credentials);
        }

        return folder;
    }

    private ToolCommand Command(VirshJob job, PrivateFolder? folder)
    {
        var command = new ToolCommand(Tool, ["-q", "-c", address.ConnectUri, job.Script]) { WorkingDirectory = folder?.Path };
        return job.Credentials.Count == 0 ? command : command with { Environment = VirshAuthentication.Environment(folder!.Path) };
    }
}
