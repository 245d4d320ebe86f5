using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A check that looks at ports of the destination.</summary>
internal abstract class PortCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Ports;
    public override bool CanChange => true;

    /// <summary>What is found where memory takes another way than TCP from QEMU to QEMU; null where TCP it is.</summary>
    protected static Finding? Elsewhere(MigrationRoute route) => route.Elsewhere is not { } way ? null
        : route.Kind is MigrationRouteKind.Rdma or MigrationRouteKind.Unknown
            ? NotVerified($"This can't be checked: {way}.", advice: $"Try it first with a VM that you can afford to lose.")
            : NotApplicable($"Not needed: {way}.");

    /// <summary>Somebody answered, be it that nobody listens: no firewall's answer, and no silence.</summary>
    protected static bool IsReached(PortAnswer answer) => answer is PortAnswer.Open or PortAnswer.Refused;

    protected static Finding Reached(PortView view, int port) =>
        Passed($"From {view.From}, port {port} of '{view.Host}' answers; no firewall blocks it.");

    /// <summary>What is found where nothing can look at <c>port 22</c>, or <c>ports 49152-49215</c>.</summary>
    protected static Finding Unseen(string host, string ports) => NotVerified(
        $"Only the source can test {ports} of '{host}', and no command can be run there.",
        advice: $"Test it on the source: timeout 3 bash -c '</dev/tcp/{host}/<port>'. \"Connection refused\" is good: the host answers, and " +
            $"nothing listens yet. Or connect to the source over qemu+ssh, and this check runs the test there.");

    /// <summary>Looks at one port that was asked for, unless a QEMU may wait there.</summary>
    protected static async Task<Finding> CheckFixedAsync(
        CheckContext context,
        string host,
        int port,
        Func<string, string, Finding> taken,
        Func<IReadOnlyList<string>, Finding> busy,
        Func<PortView, Finding> blocked,
        CancellationToken cancellationToken)
    {
        var listeners = await HostListeners.ReadAsync(context.Destination.Shell, cancellationToken).ConfigureAwait(false);
        if (listeners?.Ports.GetValueOrDefault(port) is { } ends)
        {
            return taken(host, context.DestinationName).Seen(context.DestinationName, "ss -Htln", string.Join(", ", ends));
        }

        // It may be the port of the memory of a VM that comes in now.
        if (listeners is null && await ListIncomingAsync(context).ConfigureAwait(false) is { Count: > 0 } incoming)
        {
            return busy(incoming);
        }

        if (await PortView.OfAsync(context, host, [port], cancellationToken).ConfigureAwait(false) is not { } view)
        {
            return Unseen(host, $"port {port}");
        }

        return With(view.Answers[port] switch
        {
            PortAnswer.Open when view.IsDecisive => taken(view.Host, view.From),
            PortAnswer.Open or PortAnswer.Refused => Reached(view, port),
            _ => blocked(view),
        }, view);
    }

    /// <summary>What is found where ports do not answer as they should.</summary>
    protected static Finding Blocked(
        CheckContext context, PortView view, string word, IReadOnlyCollection<int> ports, string error, FindingText open)
    {
        // Kernels send only so many ICMP messages a second: a range that a firewall rejects is silent for the most part.
        var answer = ports.Min(p => view.Answers[p]);
        var numbers = PortView.ToText(ports);
        return answer switch
        {
            PortAnswer.NameUnknown => NotVerified(
                $"{view.From} can't resolve '{view.Host}', so {word} {numbers} can't be tested.",
                advice: $"Give the destination's address: -MigrateUri tcp://<address of {context.DestinationName}>."),
            _ when !view.IsDecisive => OtherAddress(view, $"{word} {numbers}"),
            _ => Closed(answer, view.From, view.Host, $"{word} {numbers}", error, open),
        };
    }

    /// <summary>What is found where another way than the data's was seen.</summary>
    protected static Finding OtherAddress(PortView view, string ports) => NotVerified(
        $"{view.From} can't tell: it reaches the destination at another address than '{view.Host}', and gets no answer from {ports} of " +
            $"'{view.Host}'. The source may still reach it.",
        advice: $"Test it on the source: timeout 3 bash -c '</dev/tcp/{view.Host}/<port>'. \"Connection refused\" is good: the host answers, " +
            $"and nothing listens yet.");

    /// <summary>What is found where a firewall or the way is closed.</summary>
    protected static Finding Closed(PortAnswer answer, string from, string host, string ports, string error, FindingText open) => answer switch
    {
        PortAnswer.Rejected => Failed($"From {from} a firewall rejects {ports} of '{host}' (by an ICMP message).", advice: open, libvirt: $"{error}"),
        PortAnswer.Unreachable => Failed(
            $"From {from} there is no route to {ports} of '{host}', or the host does not answer.",
            advice: $"Check the route on the source: ip route get {host}. To send data over another network, give the destination's " +
                $"address there: -MigrateUri tcp://<address>.",
            libvirt: $"{error}"),
        _ => Failed(
            $"From {from} nothing answers at {ports} of '{host}': a firewall drops the packets, or the address is wrong.", advice: open, libvirt: $"{error}"),
    };

    protected static FindingText OpenRange(CheckContext context) =>
        $"On {context.DestinationName}, open the range: firewall-cmd --permanent --add-port=49152-49215/tcp && firewall-cmd --reload. " +
        $"A firewall between the hosts must allow it as well.";

    /// <summary>How to open a port, on the host and where else a firewall may be, such as <c>between the hosts</c>.</summary>
    protected static FindingText OpenPort(CheckContext context, int port, string where) =>
        $"On {context.DestinationName}, open the port: firewall-cmd --permanent --add-port={port}/tcp && firewall-cmd --reload. " +
        $"A firewall {where} must allow it as well.";

    /// <summary>The names of the VMs that come in at the destination now, whose QEMUs wait for a connection that must not be this one.</summary>
    protected static async Task<IReadOnlyList<string>> ListIncomingAsync(CheckContext context)
    {
        var vms = await context.Destination.ListVmsAsync().ConfigureAwait(false);
        return [.. vms.Where(v => v.Status.IsPausedByMigration || v.Status.IsPostCopyHalf).Select(v => v.Name)];
    }

    protected static Finding With(Finding finding, PortView view) => finding with { Evidence = [.. finding.Evidence, .. view.Evidence] };
}
