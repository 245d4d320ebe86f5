using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Options;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The port of the protocol that the destination's daemon is reached by: 22 for ssh, 16514 for TLS, 16509 for TCP, or the address's own.
/// With -PeerToPeer it is the source that must reach it.
/// </summary>
public sealed class ControlPortCheck : PortCheck
{
    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var address = move.Destination.Address;
        var host = address.HostName.Trim('[', ']');
        if (host.Length == 0 || PortOf(address) is not { } port)
        {
            return NotApplicable("NoPort", address.Uri);
        }

        var error = address.Transport is "ssh" ? $"ssh: connect to host {host} port {port}" : $"unable to connect to server at '{host}:{port}'";
        if (move.Options.Has(MigrationOptions.PeerToPeer))
        {
            return move.Path.Source is { } source && await source.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false) is { } seen
                ? Judge(seen, source.From, host, port, error)
                : NotVerified("OnlySource", move.Source.Address.Uri, host, port);
        }

        if (await IsConnectedAsync(move).ConfigureAwait(false))
        {
            return Passed("Connected", SocketProbe.ThisComputer, host, port).Seen(SocketProbe.ThisComputer, $"tcp {host} {port}", "the connection to libvirt stands");
        }

        var client = move.Path.Client;
        return await client.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false) switch
        {
            null => NotVerified("Unseen", client.From, host, port),

            // A name that only ssh's own configuration knows.
            PortAnswer.NameUnknown when address.Transport is "ssh" => NotVerified("Unseen", client.From, host, port).Seen(client.From, $"address of {host}", null),
            { } answer => Judge(answer, client.From, host, port, error),
        };
    }

    private static ReadinessFinding Judge(PortAnswer answer, string from, string host, int port, string error)
    {
        object[] values = [from, host, port, error];
        var finding = answer switch
        {
            PortAnswer.Open => Passed("Open", values),
            PortAnswer.Refused => Failed("Refused", values),
            PortAnswer.Rejected => Failed("Rejected", values),
            PortAnswer.Unreachable => Failed("Unreachable", values),
            PortAnswer.NameUnknown => Failed("NameUnknown", values),
            _ => Failed("Silent", values),
        };
        return finding.Seen(from, $"tcp {host} {port}", answer);
    }

    private static async Task<bool> IsConnectedAsync(ReadinessMove move)
    {
        try
        {
            await move.Destination.GetHostAsync().ConfigureAwait(false);
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
