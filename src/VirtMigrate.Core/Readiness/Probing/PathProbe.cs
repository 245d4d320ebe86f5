using VirtMigrate.Hypervisor;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Probing;

/// <summary>What this computer and the hosts themselves can find out about the way from source to destination.</summary>
/// <param name="Client">This computer's view.</param>
/// <param name="Source">The source's own view; null where it can't be asked.</param>
/// <param name="SourceShell">Runs commands on the source; null where that can't be done.</param>
/// <param name="DestinationShell">Runs commands on the destination; null where that can't be done.</param>
internal sealed record PathProbe(IPathProbe Client, IPathProbe? Source, IHostShell? SourceShell, IHostShell? DestinationShell)
{
    /// <summary>What was found out with several of these means together.</summary>
    internal FactStore Facts { get; } = new(keepsFailures: false);

    /// <summary>The best view of the way that memory takes: the source's own, else this computer's.</summary>
    public IPathProbe Best => Source ?? Client;

    /// <summary>Finds the means that there are between two hosts. What they find out is found out once.</summary>
    /// <param name="source">The source's address.</param>
    /// <param name="destination">The destination's address.</param>
    /// <returns>The means.</returns>
    public static PathProbe Between(HostAddress source, HostAddress destination)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        var sourceShell = ShellOf(source);
        IPathProbe? fromSource = HostShell.IsThisComputer(source) ? new SocketProbe(Environment.MachineName)
            : sourceShell is null ? null
            : new ShellProbe(source.HostName, sourceShell.Inner);
        return new(new RememberedProbe(new SocketProbe()), fromSource is null ? null : new RememberedProbe(fromSource), sourceShell, ShellOf(destination));
    }

    private static RememberedShell? ShellOf(HostAddress address) => HostShell.Of(address) is { } shell ? new(shell) : null;
}
