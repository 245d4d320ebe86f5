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
        var command = Command(job.Script);
        if (job.Files.Count == 0 && job.Credentials.Count == 0)
        {
            return await ToolProcess.RunAsync(command, job.Input, cancellationToken, interrupt).ConfigureAwait(false);
        }

        using var folder = new PrivateFolder();
        for (var i = 0; i < job.Files.Count; i++)
        {
            folder.Write(VirshJob.FileName(i), job.Files[i]);
        }

        if (job.Credentials.Count > 0)
        {
            var file = folder.Write("auth.conf", VirshAuthentication.Write(job.Credentials));
            command = command with { Environment = VirshAuthentication.Environment(file) };
        }

        return await ToolProcess.RunAsync(command with { WorkingDirectory = folder.Path }, job.Input, cancellationToken, interrupt).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ToolCommand Listening(string script) => OperatingSystem.IsWindows()
        ? Command(script)
        : new("sh", [.. TiedProcess.Words([Tool, .. Command(script).Arguments]).Skip(1)]);

    /// <inheritdoc/>
    public string UriOf(HostAddress host) => host.ConnectUri;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    private ToolCommand Command(string script) => new(Tool, ["-q", "-c", address.ConnectUri, script]);
}
