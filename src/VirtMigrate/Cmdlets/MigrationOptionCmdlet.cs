using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// A cmdlet that takes the options of a migration: a parameter for each row of <see cref="MigrationOptions.Table"/>, with its name.
/// </summary>
public abstract class MigrationOptionCmdlet : VmCmdlet
{
    /// <summary>The guest keeps running while it moves (<c>--live</c>). Without -Live and -Offline the VM's state decides.</summary>
    [Parameter]
    public SwitchParameter Live { get; set; }

    /// <summary>Only the definition of a VM that is shut off moves (<c>--offline</c>); implies -Persistent.</summary>
    [Parameter]
    public SwitchParameter Offline { get; set; }

    /// <summary>The source's daemon runs the migration, which then survives this session (<c>--p2p</c>).</summary>
    [Parameter]
    [Alias("P2P")]
    public SwitchParameter PeerToPeer { get; set; }

    /// <summary>The hypervisor itself runs the migration, without a daemon at the destination (<c>--direct</c>; not with QEMU).</summary>
    [Parameter]
    public SwitchParameter Direct { get; set; }

    /// <summary>Memory goes through the connection between the two daemons; with -PeerToPeer (<c>--tunnelled</c>).</summary>
    [Parameter]
    public SwitchParameter Tunnelled { get; set; }

    /// <summary>The destination keeps a definition (<c>--persistent</c>). When left out: as on the source.</summary>
    [Parameter]
    public SwitchParameter Persistent { get; set; }

    /// <summary>Removes the definition from the source when the VM has moved (<c>--undefinesource</c>).</summary>
    [Parameter]
    public SwitchParameter UndefineSource { get; set; }

    /// <summary>Leaves the guest paused at the destination (<c>--suspend</c>).</summary>
    [Parameter]
    public SwitchParameter Suspend { get; set; }

    /// <summary>Disks that are not shared are copied: All of each, or Incremental over a base image that both hosts have (<c>--copy-storage-all</c>, <c>--copy-storage-inc</c>).</summary>
    [Parameter]
    public StorageCopy? CopyStorage { get; set; }

    /// <summary>What the guest writes to a copied disk is written at the destination at the same time (<c>--copy-storage-synchronous-writes</c>).</summary>
    [Parameter]
    public SwitchParameter SynchronousWrites { get; set; }

    /// <summary>The disks to copy, by target such as vda; all that are neither shared nor read-only when left out (<c>--migrate-disks</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VmDiskCompleter))]
    public string[]? MigrateDisk { get; set; }

    /// <summary>The copied disks whose zeroes are neither sent nor allocated (<c>--migrate-disks-detect-zeroes</c>; libvirt 10.9).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VmDiskCompleter))]
    public string[]? MigrateDiskDetectZeroes { get; set; }

    /// <summary>
    /// What the copied disks' images hold at the destination is overwritten, where no VM there names them. Asks first, unless -Confirm:$false is
    /// given. Without it such a migration is refused; an image that another VM names is never overwritten.
    /// </summary>
    [Parameter]
    public SwitchParameter Overwrite { get; set; }

    /// <summary>
    /// Treats a copied disk and its target as separate storage where that can't be verified. Asks first,
    /// unless -Confirm:$false is given. Without it such a migration is refused; storage that is known to be the same is never copied onto itself.
    /// </summary>
    [Parameter]
    public SwitchParameter AssumeSeparateStorage { get; set; }

    /// <summary>The port that the destination listens on for disks (<c>--disks-port</c>).</summary>
    [Parameter]
    public int DisksPort { get; set; }

    /// <summary>The address that disks go to: tcp://address:port or unix:///socket (<c>--disks-uri</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DisksUri { get; set; }

    /// <summary>Prevents changes to the VM's definition while it moves (<c>--change-protection</c>).</summary>
    [Parameter]
    public SwitchParameter ChangeProtection { get; set; }

    /// <summary>Skips libvirt's checks of disk caches and local disks (<c>--unsafe</c>). Asks first, unless -Confirm:$false is given.</summary>
    [Parameter]
    public SwitchParameter Unsafe { get; set; }

    /// <summary>
    /// A managed save image of the VM, which does not move with it, stays behind. Asks first, unless -Confirm:$false is given. Without it such a
    /// VM does not move.
    /// </summary>
    [Parameter]
    public SwitchParameter LeaveManagedSave { get; set; }

