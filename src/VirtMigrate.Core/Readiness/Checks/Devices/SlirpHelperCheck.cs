using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>User networking moves, except where libvirt runs it in a slirp-helper that can't hand over its state.</summary>
internal sealed class SlirpHelperCheck : ReadinessCheck
{
    private const string Helper = "/usr/bin/slirp-helper";

    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "User networking is QEMU's own, not a helper's that can't hand over its state.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var cards = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).UserInterfaces;
        if (cards.Count == 0)
        {
            return NotApplicable($"No network card uses user networking.");
        }

        if (!context.IsLive)
        {
            return NotApplicable($"A VM that is shut off has no helpers.");
        }

        var names = string.Join(", ", cards);
        var answer = context.Source.Shell is { } shell
            ? await shell.RunAsync(["test", "-e", Helper], cancellationToken).ConfigureAwait(false)
            : null;
        var host = context.SourceName;
        return answer switch
        {
            { ExitCode: 1 } => Passed($"QEMU itself does the user networking of {names}, and moves it.").Seen(host, "test -e", $"no {Helper}"),
            { ExitCode: 0 } => Warning(
                $"Libvirt runs the user networking of {names} in a slirp-helper, and refuses to move the VM if that can't hand over its state.",
                advice: $"See whether its features include migration: slirp-helper --print-capabilities",
                libvirt: $"a slirp-helper cannot be migrated").Seen(host, "test -e", Helper),
            _ => NotVerified(
                $"Whether QEMU itself or a slirp-helper does the user networking of {names} can't be seen from here.",
                advice: $"Look whether '{context.SourceName}' has /usr/bin/slirp-helper; without it, nothing stands in the way. With an ssh URI " +
                    $"this is checked for you.",
                libvirt: $"a slirp-helper cannot be migrated").Seen(host, "domain XML, user networking", names),
        };
    }
}
