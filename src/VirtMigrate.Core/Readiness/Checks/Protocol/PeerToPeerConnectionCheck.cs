using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>With -PeerToPeer the source's own daemon, as root and without a terminal, opens the destination's URI.</summary>
internal sealed class PeerToPeerConnectionCheck : ReadinessCheck
{
    // In seconds; a firewall that drops what comes makes virsh wait for minutes. 124 is the exit code of timeout then.
    private const string Patience = "15";
    private const int TimedOut = 124;

    public override ReadinessCategory Category => ReadinessCategory.Protocol;
    public override string Subject => "With -PeerToPeer the source's own daemon opens the destination's URI, as root and without a terminal.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.Options.Has(MigrationOptions.PeerToPeer))
        {
            return NotApplicable($"The source does not connect to the destination's daemon: this computer manages the migration.");
        }

        var source = context.SourceName;
        if (context.Destination.Address.HostName.Length == 0)
        {
            return Failed(
                $"With -PeerToPeer the source itself opens {context.Destination.Address.Uri}, and there that means the source.",
                advice: $"Give the destination as a URI that leads to it from the source: qemu+ssh://<name>/system",
                libvirt: $"Attempt to migrate guest to the same host").Seen("this computer", "URI of the destination", context.Destination.Address.Uri);
        }

        // The daemon's connection is root's: its keys, its known hosts, its certificates.
        if (context.Source.Shell is not { } shell
            || await shell.RunAsync(["id", "-u"], cancellationToken).ConfigureAwait(false) is not { ExitCode: 0 } user
            || user.Output.Trim() is not "0"
            || await shell.RunAsync(["timeout", Patience, "virsh", "-q", "-c", context.Destination.Address.ConnectUri, "hostname"], cancellationToken).ConfigureAwait(false)
                is not { } answer)
        {
            return NotVerified(
                $"Can't tell from here whether {source} can open the destination's URI.",
                advice: $"Test it on the source, as root: virsh -c {context.DestinationUri} hostname");
        }

        var name = answer.Output.Trim();
        var error = answer.Error.Trim();
        var finding = answer.ExitCode == TimedOut
            ? Failed(
                $"{source} gets no answer from the destination's URI within {Patience} s: a firewall drops the packets, or the daemon there " +
                    $"hangs.",
                advice: $"Allow {source} in the firewall of the destination, then test it as root on {source}: virsh -c " +
                    $"{context.DestinationUri} hostname. Or let this computer run the migration: -PeerToPeer:$false")
            : answer.ExitCode != 0
                ? Failed(
                    $"{source} can't open the destination's URI: {Reason(error)}",
                    advice: $"Make this work on the source, as root: virsh -c {context.DestinationUri} hostname. Or let this computer run the migration: " +
                        $"-PeerToPeer:$false",
                    libvirt: $"{Reason(error)}")
            : string.Equals(name, context.DestinationName, StringComparison.OrdinalIgnoreCase)
                ? Passed(
                    $"{source} opens the destination's URI itself.")
            : Failed(
                $"From {source}, the destination's URI leads to another host, '{name}'.",
                advice: $"Use a name in the destination's URI that {source} resolves to it.");
        return finding.Seen(source, $"virsh -c {context.Destination.Address.Uri} hostname", answer.ExitCode == 0 ? name : error.Length > 0 ? error : $"exit code {answer.ExitCode}");
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