    /// <summary>Aborts the migration when the guest has an I/O error while it moves (<c>--abort-on-error</c>).</summary>
    [Parameter]
    public SwitchParameter AbortOnError { get; set; }

    /// <summary>The migration may go on in post-copy: by -PostCopyAfterPrecopy, -OnTimeout PostCopy, a policy, or Switch-VmMigrationPostCopy (<c>--postcopy</c>).</summary>
    [Parameter]
    public SwitchParameter PostCopy { get; set; }

    /// <summary>Switches to post-copy when all memory has been sent once (<c>--postcopy-after-precopy</c>).</summary>
    [Parameter]
    public SwitchParameter PostCopyAfterPrecopy { get; set; }

    /// <summary>The highest rate in post-copy in bytes per second, such as 100MB; libvirt counts in whole MiB/s (<c>--postcopy-bandwidth</c>).</summary>
    [Parameter]
    public long PostCopyBandwidth { get; set; }

    /// <summary>Throttles the guest's CPUs, more and more, until the migration converges (<c>--auto-converge</c>).</summary>
    [Parameter]
    public SwitchParameter AutoConverge { get; set; }

    /// <summary>The share of CPU time withheld from the guest at first, 1 to 99 percent; QEMU's default is 20 (<c>--auto-converge-initial</c>).</summary>
    [Parameter]
    public int AutoConvergeInitial { get; set; }

    /// <summary>How much the throttle rises each time it was not enough, 1 to 99 percent; QEMU's default is 10 (<c>--auto-converge-increment</c>).</summary>
    [Parameter]
    public int AutoConvergeIncrement { get; set; }

    /// <summary>The methods that memory is compressed with: mt, xbzrle, or with -Parallel zlib, zstd (<c>--compressed --comp-methods</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationChoiceCompleter))]
    public string[]? Compression { get; set; }

    /// <summary>The compression level of mt: 0 none, 1 fastest, 9 best (<c>--comp-mt-level</c>).</summary>
    [Parameter]
    public int CompressionMtLevel { get; set; }

    /// <summary>The threads that compress with mt at the source, 1 to 255 (<c>--comp-mt-threads</c>).</summary>
    [Parameter]
    public int CompressionMtThreads { get; set; }

    /// <summary>The threads that decompress with mt at the destination, 1 to 255 (<c>--comp-mt-dthreads</c>).</summary>
    [Parameter]
    public int CompressionMtDecompressionThreads { get; set; }

    /// <summary>The size of xbzrle's page cache in bytes, a power of two such as 64MB (<c>--comp-xbzrle-cache</c>).</summary>
    [Parameter]
    public long CompressionXbzrleCache { get; set; }

    /// <summary>The compression level of zlib: 0 none, 1 fastest, 9 best (<c>--comp-zlib-level</c>; libvirt 9.4).</summary>
    [Parameter]
    public int CompressionZlibLevel { get; set; }

    /// <summary>The compression level of zstd: 0 none, 1 fastest, 20 best (<c>--comp-zstd-level</c>; libvirt 9.4).</summary>
    [Parameter]
    public int CompressionZstdLevel { get; set; }

    /// <summary>The number of connections that memory goes over, 1 to 255 (multi-FD; <c>--parallel --parallel-connections</c>).</summary>
    [Parameter]
    public int Parallel { get; set; }

    /// <summary>Sends memory without copying it first; with -Parallel (<c>--zerocopy</c>).</summary>
    [Parameter]
    public SwitchParameter ZeroCopy { get; set; }

    /// <summary>Pins all memory before the migration begins; with -MigrateUri rdma://… (<c>--rdma-pin-all</c>).</summary>
    [Parameter]
    public SwitchParameter RdmaPinAll { get; set; }

    /// <summary>The highest rate in bytes per second, such as 100MB; libvirt counts in whole MiB/s (<c>--bandwidth</c>).</summary>
    [Parameter]
    public long Bandwidth { get; set; }

    /// <summary>The rate in bytes per second that QEMU can count on at switchover, where its own measure is too low (<c>--available-switchover-bandwidth</c>; libvirt 11.1).</summary>
    [Parameter]
    public long AvailableSwitchoverBandwidth { get; set; }

    /// <summary>QEMU encrypts memory and copied disks on their way, with the certificates of qemu.conf (<c>--tls</c>).</summary>
    [Parameter]
    public SwitchParameter Tls { get; set; }

