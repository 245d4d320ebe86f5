using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>With -PeerToPeer the source's own daemon, as root and without a terminal, opens the destination's URI.</summary>
public sealed class PeerToPeerConnectionCheck : ReadinessCheck
{
    // In seconds; a firewall that drops what comes makes virsh wait for minutes. 124 is the exit code of timeout then.
    private const string Patience = "15";
    private const int TimedOut = 124;

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
            || await shell.RunAsync(["timeout", Patience, "virsh", "-q", "-c", move.Destination.Address.ConnectUri, "hostname"], cancellationToken).ConfigureAwait(false)
                is not { } answer)
        {
            return NotVerified("Unseen", source);
        }

        var name = answer.Output.Trim();
        var error = answer.Error.Trim();
        var finding = answer.ExitCode == TimedOut ? Failed("Silent", source, Patience)
            : answer.ExitCode != 0 ? Failed("Refused", source, Reason(error))
            : string.Equals(name, move.DestinationName, StringComparison.OrdinalIgnoreCase) ? Passed("Answers", source)
            : Failed("Another", source, name);
        return finding.Seen(source, $"virsh -c {move.Destination.Address.Uri} hostname", answer.ExitCode == 0 ? name : error.Length > 0 ? error : $"exit code {answer.ExitCode}");
    }

    // virsh says first that it could not connect, and then why: "error: unable to connect to server at …". One that was killed says nothing.
    private static string Reason(string error)
    {
        const string Prefix = "error: ";
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var line = lines.LastOrDefault(l => l.StartsWith(Prefix, StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "virsh said nothing";
        return line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..] : line;
    }
}
