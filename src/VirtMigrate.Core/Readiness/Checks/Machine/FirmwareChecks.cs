using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>
/// The firmware's image must be at the destination under the path that the definition names. The guest's own variables move with a
/// running guest, but QEMU wants a file to put them into, which libvirt makes of the template.
/// </summary>
internal sealed class FirmwareCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Machine;
    public override string Subject => "The destination has the firmware image and the NVRAM template.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var definition = await context.GetArrivingDefinitionAsync().ConfigureAwait(false);
        if (definition.Firmware is not { } firmware)
        {
            return NotApplicable($"The guest boots with the emulator's own BIOS.").Seen(context.SourceName, "domain XML, loader", null);
        }

        var finding = context.IsLive
            ? await CheckLiveAsync(context, firmware, definition.Kind, cancellationToken).ConfigureAwait(false)
            : NotApplicable($"Only the definition moves; the firmware is needed when the VM starts.");
        return finding.Seen(context.SourceName, "domain XML, loader, nvram, template",
            $"{firmware.Loader ?? "nothing"}, {firmware.Variables ?? "nothing"}, {firmware.Template ?? "nothing"}");
    }

    private static async Task<Finding> CheckLiveAsync(
        CheckContext context, DomainFirmware firmware, GuestKind kind, CancellationToken cancellationToken)
    {
        var (offer, _) = await context.OfferAsync(kind).ConfigureAwait(false);
        var known = offer?.Loaders ?? new HashSet<string>(StringComparer.Ordinal);
        var loader = await IsThereAsync(context, firmware.Loader, known, cancellationToken).ConfigureAwait(false);
        var template = firmware.Variables is null || await IsThereAsync(context, firmware.Variables, known, cancellationToken).ConfigureAwait(false) == true
            ? true
            : await IsTemplateThereAsync(context, firmware, known, cancellationToken).ConfigureAwait(false);
        var (image, variables) = (firmware.Loader ?? "the firmware", firmware.Template ?? "of the firmware");
        var finding = (loader, template) switch
        {
            // Libvirt makes the file of the variables before QEMU looks at the image.
            (false, false) => Failed(
                $"'{context.DestinationName}' has neither the firmware {firmware.Loader} nor the NVRAM template {firmware.Template}.",
                advice: $"Install it on '{context.DestinationName}' in the same version as on '{context.SourceName}': apt install ovmf, or dnf install " +
                    $"edk2-ovmf. To see what it has: virsh -c {context.DestinationUri} domcapabilities | grep -A 5 '<loader'",
                libvirt: $"Failed to open file '{firmware.Template}'"),
            (false, _) => firmware.IsFlash
                ? Failed(
                    $"'{context.DestinationName}' has no firmware {firmware.Loader}.",
                    advice: $"Install it on '{context.DestinationName}' in the same version as on '{context.SourceName}': apt install ovmf, or dnf " +
                        $"install edk2-ovmf. To see what it has: virsh -c {context.DestinationUri} domcapabilities | grep -A 5 '<loader'",
                    libvirt: $"Could not open '{firmware.Loader}'")
                : Failed(
                    $"'{context.DestinationName}' has no firmware {firmware.Loader}.",
                    advice: $"Copy it from '{context.SourceName}' to the same path on '{context.DestinationName}', or give the VM another one " +
                        $"with -DestinationXml.",
                    libvirt: $"could not load PC BIOS '{firmware.Loader}'"),
            (_, false) => Failed(
                $"'{context.DestinationName}' has no {firmware.Template}, the NVRAM template; libvirt needs it to create the NVRAM " +
                    $"file.",
                advice: $"Install it on '{context.DestinationName}' in the same version as on '{context.SourceName}': apt install ovmf, or dnf install " +
                    $"edk2-ovmf. If it is a custom file, copy it to the same path.",
                libvirt: $"Failed to open file '{firmware.Template}'"),
            (null, _) => NotVerified(
                $"Can't tell from here whether '{context.DestinationName}' has the firmware {image}: it is not among those that libvirt " +
                    $"lists.",
                advice: $"Check: ssh {context.DestinationName} ls -l {image}. Or connect to it over qemu+ssh (-Destination " +
                    $"qemu+ssh://…/system), and this check looks there."),
            (_, null) => NotVerified(
                $"Can't tell from here whether '{context.DestinationName}' has the NVRAM template {variables}.",
                advice: $"Check: ssh {context.DestinationName} ls -l {variables}. Or connect to it over qemu+ssh (-Destination " +
                    $"qemu+ssh://…/system), and this check looks there."),
            _ when firmware.IsSecure && offer is { HasSecureBoot: false } => Warning(
                $"The guest's firmware enforces secure boot, and '{context.DestinationName}' lists no firmware that does.",
                advice: $"Install one on '{context.DestinationName}': apt install ovmf, or dnf install edk2-ovmf. To see what it lists: virsh -c " +
                    $"{context.DestinationUri} domcapabilities | grep -A 12 '<loader'"),
            _ => Passed($"'{context.DestinationName}' has the firmware {firmware.Loader} and the NVRAM template."),
        };
        return finding.Seen(context.DestinationName, "domain capabilities, loaders", string.Join(", ", known.Order(StringComparer.Ordinal)));
    }

    // Distributions put images and templates into one package and one directory.
    private static async Task<bool?> IsTemplateThereAsync(
        CheckContext context, DomainFirmware firmware, IReadOnlySet<string> known, CancellationToken cancellationToken) => firmware.Template switch
    {
        null => firmware.Loader is { } loader && known.Contains(loader) ? true : null,
        var template => await IsThereAsync(context, template, known, cancellationToken).ConfigureAwait(false)
            ?? (known.Any(k => string.Equals(DirectoryOf(k), DirectoryOf(template), StringComparison.Ordinal)) ? true : null),
    };

    // Without a shell there, only what libvirt lists can be seen, and that something is not in a list says nothing.
    private static async Task<bool?> IsThereAsync(CheckContext context, string? path, IReadOnlySet<string> known, CancellationToken cancellationToken)
    {
        if (path is null || known.Contains(path))
        {
            return path is null ? null : true;
        }

        return context.Destination.Shell is { } shell && path.StartsWith('/')
            ? (await shell.RunAsync(["test", "-e", path], cancellationToken).ConfigureAwait(false))?.ExitCode switch { 0 => true, 1 => false, _ => null }
            : await context.Destination.FindVolumeAsync(path).ConfigureAwait(false) is null ? null : true;
    }

    private static string DirectoryOf(string path) => path[..(path.LastIndexOf('/') + 1)];
}

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
