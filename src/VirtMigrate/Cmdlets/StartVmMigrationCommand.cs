using System.Globalization;
using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Hosts;
using VirtMigrate.Jobs;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;
using VirtMigrate.Selection;
using VirtMigrate.Session;

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
    private readonly List<MigrationRequest> _whatIf = [];
    private MigrationRequestBuilder _builder = null!;
    private ReadinessGate _gate = null!;
    private RiskQuestion? _risk;
    private int _throttleLimit;

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
    [ArgumentCompleter(typeof(SkippedCheckCompleter))]
    public string[] SkipCheck { get; set; } = [];

    /// <summary>Returns jobs at once, one a VM, for Get-Job, Wait-Job, Receive-Job and Stop-Job.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
        ? (SwitchParameter)given
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    private bool StopsAtError =>
        (MyInvocation.BoundParameters.TryGetValue("ErrorAction", out var given) ? given : GetVariableValue("ErrorActionPreference")) is { } preference &&
        LanguagePrimitives.TryConvertTo(preference, CultureInfo.InvariantCulture, out ActionPreference action) && action == ActionPreference.Stop;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        var settings = ReadValidSettings();
        WarnOfUnknownChecks(SkipCheck);
        _builder = new(Connections, settings, SkipCheck);
        _gate = new(Connections, SkipCheck);
        _throttleLimit = MyInvocation.BoundParameters.ContainsKey(nameof(ThrottleLimit))
            ? ThrottleLimit
            : settings.Policy?.ThrottleLimit ?? ThrottleLimit;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var selector in Vm)
        {
            var requests = Get((queue, cancellationToken) => _builder.BuildAsync(selector, VmHost, Destination, queue, cancellationToken));
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
            WriteObject(Session.Jobs.Start(_requests, _throttleLimit, _gate, JobRepository, MyInvocation.Line.Trim()), enumerateCollection: true);
            return;
        }

        var console = Host.UI;
        var batch = new MigrationBatch(Session.Registry, _throttleLimit, _gate, StopsAtError, text => console?.WriteWarningLine(text));
        try
        {
            Run((queue, cancellationToken) => batch.RunAsync(_requests, queue, cancellationToken));
        }
        catch (PipelineStoppedException)
        {
            // Nothing can be written to a pipeline that stops, and whoever pressed Ctrl+C wants to know where the VMs are. Where a signal
            // ends the process, it says so itself.
            foreach (var report in batch.Unsaid.Where(_ => !ProcessSignals.IsHeard))
            {
                console?.WriteWarningLine(report.Result.Verification.Message);
            }

            throw;
        }
    }

    private bool Confirm(MigrationRequest request)
    {
        var (vm, source, destination) = (request.Vm, request.Vm.VmHost, request.Destination);
        if (IsWhatIf && !WouldBegin(request))
        {
            return false;
        }

        var options = request.Effective!.Options;
        var command = VirshCommand.Migrate(request.Source.Address.Uri, vm.Name, destination.Address.Uri, options);
        var way = options.Has(MigrationOptions.Offline) ? "offline" : "live";
        var policy = request.Policy is { } named ? $" under the policy {named.Name}" : string.Empty;
        var action = $"Migrate {way} to '{destination.Name}'{policy}: {command}";
        var target = $"VM '{vm.Name}' on '{source.Name}'";
        return DescribeRisks(options, vm) is { Length: > 0 } risks
            ? (_risk ??= new(this, "Migrate at the risk of losing data")).Ask($"{target}: {action}", risks, vm)
            : ShouldProcess(target, action);
    }

    private static string DescribeRisks(MigrationOptionSet options, Vm vm) => string.Join(' ', options.Enabled
        .Where(o => o.Key.Risk is not null)
        .Select(o => $"-{o.Key.Name} {string.Format(CultureInfo.InvariantCulture, o.Key.Risk!, vm.Name)}"));

    // What would be refused is refused under -WhatIf as well.
    private bool WouldBegin(MigrationRequest request)
    {
        try
        {
            Run((_, cancellationToken) => _gate.RefuseLossAsync(request, _whatIf, cancellationToken));
            _whatIf.Add(request);
            return true;
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            WriteError(ErrorRecordFactory.Create(e, request.Vm));
            return false;
        }
    }
}
