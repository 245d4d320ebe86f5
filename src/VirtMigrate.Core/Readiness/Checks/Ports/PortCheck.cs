using VirtMigrate.Model;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A check that looks at ports of the destination. Its texts' first places: from where, which host, which ports, libvirt's error.</summary>
public abstract class PortCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Ports;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <summary>What is found where memory takes another way than TCP from QEMU to QEMU.</summary>
    /// <param name="route">The way.</param>
    /// <returns>The finding; null where TCP it is.</returns>
    protected static ReadinessFinding? Elsewhere(MigrationRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return route.Elsewhere is not { } way ? null
            : route.Kind is MigrationRouteKind.Rdma or MigrationRouteKind.Unknown ? NotVerified("OtherWayUnseen", way)
            : NotApplicable("OtherWay", way);
    }

    /// <summary>What is found where one of the ports does not answer as it should.</summary>
    /// <param name="view">What was seen.</param>
    /// <param name="ports">The ports that it is about.</param>
    /// <param name="error">Libvirt's error.</param>
    /// <returns>The finding.</returns>
    protected static ReadinessFinding Blocked(PathView view, IReadOnlyCollection<int> ports, string error)
    {
        ArgumentNullException.ThrowIfNull(view);

        // Kernels send only so many ICMP messages a second: a range that a firewall rejects is silent for the most part.
        var answer = ports.Min(p => view.Answers[p]);
        object[] values = [view.From, view.Host, PathView.ToText(ports), error];
        return answer switch
        {
            PortAnswer.NameUnknown => NotVerified("NameUnknown", values),
            _ when !view.IsDecisive => NotVerified("Elsewhere", values),
            PortAnswer.Rejected => Failed("Rejected", values),
            PortAnswer.Unreachable => Failed("Unreachable", values),
            _ => Failed("Silent", values),
        };
    }

    /// <summary>The VMs that come in at the destination now, whose QEMUs wait for a connection that must not be this one.</summary>
    /// <param name="move">The migration.</param>
    /// <returns>Their names.</returns>
    protected static async Task<IReadOnlyList<string>> ListIncomingAsync(ReadinessMove move)
    {
        ArgumentNullException.ThrowIfNull(move);
        var vms = await move.Destination.ListVmsAsync().ConfigureAwait(false);
        return [.. vms.Where(v => v.Status.IsPausedByMigration || v.Status.IsPostCopyHalf).Select(v => v.Name)];
    }

    /// <summary>Whether somebody answered, be it that nobody listens.</summary>
    /// <param name="answer">What became of a port.</param>
    /// <returns>False for a firewall's answer, and for none.</returns>
    protected static bool IsReached(PortAnswer answer) => answer is PortAnswer.Open or PortAnswer.Refused;

    /// <summary>Adds what was seen of ports.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="view">What was seen.</param>
    /// <returns>The finding with it.</returns>
    protected static ReadinessFinding With(ReadinessFinding finding, PathView view)
    {
        ArgumentNullException.ThrowIfNull(finding);
        ArgumentNullException.ThrowIfNull(view);
        return finding with { Evidence = [.. finding.Evidence, .. view.Evidence] };
    }
}
