using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Gets the VMs of one or more libvirt hosts.
/// <para>
/// Follows <c>virsh list --all</c> with <c>virsh dominfo</c> (virConnectListAllDomains, virConnectGetAllDomainStats). Several
/// hosts are read in parallel. A name without wildcards that none of the hosts knows is an error that ends nothing.
/// </para>
/// </summary>
[Cmdlet(VerbsCommon.Get, "Vm", DefaultParameterSetName = NameSet)]
[OutputType(typeof(Vm))]
public sealed class GetVmCommand : SessionCmdlet
{
    private const string NameSet = "Name";
    private const string InputObjectSet = "InputObject";

    private readonly List<(HostConnection Host, VmQuery Query)> _queries = [];
    private VmQuery? _query;

    /// <summary>Names, with wildcards. All VMs when left out.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [Alias("Vm")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Only VMs in one of these states.</summary>
    [Parameter]
    public VmState[]? State { get; set; }

    /// <summary>Only VMs with one of these UUIDs.</summary>
    [Parameter(ParameterSetName = NameSet)]
    public Guid[]? Uuid { get; set; }

    /// <summary>The hosts to read. The default source when left out: LIBVIRT_DEFAULT_URI, else <c>qemu:///system</c>.</summary>
    [Parameter(ParameterSetName = NameSet, ValueFromPipeline = true)]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string[]? VmHost { get; set; }

    /// <summary>VMs to read again, each on its own host: Vm objects, or results and jobs, which name the host where their VM is now.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    public IVmReference[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName is InputObjectSet)
        {
            _queries.AddRange(InputObject.Select(vm => (Connections.Get(vm.GetLookupHost().Uri), new VmQuery(null, [vm.Uuid], State))));
            return;
        }

        // Hosts come by the pipeline, names do not.
        _query ??= new(Name, Uuid, State);
        _queries.AddRange(FindConnections(VmHost).Select(host => (host, _query)));
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(async (queue, cancellationToken) =>
    {
        var groups = _queries.GroupBy(q => q.Host).ToList();
        var readings = groups.ConvertAll(host => ReadAsync(host.Key, [.. host.Select(q => q.Query).Distinct()], cancellationToken));
        var names = ChooseAsync(readings, cancellationToken);
        await PipelineQueue.InOrderAsync(readings.ConvertAll(reading => TakeAsync(reading, names)), told =>
        {
            queue.WriteObject(told.Vms);
            if (told.Error is not null)
            {
                queue.WriteError(told.Error);
            }
        }).ConfigureAwait(false);
        foreach (var error in (await names.ConfigureAwait(false)).Errors)
        {
            queue.WriteError(error);
        }
    });

    private static async Task<Reading> ReadAsync(HostConnection host, IReadOnlyList<VmQuery> queries, CancellationToken cancellationToken)
    {
        try
        {
            var answers = new List<(VmQuery Query, IReadOnlyList<Vm> Vms)>();
            foreach (var query in queries)
            {
                answers.Add((query, await query.ReadAsync(host, cancellationToken).ConfigureAwait(false)));
            }

            return new(host, answers, null);
        }
        catch (HypervisorException e)
        {
            return new(host, [], e);
        }
    }

    // A host's VMs are written as soon as it has told them, unless what a name stands for depends on the other hosts, too.
    private static async Task<(IReadOnlyList<Vm> Vms, ErrorRecord? Error)> TakeAsync(
        Task<Reading> reading, Task<(IReadOnlyList<VmNameChoice> Choices, IReadOnlyList<ErrorRecord> Errors)> names)
    {
        var told = await reading.ConfigureAwait(false);
        var vms = new List<Vm>();
        foreach (var (query, candidates) in told.Answers)
        {
            vms.AddRange(query.Take(candidates, query.Names.Count > 0 ? (await names.ConfigureAwait(false)).Choices : []));
        }

        return (vms, told.Failure is { } failure ? ErrorRecordFactory.Create(failure, told.Host.Address.Uri) : null);
    }

    private async Task<(IReadOnlyList<VmNameChoice> Choices, IReadOnlyList<ErrorRecord> Errors)> ChooseAsync(
        IReadOnlyList<Task<Reading>> readings, CancellationToken cancellationToken)
    {
        var told = await Task.WhenAll(readings).ConfigureAwait(false);
        HostConnection[] hosts = [.. told.Select(t => t.Host)];
        var unasked = told.Select(t => t.Failure).FirstOrDefault(f => f is not null);
        var found = told.SelectMany(t => t.Answers).SelectMany(a => a.Vms).ToList();
        var errors = new List<ErrorRecord>();

        // A host that could not be asked may have what is wanted.
        var open = told.Where(t => t.Failure is not null).Select(t => t.Host).ToHashSet();
        var answered = _queries.GroupBy(q => q.Query).Where(q => !q.Any(a => open.Contains(a.Host))).Select(q => q.First());
        foreach (var (uuid, host) in answered.SelectMany(q => q.Query.MissingUuids(found).Select(uuid => (uuid, q.Host))).DistinctBy(m => m.uuid))
        {
            errors.Add(ErrorRecordFactory.Create(new VmNotFoundException(uuid.ToString(), host.Address), uuid.ToString()));
        }

        var choices = new List<VmNameChoice>();
        string[] candidates = [.. found.Select(vm => vm.Name)];
        var finder = new VmNames(Connections);
        foreach (var name in _query?.Names ?? [])
        {
            if (_query!.HasUuids)
            {
                choices.Add(VmNameChoice.Of(name, candidates));
                continue;
            }

            var (choice, refusal) = await finder.ChooseAsync(name, candidates, hosts, unasked, cancellationToken).ConfigureAwait(false);
            choices.Add(choice);
            if (refusal is not null && (unasked is null || choice.Kind == VmNameKind.Ambiguous))
            {
                errors.Add(ErrorRecordFactory.Create(refusal, name));
            }
        }

        return (choices, errors);
    }

    private sealed record Reading(HostConnection Host, IReadOnlyList<(VmQuery Query, IReadOnlyList<Vm> Vms)> Answers, HypervisorException? Failure);
}
