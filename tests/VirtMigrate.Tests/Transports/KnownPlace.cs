using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Hypervisor.Virsh.Running;

namespace VirtMigrate.Tests.Transports;

/// <summary>A place where virsh does what it is told to.</summary>
/// <param name="run">What comes of a run.</param>
internal sealed class KnownPlace(Func<VirshJob, CancellationToken, Task<ToolRun>> run) : IVirshPlace
{
    /// <inheritdoc/>
    public bool IsAlive => true;

    /// <inheritdoc/>
    public bool OutlivesClient => false;

    /// <inheritdoc/>
    public Task<ToolRun> RunAsync(VirshJob job, CancellationToken cancellationToken, CancellationToken interrupt = default) => run(job, cancellationToken);

    /// <inheritdoc/>
    public Task ListenAsync(VirshJob job, Action<string> output, Action<string> error, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public string UriOf(HostAddress host) => host.Uri;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;
}
