using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// A UEFI firmware's variables (NVRAM) go along in the memory of a running guest. Of a VM that is shut off only the definition moves: the
/// file with its boot entries and keys stays where it is.
/// </summary>
internal sealed class FirmwareVariablesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Machine;
    public override string Subject => "The UEFI variables (NVRAM file) move with a running VM; those of a VM that is shut off stay behind.";
    public override bool ProtectsData => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var vm = context.Vm.Vm;
        if (context.IsLive)
        {
            return NotApplicable($"The UEFI variables (NVRAM) move with a VM that runs.");
        }

        if ((await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).Firmware is not { IsFlash: true } firmware)
        {
            return NotApplicable($"The VM has no firmware that keeps variables.");
        }

        // Where the definition leaves it to libvirt, this is the file that it makes of the template at the first start.
        var path = firmware.Variables ?? $"/var/lib/libvirt/qemu/nvram/{vm.Name}_VARS.fd";
        var isThere = await context.Source.HasFileAsync(path, cancellationToken).ConfigureAwait(false);
        var file = ShellWord.Quote(path);
        FindingText copy = $"Copy it while the VM is shut off, as root on '{context.SourceName}', to '{context.DestinationName}' (or the name that ssh " +
            $"uses for it): scp -p {file} {context.DestinationName}:{file}";
        var finding = isThere == false ? Passed($"The VM has no NVRAM file yet ({path}).")
            : context.Options.Has(MigrationOptions.UndefineSource)
                ? Warning(
                    $"Only the definition moves, not the NVRAM file {file}, and -UndefineSource leaves no definition that names " +
                        $"it: on '{context.DestinationName}' the guest would start with empty UEFI variables, or with old ones left on that host.",
                    advice: copy)
                : Warning(
                    $"Only the definition moves, not the NVRAM file {file}: on '{context.DestinationName}' the guest would " +
                        $"start with empty UEFI variables, or with old ones left on that host, without its boot entries and keys.",
                    advice: copy);
        return finding.Seen(vm.VmHost.Name, $"test -e {path}", isThere switch { true => "there", false => "not there", _ => "not seen" });
    }
}
