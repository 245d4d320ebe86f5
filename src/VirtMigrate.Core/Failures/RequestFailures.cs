using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;
using Operation = VirtMigrate.Failures.AdviceOperation;
using Parameter = VirtMigrate.Failures.AdviceParameter;

namespace VirtMigrate.Failures;

/// <summary>What was asked for: where to, with which options and policy, and what is to be known before.</summary>
internal static class RequestFailures
{
    /// <summary>No destination was named and none follows from the environment or the connected hosts.</summary>
    public static readonly Failure DestinationUnknown = new("DestinationUnknown", FailureCategory.ObjectNotFound,
        f => $"VM '{f.Vm}' has no destination: {f.Said}",
        _ => $"Name one with {Use(Parameter.Destination)} (a host, user@host, URI or VmHost object), connect one " +
            $"({Call(Operation.ConnectHost, Use(Parameter.Subject, "kvm2"))}), or set it for all commands: " +
            $"{new AdviceVariable("VIRTMIGRATE_DESTINATION", "qemu+ssh://root@kvm2/system")}");

    /// <summary>Source and destination are one host, or have one name or host UUID, which libvirt takes for the same.</summary>
    public static readonly Failure DestinationIsSource = new("DestinationIsSource", FailureCategory.InvalidArgument,
        f => $"VM '{f.Vm}' can't be migrated to the host that it is already on. {f.Said}",
        _ => $"Name another host with {Use(Parameter.Destination)}. Hosts cloned from one image each need their own " +
            $"host name, and their own host_uuid in /etc/libvirt/virtqemud.conf (or libvirtd.conf); then restart that daemon.")
    {
        CanRetry = false, End = MigrationEnd.Destination,
        Patterns = ["Attempt to migrate guest to the same host"],
    };

    /// <summary>The checks before a migration found something that stands in its way; nothing has moved.</summary>
    public static readonly Failure NotReady = new("VmNotReady", FailureCategory.ResourceUnavailable,
        f => $"VM {f.Said}",
        f => $"{f.Recommendations} To see all checks and findings: {OnBoth(Operation.CheckReadiness, f).Show()}. To migrate " +
            $"anyway: {OnBoth(Operation.Migrate, f, Use(Parameter.SkipCheck, f.Obstacles))}");

    /// <summary>A check that protects data found something.</summary>
    public static readonly Failure DataAtRisk = new("VmDataAtRisk", FailureCategory.PermissionDenied,
        f => $"Refused because data could be lost: VM {f.Said}",
        f => $"{f.Recommendations} To see all checks and findings: {OnBoth(Operation.CheckReadiness, f).Show()}. " +
            $"{Use(Parameter.SkipCheck)} can't skip these checks.");

    /// <summary>The options of a migration do not fit together.</summary>
    public static readonly Failure OptionInvalid = new("MigrationOptionInvalid", FailureCategory.InvalidArgument,
        f => $"The options don't go together: {f.Said}",
        _ => $"To see what each option means and which others it needs: {new AdviceHelp(Operation.Migrate)}")
    {
        CanRetry = false,
        Patterns =
        [
            "Turn parallel migration on to tune it", "zero-copy is only available for parallel migration",
            "Compression method '…' isn't supported with parallel migration", "Turn compression on to tune it",
            "post-copy migration is not supported with non-live or paused migration", "post-copy is not supported with tunnelled migration",
            "offline migration must be specified with the persistent flag set", "offline migration cannot handle non-shared storage",
            "tunnelled offline migration does not make sense", "Flags '…' are mutually exclusive",
            "migration of non-shared storage is not supported with tunnelled migration", "is not supported by tunnelled migration",
        ],
    };

    /// <summary>A host is too old for an option of the migration.</summary>
    public static readonly Failure OptionUnsupported = new("MigrationOptionUnsupported", FailureCategory.NotImplemented,
        f => $"VM '{f.Vm}' can't be migrated like this: {f.Said}",
        _ => $"Leave the option out, or update the host. To see what each host has: " +
            $"{Call(Operation.ListHosts).Show(nameof(VmHost.Name), nameof(VmHost.LibvirtVersion), nameof(VmHost.HypervisorVersion))}");

    /// <summary>There is no policy of that name, or no such file.</summary>
    public static readonly Failure PolicyNotFound = new("PolicyNotFound", FailureCategory.ObjectNotFound,
        f => f.Said,
        _ => $"To see the built-in policies: {Call(Operation.ListPolicies)}. Write one of your own: " +
            $"{NewPolicy}");

    /// <summary>A policy says something that makes no sense.</summary>
    public static readonly Failure PolicyInvalid = new("PolicyInvalid", FailureCategory.InvalidData,
        f => f.Said,
        _ => $"To start from a file with all keys: " +
            $"{NewPolicy}. " +
            $"What each key means: {new AdviceHelp(Operation.WritePolicy)}");

    /// <summary>The bandwidth was not given, no migration has shown it, and a host does not report its link's speed.</summary>
    public static readonly Failure BandwidthUnknown = new("BandwidthUnknown", FailureCategory.ObjectNotFound,
        f => $"VM '{f.Vm}': {f.Said}",
        _ => $"Give the bandwidth between the hosts, such as {Use(MigrationOptions.Bandwidth, Example("1GB"))} for 1 GiB/s, or " +
            $"what earlier migrations achieved, with {Use(Parameter.History)} ({Call(Operation.ListBandwidths)}). After one " +
            $"migration between the two hosts, the session uses its rate.");

    /// <summary>The VM's dirty rate can't be measured in the mode that was asked for.</summary>
    public static readonly Failure DirtyRateModeUnsupported = new("DirtyRateModeUnsupported", FailureCategory.NotImplemented,
        f => f.Said,
        f => $"Use page sampling, which works with every VM and costs the guest almost nothing: " +
            $"{OnHost(Operation.MeasureDirtyRate, f, Use(Parameter.Mode, "PageSampling"))}. DirtyBitmap needs a VM with KVM and " +
            $"without its dirty ring, DirtyRing one with it: <features><kvm><dirty-ring state='on' size='4096'/></kvm></features>");

    /// <summary>The VM stopped, or left its host, while its dirty rate was measured.</summary>
    public static readonly Failure DirtyRateInterrupted = new("DirtyRateInterrupted", FailureCategory.OperationStopped,
        f => f.Said,
        f => $"Find it: {FindVm(f)}. Where it runs, measure it again: " +
            $"{FindVm(f, Use(Parameter.State, "Running")).Into(Operation.MeasureDirtyRate)}");

    /// <summary>QEMU measured a VM's dirty rate, and had nothing to compare.</summary>
    public static readonly Failure DirtyRateNotMeasurable = new("DirtyRateNotMeasurable", FailureCategory.InvalidOperation,
        f => $"The dirty rate of VM '{f.Vm}' can't be measured: {f.Said}",
        f => $"A VM this small migrates within seconds, whatever its guest does: {OnHost(Operation.Migrate, f)}. If it runs with KVM, " +
            $"QEMU can count its writes: {OnHost(Operation.MeasureDirtyRate, f, Use(Parameter.Mode, "DirtyBitmap"))}");

    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        DestinationUnknown, DestinationIsSource, NotReady, DataAtRisk, OptionInvalid, OptionUnsupported, PolicyNotFound,
        PolicyInvalid, BandwidthUnknown, DirtyRateModeUnsupported, DirtyRateInterrupted, DirtyRateNotMeasurable,
    ];

