using System.Collections.Concurrent;
using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Progress;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Resumes migrations that broke in post-copy, and returns when each guest has all of its memory on its destination.
/// <para>
/// Follows <c>virsh migrate --postcopy --postcopy-resume</c>. Never waits longer than -StallTimeout without progress. Ctrl+C ends
/// only the wait; the migrations go on.
/// </para>
/// </summary>
[Cmdlet(VerbsLifecycle.Resume, "VmMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VmMigrationResult))]
public sealed class ResumeVmMigrationCommand : VmCmdlet
{
    private readonly List<PostCopyResumeRequest> _requests = [];
    private MigrationOptionSet _options = MigrationOptionSet.Empty;

    /// <summary>The host that the VMs go to. When left out, the connected host that has the running half.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string? Destination { get; set; }

    /// <summary>
    /// The source's daemon drives the resumption (<c>--p2p</c>). Where the destination's QEMU hangs, that daemon then hangs with it
    /// until that QEMU ends; without this switch it does not.
    /// </summary>
    [Parameter]
    [Alias("P2P")]
    public SwitchParameter PeerToPeer { get; set; }

    /// <summary>The destination keeps a definition (<c>--persistent</c>).</summary>
    [Parameter]
    public SwitchParameter Persistent { get; set; }

    /// <summary>Removes the definition from the source when the VM has moved (<c>--undefinesource</c>). A result tells whether it was asked for.</summary>
    [Parameter]
    public SwitchParameter UndefineSource { get; set; }

    /// <summary>The address that memory is sent to, such as <c>tcp://10.0.1.2</c> (<c>--migrateuri</c>). A result tells that of the original.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MigrateUri { get; set; }

    /// <summary>QEMU encrypts memory on its way (<c>--tls</c>). Must be as in the original migration; a result tells.</summary>
    [Parameter]
    public SwitchParameter Tls { get; set; }

    /// <summary>The highest rate in post-copy in bytes per second, such as 100MB; libvirt counts in whole MiB/s (<c>--postcopy-bandwidth</c>).</summary>
    [Parameter]
    [ValidateRange(1024 * 1024, long.MaxValue)]
    public long PostCopyBandwidth { get; set; }

    /// <summary>After this many seconds without progress the attempt ends, and both halves of the VM stay as they were.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue / 1000)]
    public int StallTimeout { get; set; } = 60;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _options = MigrationOptionCmdlet.ReadBound(MyInvocation,
            (MigrationOptions.PeerToPeer, PeerToPeer), (MigrationOptions.Persistent, Persistent), (MigrationOptions.UndefineSource, UndefineSource),
            (MigrationOptions.MigrateUri, MigrateUri), (MigrationOptions.Tls, Tls), (MigrationOptions.PostCopyBandwidth, PostCopyBandwidth));
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var selector in Vm)
        {
            var found = Get((queue, cancellationToken) => queue.TryAsync(
                new PostCopyFinder(Session, VmHost, Destination, queue.WriteError)
                    .FindAsync(selector, _options, TimeSpan.FromSeconds(StallTimeout), cancellationToken),
                selector.Target));
            _requests.AddRange((found ?? []).Where(f => _requests.TrueForAll(r => r.Uuid != f.Uuid)).Where(Confirm));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var left = new ConcurrentQueue<MigrationReport>();
        try
        {
            Run((queue, cancellationToken) => Task.WhenAll(_requests.Select(request => ResumeAsync(request, queue, left, cancellationToken))));
        }
        catch (PipelineStoppedException)
        {
            // Nothing can be written to a pipeline that stops, and whoever pressed Ctrl+C wants to know where the VMs are.
            foreach (var report in left)
            {
                var goesOn = report.Result.Verification.IsInProgress
                    ? $" To follow it: Wait-VmMigrationJob {PowerShellWord.Quote(report.Result.Vm)} -VmHost {PowerShellWord.Quote(report.Result.Source.Uri)}"
                    : string.Empty;
                Host.UI?.WriteWarningLine($"{report.Failure?.Message ?? report.Result.Verification.Message}{goesOn}");
            }

            throw;
        }
    }

    private bool Confirm(PostCopyResumeRequest request)
    {
        var (source, destination) = (request.Source, request.Destination);
        var command = VirshCommand.Migrate(source.Address.Uri, request.Vm, destination.Address.Uri, request.Options);
        return ShouldProcess($"VM '{request.Vm}' on '{source.Name}'", $"Resume post-copy to '{destination.Name}': {command}");
    }

    private async Task ResumeAsync(
        PostCopyResumeRequest request, PipelineQueue queue, ConcurrentQueue<MigrationReport> left, CancellationToken cancellationToken)
    {
        try
        {
            var activity = MigrationProgressWriter.Describe(request);
            MigrationReport report;
            using (var progress = new MigrationProgressWriter(activity, parent: null, queue.WriteProgress))
            {
                report = await PostCopyResumption.RunAsync(request, Session.Registry, progress, cancellationToken).ConfigureAwait(false);
            }

            if (cancellationToken.IsCancellationRequested)
            {
                left.Enqueue(report);
            }

            queue.WriteObject(report.Result);
            foreach (var warning in report.Result.Warnings)
            {
                queue.WriteWarning(warning);
            }

            if (report.Failure is { } failure)
            {
                queue.WriteError(ErrorRecordFactory.Create(failure, report.Result));
            }
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            queue.WriteError(ErrorRecordFactory.Create(e, request.Vm));
        }
    }
}
