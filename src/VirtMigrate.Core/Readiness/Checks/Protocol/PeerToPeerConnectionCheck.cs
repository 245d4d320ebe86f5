using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>With -PeerToPeer the source's own daemon, as root and without a terminal, opens the destination's URI.</summary>
public sealed class PeerToPeerConnectionCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Protocol;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.Options.Has(MigrationOptions.PeerToPeer))
        {
            return NotApplicable("Managed");
        }

        var source = move.Vm.Vm.VmHost.Name;
        if (move.Destination.Address.HostName.Length == 0)
        {
            return Failed("Local", move.Destination.Address.Uri).Seen("this computer", "URI of the destination", move.Destination.Address.Uri);
        }

        // The daemon's connection is root's: its keys, its known hosts, its certificates.
        if (move.Path.SourceShell is not { } shell
            || await shell.RunAsync(["id", "-u"], cancellationToken).ConfigureAwait(false) is not { ExitCode: 0 } user
            || user.Output.Trim() is not "0"
            || await shell.RunAsync(["timeout", "15", "virsh", "-q", "-c", move.Destination.Address.ConnectUri, "hostname"], cancellationToken).ConfigureAwait(false)
                is not { } answer)
        {
            return NotVerified("Unseen", source);
        }

        var name = answer.Output.Trim();
        var error = answer.Error.Trim();
        var finding = answer.ExitCode != 0 ? Failed("Refused", source, Reason(error))
            : string.Equals(name, move.DestinationName, StringComparison.OrdinalIgnoreCase) ? Passed("Answers", source)
            : Failed("Another", source, name);
        return finding.Seen(source, $"virsh -c {move.Destination.Address.Uri} hostname", answer.ExitCode == 0 ? name : error);
    }

    // virsh says first that it could not connect, and then why: "error: unable to connect to server at …".
    private static string Reason(string error) =>
        (error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault(l => l.StartsWith("error: ", StringComparison.Ordinal))
            ?? error)["error: ".Length..];
}