    /// <summary>No destination follows.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="reason">What was looked at.</param>
    public static MigrationException NoDestination(string vm, string reason) => new(DestinationUnknown, new() { Vm = vm, Said = reason });

    /// <summary>Source and destination are one host.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="source">The source.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="shared">What both have in common.</param>
    public static MigrationException SameHost(string vm, VmHost source, VmHost destination, string shared) => new(DestinationIsSource, new()
    {
        Vm = vm,
        Host = source.Name,
        Destination = destination.Name,
        Said = $"Source and destination are the same host: both have {shared}.",
    });

    /// <summary>The options don't fit together.</summary>
    public static MigrationException Invalid(string? vm, IEnumerable<MigrationOptionProblem> problems) =>
        new(OptionInvalid, new() { Vm = vm, Said = string.Join(' ', problems.Select(p => p.Message)) });

    /// <summary>A host is too old for some of the options.</summary>
    public static MigrationException Unsupported(string vm, IEnumerable<MigrationOptionProblem> problems) =>
        new(OptionUnsupported, new() { Vm = vm, Said = string.Join(' ', problems.Select(p => p.Message)) });

    /// <summary>There is no such policy.</summary>
    /// <param name="policy">Its name or its file.</param>
    /// <param name="message">What was looked for.</param>
    public static MigrationException NoPolicy(string policy, string message) => new(PolicyNotFound, new() { Vm = policy, Said = message });

    /// <summary>A policy is not valid.</summary>
    /// <param name="origin">Where it comes from: a file's path or a parameter.</param>
    /// <param name="problems">What is wrong, each with the key and the value.</param>
    public static MigrationException InvalidPolicy(string origin, IEnumerable<string> problems) =>
        new(PolicyInvalid, new() { Vm = origin, Said = $"The policy in {origin} is not valid. {string.Join(' ', problems)}" });

    /// <summary>The bandwidth between two hosts is not known.</summary>
    public static MigrationException NoBandwidth(string vm, string source, string destination) => new(BandwidthUnknown, new()
    {
        Vm = vm,
        Said = $"The bandwidth from '{source}' to '{destination}' is unknown: no migration between them has been seen, and they do not both " +
            "report the speed of their links.",
    });

    /// <summary>The VM stopped, or left its host, while it was measured.</summary>
    /// <param name="vm">The VM as it was when the measuring began.</param>
    /// <param name="now">Its state now; null when its host does not have it any more.</param>
    /// <param name="cause">What the host said to a measurement without a VM.</param>
    public static MigrationException Interrupted(Vm vm, VmStatus? now, Exception? cause) => new(DirtyRateInterrupted, new()
    {
        Vm = vm.Name,
        Said = now switch
        {
            null => $"The VM '{vm.Name}' left '{vm.VmHost.Name}' while its dirty rate was measured.",
            { IsMigratedAway: true } => $"The VM '{vm.Name}' was migrated away from '{vm.VmHost.Name}' while its dirty rate was measured.",
            { } status => $"The VM '{vm.Name}' stopped while its dirty rate was measured; it is {status} now.",
        },
    }, cause);

    /// <summary>The VM can't be measured in the mode that was asked for.</summary>
    public static MigrationException WrongMode(string vm, DirtyRateMode mode, Exception cause) => new(DirtyRateModeUnsupported,
        new() { Vm = vm, Said = $"The dirty rate of VM '{vm}' can't be measured in mode {mode}: {cause.Message}" }, cause);

    private static AdviceCall NewPolicy => Call(
        Operation.WritePolicy, Use(Parameter.Subject, "Mine"), Use(Parameter.From, "StallDetect"), Use(Parameter.Path, Example("./mine.psd1")));
}
