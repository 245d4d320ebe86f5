using VirtMigrate.Hosts;
using VirtMigrate.Virsh;

namespace VirtMigrate.Tests.Transports;

/// <summary>Runs no virsh, but answers as it is told to.</summary>
/// <param name="run">What comes of a run.</param>
internal sealed class FakeRunner(Func<VirshInvocation, CancellationToken, Task<ToolRun>> run) : IVirshRunner
{
    /// <inheritdoc/>
    public bool IsAlive => true;

    /// <inheritdoc/>
    public bool OutlivesClient => false;

    /// <inheritdoc/>
    public Task<ToolRun> RunAsync(VirshInvocation invocation, CancellationToken cancellationToken, CancellationToken interrupt = default) => run(invocation, cancellationToken);

    /// <inheritdoc/>
    public Task ListenAsync(VirshInvocation invocation, Action<string> output, Action<string> error, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public string UriOf(HostAddress host) => host.Uri;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;
}