    /// <summary>The name in the destination's certificate, where the source reaches it by another (<c>--tls-destination</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TlsDestination { get; set; }

    /// <summary>The address that memory is sent to, such as <c>tcp://10.0.1.2</c> or <c>rdma://10.0.1.2</c>, where the host's name does not lead there (<c>--migrateuri</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MigrateUri { get; set; }

    /// <summary>The address that the destination listens on for memory (<c>--listen-address</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ListenAddress { get; set; }

    /// <summary>Where viewers of the guest's screen connect to when it has moved, such as <c>spice://kvm2.example.com:5900</c> (<c>--graphicsuri</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? GraphicsUri { get; set; }

    /// <summary>The VM's name at the destination (<c>--dname</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NewName { get; set; }

    /// <summary>The definition that the VM runs with at the destination: a file's path, XML as text or as [xml] (<c>--xml</c>).</summary>
    [Parameter]
    [MigrationXmlTransformation]
    public MigrationXml? DestinationXml { get; set; }

    /// <summary>The definition that the destination keeps: a file's path, XML as text or as [xml] (<c>--persistent-xml</c>).</summary>
    [Parameter]
    [MigrationXmlTransformation]
    public MigrationXml? PersistentXml { get; set; }

    /// <summary>The longest downtime of the guest in milliseconds, up to 2,000,000 (<c>virsh migrate-setmaxdowntime</c>).</summary>
    [Parameter]
    [Alias("MaxDowntimeMs")]
    [ValidateRange(1, 2_000_000)]
    public long MaxDowntime { get; set; }

    /// <summary>After this many seconds -OnTimeout happens. Time in the queue does not count (<c>--timeout</c>).</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(1, int.MaxValue)]
    public int Timeout { get; set; }

    /// <summary>
    /// What happens at the timeout: Abort leaves the VM on the source, Suspend suspends the guest so that its memory can move
    /// (<c>--timeout-suspend</c>), PostCopy moves it over at once (<c>--timeout-postcopy</c>). Abort when left out; virsh suspends.
    /// </summary>
    [Parameter]
    public TimeoutAction OnTimeout { get; set; }

    /// <summary>
    /// What is done about a guest that writes faster than its memory moves: MinimalDowntime, SuspendIfNeeded, PostCopy, VeryLarge,
    /// StallDetect, the path of a .psd1 file, or an object from Get- or New-VmMigrationPolicy. Parameters override the policy.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    public object? Policy { get; set; }

    /// <summary>Each option of the table with its parameter's value, given or not.</summary>
    internal (MigrationOption Option, object? Value)[] ListOptions() =>
    [
        (MigrationOptions.Live, Live),
        (MigrationOptions.Offline, Offline),
        (MigrationOptions.PeerToPeer, PeerToPeer),
        (MigrationOptions.Direct, Direct),
        (MigrationOptions.Tunnelled, Tunnelled),
        (MigrationOptions.Persistent, Persistent),
        (MigrationOptions.UndefineSource, UndefineSource),
        (MigrationOptions.Suspend, Suspend),
        (MigrationOptions.CopyStorage, CopyStorage),
        (MigrationOptions.SynchronousWrites, SynchronousWrites),
        (MigrationOptions.MigrateDisk, MigrateDisk),
        (MigrationOptions.MigrateDiskDetectZeroes, MigrateDiskDetectZeroes),
        (MigrationOptions.Overwrite, Overwrite),
        (MigrationOptions.AssumeSeparateStorage, AssumeSeparateStorage),
        (MigrationOptions.DisksPort, DisksPort),
        (MigrationOptions.DisksUri, DisksUri),
        (MigrationOptions.ChangeProtection, ChangeProtection),
        (MigrationOptions.Unsafe, Unsafe),
        (MigrationOptions.LeaveManagedSave, LeaveManagedSave),
        (MigrationOptions.AbortOnError, AbortOnError),
        (MigrationOptions.PostCopy, PostCopy),
        (MigrationOptions.PostCopyAfterPrecopy, PostCopyAfterPrecopy),
        (MigrationOptions.PostCopyBandwidth, PostCopyBandwidth),
        (MigrationOptions.AutoConverge, AutoConverge),
        (MigrationOptions.AutoConvergeInitial, AutoConvergeInitial),
        (MigrationOptions.AutoConvergeIncrement, AutoConvergeIncrement),
        (MigrationOptions.Compression, Compression),
        (MigrationOptions.CompressionMtLevel, CompressionMtLevel),
        (MigrationOptions.CompressionMtThreads, CompressionMtThreads),
        (MigrationOptions.CompressionMtDecompressionThreads, CompressionMtDecompressionThreads),
        (MigrationOptions.CompressionXbzrleCache, CompressionXbzrleCache),
        (MigrationOptions.CompressionZlibLevel, CompressionZlibLevel),
        (MigrationOptions.CompressionZstdLevel, CompressionZstdLevel),
        (MigrationOptions.Parallel, Parallel),
        (MigrationOptions.ZeroCopy, ZeroCopy),
        (MigrationOptions.RdmaPinAll, RdmaPinAll),
        (MigrationOptions.Bandwidth, Bandwidth),
        (MigrationOptions.AvailableSwitchoverBandwidth, AvailableSwitchoverBandwidth),
        (MigrationOptions.Tls, Tls),
        (MigrationOptions.TlsDestination, TlsDestination),
        (MigrationOptions.MigrateUri, MigrateUri),
        (MigrationOptions.ListenAddress, ListenAddress),
        (MigrationOptions.GraphicsUri, GraphicsUri),
        (MigrationOptions.NewName, NewName),
        (MigrationOptions.DestinationXml, DestinationXml),
        (MigrationOptions.PersistentXml, PersistentXml),
        (MigrationOptions.MaxDowntime, MaxDowntime),
        (MigrationOptions.Timeout, Timeout),
        (MigrationOptions.OnTimeout, OnTimeout),
    ];

