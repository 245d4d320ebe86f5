using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The firmware's image must be at the destination under the path that the definition names. The guest's own variables move with a
/// running guest, but QEMU wants a file to put them into, which libvirt makes of the template.
/// </summary>
public sealed class FirmwareCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Machine;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var definition = await DestinationDefinition.OfAsync(move).ConfigureAwait(false);
        if (definition.Firmware is not { } firmware)
        {
            return NotApplicable("Default").Seen(move.Vm.Vm.VmHost.Name, "domain XML, loader", null);
        }

        var finding = move.IsLive
            ? await CheckLiveAsync(move, firmware, definition.Kind, cancellationToken).ConfigureAwait(false)
            : NotApplicable("Offline");
        return finding.Seen(move.Vm.Vm.VmHost.Name, "domain XML, loader, nvram, template",
            $"{firmware.Loader ?? "nothing"}, {firmware.Variables ?? "nothing"}, {firmware.Template ?? "nothing"}");
    }

    private static async Task<ReadinessFinding> CheckLiveAsync(
        ReadinessMove move, DomainFirmware firmware, GuestKind kind, CancellationToken cancellationToken)
    {
        var (offer, _) = await move.OfferAsync(kind).ConfigureAwait(false);
        var known = offer?.Loaders ?? new HashSet<string>(StringComparer.Ordinal);
        var loader = await IsThereAsync(move, firmware.Loader, known, cancellationToken).ConfigureAwait(false);
        var template = firmware.Variables is null || await IsThereAsync(move, firmware.Variables, known, cancellationToken).ConfigureAwait(false) == true
            ? true
            : await IsTemplateThereAsync(move, firmware, known, cancellationToken).ConfigureAwait(false);
        var finding = (loader, template) switch
        {
            // Libvirt makes the file of the variables before QEMU looks at the image.
            (false, false) => Failed("BothMissing", firmware.Loader, firmware.Template),
            (false, _) => Failed(firmware.IsFlash ? "LoaderMissing" : "RomMissing", firmware.Loader),
            (_, false) => Failed("TemplateMissing", firmware.Template),
            (null, _) => NotVerified("LoaderUnseen", firmware.Loader ?? "the firmware"),
            (_, null) => NotVerified("TemplateUnseen", firmware.Template ?? "the template"),
            _ when firmware.IsSecure && offer is { HasSecureBoot: false } => Warning("NoSecureBoot"),
            _ => Passed("Found", firmware.Loader),
        };
        return finding.Seen(move.DestinationName, "domain capabilities, loaders", string.Join(", ", known.Order(StringComparer.Ordinal)));
    }

    // Distributions put images and templates into one package and one directory.
    private static async Task<bool?> IsTemplateThereAsync(
        ReadinessMove move, DomainFirmware firmware, IReadOnlySet<string> known, CancellationToken cancellationToken) => firmware.Template switch
    {
        null => firmware.Loader is { } loader && known.Contains(loader) ? true : null,
        var template => await IsThereAsync(move, template, known, cancellationToken).ConfigureAwait(false)
            ?? (known.Any(k => string.Equals(DirectoryOf(k), DirectoryOf(template), StringComparison.Ordinal)) ? true : null),
    };

    // Without a shell there, only what libvirt lists can be seen, and that something is not in a list says nothing.
    private static async Task<bool?> IsThereAsync(ReadinessMove move, string? path, IReadOnlySet<string> known, CancellationToken cancellationToken)
    {
        if (path is null || known.Contains(path))
        {
            return path is null ? null : true;
        }

        return move.Path.DestinationShell is { } shell && path.StartsWith('/')
            ? (await shell.RunAsync(["test", "-e", path], cancellationToken).ConfigureAwait(false))?.ExitCode switch { 0 => true, 1 => false, _ => null }
            : await move.Destination.FindVolumeAsync(path).ConfigureAwait(false) is null ? null : true;
    }

    private static string DirectoryOf(string path) => path[..(path.LastIndexOf('/') + 1)];
}
