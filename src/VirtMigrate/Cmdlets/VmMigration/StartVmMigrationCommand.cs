using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Hypervisor;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
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
    [ArgumentCompleter(typeof(VmHostCompleter))]
    public string? VmHost { get; set; }

    /// <summary>
    /// The host that the VMs go to. When left out: VIRTMIGRATE_DESTINATION, else the only other connected host, else, of
    /// several, the one that can take the VM and has the most memory free.
    /// </summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(VmHostCompleter))]
    public string? Destination { get; set; }

    /// <summary>How many VMs move at once; 5, as with ForEach-Object -Parallel.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    /// <summary>Returns jobs at once, one a VM, for Get-Job, Wait-Job, Receive-Job and Stop-Job.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _builder = new(Connections, ReadOptions(), ReadLimits());
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

        if (AsJob)
        {
            WriteObject(Session.Jobs.Start(_requests, ThrottleLimit, JobRepository, MyInvocation.Line.Trim()), enumerateCollection: true);
            return;
        }

        var batch = new MigrationBatch(Session.Registry, ThrottleLimit);
        try
        {
            Run((queue, cancellationToken) => batch.RunAsync(_requests, queue, cancellationToken));
        }
        catch (PipelineStoppedException)
        {
            // Nothing can be written to a pipeline that stops, and whoever pressed Ctrl+C wants to know where the VMs are.
            foreach (var report in batch.Reports.Where(r => r.Failure is not null))
            {
                Host.UI?.WriteWarningLine(report.Result.Verification.Message);
            }

            throw;
        }
    }

    private bool Confirm(MigrationRequest request)
    {
        var (vm, source, destination) = (request.Vm, request.Vm.VmHost, request.Destination);
        var options = request.Options.ForVm(vm);
        var command = VirshCommand.Migrate(request.Source.Address.Uri, vm.Name, destination.Address.Uri, options, request.Limits);
        var way = options.Has(MigrationOptions.Offline) ? "offline" : "live";
        return ShouldProcess($"VM '{vm.Name}' on '{source.Name}'", $"Migrate {way} to '{destination.Host?.Name ?? destination.Address.Uri}': {command}");
    }
}