    /// <summary>Takes the options that were given, of any cmdlet whose parameters have their names.</summary>
    /// <param name="invocation">Tells which parameters were given.</param>
    /// <param name="values">Each option with its parameter's value.</param>
    /// <returns>The options that were given.</returns>
    internal static MigrationOptionSet ReadBound(InvocationInfo invocation, params (MigrationOption Option, object? Value)[] values) =>
        values.Where(v => v.Value is not null && invocation.BoundParameters.ContainsKey(v.Option.Name)).Aggregate(
            MigrationOptionSet.Empty, (set, v) => set.With(v.Option, v.Value is SwitchParameter given ? given.ToBool() : v.Value!));

    /// <summary>Takes the options and policy that were given, whether they go together or not.</summary>
    /// <returns>What was given.</returns>
    private protected MigrationSettings ReadSettings() =>
        new(ReadBound(MyInvocation, ListOptions()).WithImplied(), ReadPolicy());

    /// <summary>Takes the options and policy that were given and holds them to the table; ends the command where they don't go together.</summary>
    /// <returns>What was given.</returns>
    private protected MigrationSettings ReadValidSettings()
    {
        var settings = ReadSettings();
        if (EffectiveOptions.Of(settings.Policy, settings.Options).Options.Validate() is { Count: > 0 } problems)
        {
            ThrowTerminatingError(ErrorRecordFactory.Create(RequestFailures.Invalid(vm: null, problems), problems[0].Option.Name));
        }

        return settings;
    }

    /// <summary>Warns of ids that skip nothing: a check that is to be skipped and is not would come as a surprise.</summary>
    /// <param name="ids">The ids.</param>
    private protected void WarnOfUnknownChecks(IEnumerable<string> ids)
    {
        const string Parameter = nameof(StartVmMigrationCommand.SkipCheck);
        foreach (var id in ids.Where(id => !ReadinessCheck.IsKnown(id)))
        {
            WriteWarning($"-{Parameter} skips nothing: there is no check '{id}'. Tab completes the ids; Get-Help about_VmMigrationReadiness lists them.");
        }

        foreach (var id in ids.Where(id => ReadinessCheck.Find(id) is { ProtectsData: true }))
        {
            WriteWarning($"-{Parameter} can't skip '{id}', which protects data. Its finding names the option that overrides it, if there is one.");
        }
    }

    private MigrationPolicy? ReadPolicy()
    {
        try
        {
            return PolicyArgument.Resolve(Policy, SessionState.Path);
        }
        catch (MigrationException e)
        {
            ThrowTerminatingError(ErrorRecordFactory.Create(e, Policy));
            throw;
        }
    }
}
