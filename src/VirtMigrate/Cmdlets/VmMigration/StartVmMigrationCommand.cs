using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Hypervisor;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Model;
using VirtMigrate.Readiness;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Migrates VMs to another host, live or offline, and verifies on both hosts what has become of them.
/// <para>
/// Follows <c>virsh migrate</c> (virDomainMigrate3, with -PeerToPeer virDomainMigrateToURI3). Waits for the end and shows
/// progress, unless -AsJob is given. Ctrl+C aborts: the VM stays on the source.
/// </para>
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "VmMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VmMigrationResult), typeof(VmMigrationJob))]
public sealed class StartVmMigrationCommand : MigrationOptionCmdlet
{
    private readonly List<MigrationRequest> _requests = [];
    private MigrationRequestBuilder _builder = null!;
    private RiskQuestion? _unsafe;
    private int _throttleLimit;

    /// <summary>The VMs: names with wildcards, UUIDs, Vm objects, or anything else of this module that speaks of a VM.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [VmTransformation]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmSelector[] Vm { get; set; } = [];

    /// <summary>
    /// The host that the VMs leave, for VMs given by name. The default source when left out: LIBVIRT_DEFAULT_URI, else
    /// <c>qemu:///system</c>. An object's own host goes before it.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Source")]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string? VmHost { get; set; }

    /// <summary>
    /// The host that the VMs go to. When left out: VIRTMIGRATE_DESTINATION, else the only other connected host, else, of
    /// several, the one that can take the VM and has the most memory free.
    /// </summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string? Destination { get; set; }

    /// <summary>How many VMs move at once; 5, as with ForEach-Object -Parallel, where the policy does not say.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    /// <summary>
    /// The ids of checks that are not made before the VMs begin to move, or All. Without it a VM that Test-VmMigrationReadiness would
    /// find not ready by its quick checks does not begin.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReadinessCheckCompleter))]
    public string[] SkipReadiness { get; set; } = [];

    /// <summary>Returns jobs at once, one a VM, for Get-Job, Wait-Job, Receive-Job and Stop-Job.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        var settings = ReadValidSettings();
        WarnOfUnknownChecks(SkipReadiness);
        _builder = new(Connections, settings, SkipReadiness);
        _throttleLimit = MyInvocation.BoundParameters.ContainsKey(nameof(ThrottleLimit))
            ? ThrottleLimit
            : settings.Policy?.ThrottleLimit ?? ThrottleLimit;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var selector in Vm)
        {
            var (requests, errors) = Run(cancellationToken => _builder.BuildAsync(selector, VmHost, Destination, cancellationToken));
            foreach (var error in errors)
            {
                WriteError(error);
            }

            _requests.AddRange(requests.Where(Confirm));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_requests.Count == 0)
        {
            return;
        }

        var gate = new ReadinessGate(SkipReadiness);
        if (AsJob)
        {
            WriteObject(Session.Jobs.Start(_requests, _throttleLimit, gate, JobRepository, MyInvocation.Line.Trim()), enumerateCollection: true);
            return;
        }

        var console = Host.UI;
        var batch = new MigrationBatch(Session.Registry, _throttleLimit, gate, text => console?.WriteWarningLine(text));
        try
        {
            Run((queue, cancellationToken) => batch.RunAsync(_requests, queue, cancellationToken));
        }
        catch (PipelineStoppedException)
        {
            // Nothing can be written to a pipeline that stops, and whoever pressed Ctrl+C wants to know where the VMs are.
            foreach (var report in batch.Reports.Where(r => r.Failure is not null))
            {
                console?.WriteWarningLine(report.Result.Verification.Message);
            }

            throw;
        }
    }

    private bool Confirm(MigrationRequest request)
    {
        var (vm, source, destination) = (request.Vm, request.Vm.VmHost, request.Destination);
        var settled = PolicySettlement.Of(request.Policy, request.Options.ForVm(vm), request.Limits, source, destination.Host);
        var command = VirshCommand.Migrate(request.Source.Address.Uri, vm.Name, destination.Address.Uri, settled.Options, settled.Limits);
        var way = settled.Options.Has(MigrationOptions.Offline) ? "offline" : "live";
        var policy = request.Policy is { } named ? $" under the policy {named.Name}" : string.Empty;
        var action = $"Migrate {way} to '{destination.Host?.Name ?? destination.Address.Uri}'{policy}: {command}";
        return settled.Options.Has(MigrationOptions.Unsafe)
            ? (_unsafe ??= new(this, "Migrate without libvirt's safety checks"))
                .Ask(vm.Name, $"VM '{vm.Name}' on '{source.Name}': {action}", DescribeRisk(vm.Name), vm)
            : ShouldProcess($"VM '{vm.Name}' on '{source.Name}'", action);
    }

    private static string DescribeRisk(string vm) =>
        $"-Unsafe passes over libvirt's checks of the disks of VM '{vm}'. If its disks are not the very same on both hosts, or a host " +
        "caches them, the guest destroys them.";
}
