using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>User networking moves, except where libvirt runs it in a slirp-helper that can't hand over its state.</summary>
public sealed class SlirpHelperCheck : ReadinessCheck
{
    private const string Helper = "/usr/bin/slirp-helper";

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var cards = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).UserInterfaces;
        if (cards.Count == 0)
        {
            return NotApplicable("None");
        }

        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var names = string.Join(", ", cards);
        var answer = move.Path.SourceShell is { } shell
            ? await shell.RunAsync(["test", "-e", Helper], cancellationToken).ConfigureAwait(false)
            : null;
        var host = move.Vm.Vm.VmHost.Name;
        return answer switch
        {
            { ExitCode: 1 } => Passed("BuiltIn", names).Seen(host, "test -e", $"no {Helper}"),
            { ExitCode: 0 } => Warning("Helper", names).Seen(host, "test -e", Helper),
            _ => NotVerified("Unknown", names).Seen(host, "domain XML, user networking", names),
        };
    }
}
