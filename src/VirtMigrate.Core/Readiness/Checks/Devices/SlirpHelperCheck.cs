using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>User networking moves, except where libvirt runs it in a slirp-helper that can't hand over its state.</summary>
internal sealed class SlirpHelperCheck : ReadinessCheck
{
    private const string Helper = "/usr/bin/slirp-helper";

    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "User networking is done by QEMU, not by a slirp-helper that can't hand over its state.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var cards = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).UserInterfaces;
        if (cards.Count == 0)
        {
            return NotApplicable($"No network interface uses user networking.");
        }

        if (!context.IsLive)
        {
            return NotApplicable($"A VM that is shut off has no slirp-helper.");
        }

        var names = string.Join(", ", cards);
        var answer = context.Source.Shell is { } shell
            ? await shell.RunAsync(["test", "-e", Helper], cancellationToken).ConfigureAwait(false)
            : null;
        var host = context.SourceName;
        return answer switch
        {
            { ExitCode: 1 } => Passed($"QEMU itself does the user networking of {names}, and migrates it.").Seen(host, "test -e", $"no {Helper}"),
            { ExitCode: 0 } => Warning(
                $"Libvirt runs the user networking of {names} in a slirp-helper, and refuses to migrate the VM if that can't hand over its state.",
                advice: $"Check on '{host}' whether its features include migration: slirp-helper --print-capabilities",
                libvirt: $"a slirp-helper cannot be migrated").Seen(host, "test -e", Helper),
            _ => NotVerified(
                $"Can't tell from here whether QEMU itself or a slirp-helper does the user networking of {names}.",
                advice: $"Check on '{context.SourceName}': ls /usr/bin/slirp-helper. If there is none, this is no obstacle. Or connect to " +
                    $"'{context.SourceName}' over qemu+ssh, and this check looks there.",
                libvirt: $"a slirp-helper cannot be migrated").Seen(host, "domain XML, user networking", names),
        };
    }
}
