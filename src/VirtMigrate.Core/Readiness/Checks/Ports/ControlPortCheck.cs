using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// The port of the protocol that the destination's daemon is reached by: 22 for ssh, 16514 for TLS, 16509 for TCP, or the address's own.
/// With -PeerToPeer it is the source that must reach it.
/// </summary>
internal sealed class ControlPortCheck : PortCheck
{
    public override string Subject =>
        "The port of the destination's daemon is reached: 22 for ssh, 16514 for TLS, 16509 for TCP, or the one in the URI. With " +
        "-PeerToPeer the source must reach it.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var address = context.Destination.Address;
        var host = address.HostName.Trim('[', ']');
        if (host.Length == 0 || PortOf(address) is not { } port)
        {
            return NotApplicable($"{address.Uri} uses no port.");
        }

        var error = address.Transport is "ssh" ? $"ssh: connect to host {host} port {port}" : $"unable to connect to server at '{host}:{port}'";
        if (context.Options.Has(MigrationOptions.PeerToPeer))
        {
            return context.Source.Probe is { } source && await source.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false) is { } seen
                ? Judge(context, seen, source.From, host, port, error)
                : NotVerified(
                    $"With -PeerToPeer the source connects to port {port} of '{host}', which can't be tested: no command can be run over " +
                        $"{context.Source.Address.Uri}.",
                    advice: $"Try it on the source, as root: virsh -c {context.DestinationUri} hostname");
        }

        if (await IsConnectedAsync(context).ConfigureAwait(false))
        {
            return Passed($"The connection from {SocketProbe.ThisComputer} to '{host}', port {port}, is open.")
                .Seen(SocketProbe.ThisComputer, $"tcp {host} {port}", "the connection to libvirt is open");
        }

        var client = context.Client;
        var answer = await client.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);

        // A name that only ssh's own configuration knows.
        var isSshName = answer == PortAnswer.NameUnknown && address.Transport is "ssh";
        if (answer is { } told && !isSshName)
        {
            return Judge(context, told, client.From, host, port, error);
        }

        var unseen = NotVerified(
            $"Port {port} of '{host}' can't be tested from {client.From}.", advice: $"Test it: virsh -c {context.DestinationUri} hostname");
        return isSshName ? unseen.Seen(client.From, $"address of {host}", null) : unseen;
    }

    private static Finding Judge(CheckContext context, PortAnswer answer, string from, string host, int port, string error)
    {
        var finding = answer switch
        {
            PortAnswer.Open => Passed($"From {from}, port {port} of '{host}' is open."),
            PortAnswer.Refused => Failed(
                $"From {from}, port {port} of '{host}' refuses connections: nothing listens there.",
                advice: $"On {context.DestinationName}, start the service: systemctl start libvirtd-tls.socket for TLS, " +
                    $"libvirtd-tcp.socket for TCP (virtproxyd-tls.socket and virtproxyd-tcp.socket with the modular daemons), sshd for ssh.",
                libvirt: $"{error}"),
            PortAnswer.NameUnknown => Failed(
                $"{from} can't resolve '{host}'.",
                advice: $"Use an address in the destination's URI, or make '{host}' resolvable on {from} (DNS or /etc/hosts).",
                libvirt: $"Unable to resolve address '{host}' service '{port}'"),
            _ => Closed(answer, from, host, $"port {port}", error, OpenPort(context, port, "in between")),
        };
        return finding.Seen(from, $"tcp {host} {port}", answer);
    }

    private static async Task<bool> IsConnectedAsync(CheckContext context)
    {
        try
        {
            await context.Destination.GetHostAsync().ConfigureAwait(false);
            return true;
        }
        catch (HypervisorException)
        {
            return false;
        }
    }

    private static int? PortOf(HostAddress address) => Uri.TryCreate(address.Uri, UriKind.Absolute, out var uri) && uri.Port > 0
        ? uri.Port
        : address.IsOverSsh
            ? 22
            : address.Transport switch
            {
                "tls" or "" => 16514,
                "tcp" => 16509,
                _ => null,
            };
}
