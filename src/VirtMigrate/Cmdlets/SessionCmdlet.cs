using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;
using VirtMigrate.Selection;
using VirtMigrate.Session;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// A cmdlet that uses the hosts that its PowerShell session is connected to, and whose work runs on tasks. It never leaves before its
/// work has ended: not at Ctrl+C, not when a command downstream has had enough, not when writing an error ends the pipeline.
/// </summary>
public abstract class SessionCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private ModuleSession? _session;

    /// <summary>What this PowerShell session keeps between commands.</summary>
    private protected ModuleSession Session => _session ?? throw new InvalidOperationException("The command has not begun.");

    /// <summary>The hosts that this PowerShell session is connected to.</summary>
    private protected HostConnections Connections => Session.Connections;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Only the pipeline thread knows its runspace; the tasks do not.
        _session = ModuleSession.Current;
        base.BeginProcessing();
    }

    /// <summary>Cancels the work; the pipeline thread then waits for its end.</summary>
    protected override void StopProcessing() => _stopping.Cancel();

    /// <summary>Frees what the cmdlet holds.</summary>
    /// <param name="disposing">Whether this is a deliberate disposal.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
        }
    }

    /// <summary>Runs work on a task and writes what it hands over, until it has ended.</summary>
    /// <param name="work">The work.</param>
    private protected void Run(Func<PipelineQueue, CancellationToken, Task> work)
    {
        // A cmdlet that was stopped and disposed of in between has no token to give.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using var queue = new PipelineQueue();
        var task = Task.Run(() => RunToCompletionAsync(work, queue, stopping.Token));
        try
        {
            queue.WriteAllTo(this);
        }
        catch
        {
            // The pipeline is ending (PipelineStoppedException and its kin): first the work has to end.
            stopping.Cancel();
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
            throw;
        }

        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Runs work that has a result.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">The work.</param>
    /// <returns>The result.</returns>
    private protected T Get<T>(Func<PipelineQueue, CancellationToken, Task<T>> work)
    {
        T result = default!;
        Run(async (queue, cancellationToken) => result = await work(queue, cancellationToken).ConfigureAwait(false));
        return result;
    }

    /// <summary>Finds the connections to hosts that the user named, or to the default source where none was named.</summary>
    /// <param name="hosts">Connected hosts' names, URIs or bare hosts. A text that is no host's address is reported and left out.</param>
    /// <returns>The connections, open or not, each once.</returns>
    private protected IReadOnlyList<HostConnection> FindConnections(IReadOnlyCollection<string>? hosts)
    {
        if (hosts is not { Count: > 0 })
        {
            return [Connections.Get(HostAddresses.DefaultSource)];
        }

        var found = new List<HostConnection>();
        foreach (var host in hosts)
        {
            try
            {
                found.Add(Connections.Get(host));
            }
            catch (HypervisorException e) when (e.Failure == HostFailures.AddressInvalid)
            {
                WriteError(ErrorRecordFactory.Create(e, e.Facts.Vm));
            }
        }

        return [.. found.Distinct()];
    }

    /// <summary>Finds the connected hosts that texts name, and reports a plain name that no connected host has.</summary>
    /// <param name="texts">Names, addresses or patterns.</param>
    /// <returns>The connections.</returns>
    private protected IEnumerable<HostConnection> FindConnected(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            var found = VmHostPattern.Find(Connections, text);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(text))
            {
                WriteError(ErrorRecordFactory.HostNotConnected(text));
            }

            foreach (var connection in found)
            {
                yield return connection;
            }
        }
    }

    /// <summary>Finds a migration of this session that ends with a connection, since it runs over it.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>The VM's name; null where there is none.</returns>
    private protected string? FindMigration(HostConnection connection) => Session.Registry.Current
        .Where(c => ReferenceEquals(c.Request.Source, connection) || ReferenceEquals(c.Request.Destination, connection))
        .Select(c => c.Request.Vm.Name)
        .FirstOrDefault();

    private static async Task RunToCompletionAsync(
        Func<PipelineQueue, CancellationToken, Task> work, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            await work(queue, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            queue.Complete();
        }
    }
}

/// <summary>A cmdlet that takes VMs, wherever they are.</summary>
public abstract class VmCmdlet : SessionCmdlet
{
    /// <summary>The VMs: names with wildcards, UUIDs, Vm objects, or any other object of this module that names a VM.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [VmTransformation]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmSelector[] Vm { get; set; } = [];

    /// <summary>
    /// The host that the VMs are on, or leave, or left, for VMs given by name. An object's own host takes precedence. When left out, the
    /// default source: LIBVIRT_DEFAULT_URI, else <c>qemu:///system</c>.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Source")]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string? VmHost { get; set; }
}

/// <summary>A cmdlet that acts on migrations under way, whoever started them.</summary>
public abstract class MigrationJobCmdlet : SessionCmdlet
{
    private MigrationJobMonitor? _monitor;

    /// <summary>The migrations: objects from Get-VmMigrationJob or Start-VmMigration -AsJob, or VMs by name, wildcard, UUID or object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [VmTransformation]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmSelector[] Vm { get; set; } = [];

    /// <summary>The hosts to ask. All connected hosts when left out.</summary>
    [Parameter]
    [Alias("Source")]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(VmHostCompleter))]
    public string[]? VmHost { get; set; }

    /// <summary>What has come down the pipeline so far.</summary>
    private protected List<VmSelector> Selectors { get; } = [];

    /// <summary>Sees and follows migrations.</summary>
    private protected MigrationJobMonitor Monitor => _monitor ??= new(Session.Connections, Session.Registry);

    /// <summary>Changes and ends migrations.</summary>
    private protected MigrationJobSteering Controller => new(Session.Connections, Monitor);

    /// <inheritdoc/>
    protected override void ProcessRecord() => Selectors.AddRange(Vm);

    /// <summary>Finds the migrations that selectors name, and reports what can't be found.</summary>
    /// <param name="selectors">The selectors.</param>
    /// <returns>The migrations, each once.</returns>
    private protected IReadOnlyList<VmMigrationJobInfo> FindJobs(IReadOnlyCollection<VmSelector> selectors)
    {
        var hosts = VmHost is null ? null : FindConnections(VmHost);
        return Get((queue, cancellationToken) => new MigrationJobFinder(Session, hosts, queue.WriteError).FindAsync(selectors, cancellationToken));
    }
}
