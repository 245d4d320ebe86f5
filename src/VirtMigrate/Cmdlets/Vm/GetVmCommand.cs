using System.Collections.Concurrent;
using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Hypervisor;
using VirtMigrate.Model;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Gets the VMs of one or more libvirt hosts.
/// <para>
/// Follows <c>virsh list --all</c> with <c>virsh dominfo</c> (virConnectListAllDomains, virConnectGetAllDomainStats). Several
/// hosts are read side by side. A name without wildcards that none of the hosts knows is an error that ends nothing.
/// </para>
/// </summary>
[Cmdlet(VerbsCommon.Get, "Vm", DefaultParameterSetName = NameSet)]
[OutputType(typeof(Vm))]
public sealed class GetVmCommand : SessionCmdlet
{
    private const string NameSet = "Name";
    private const string InputObjectSet = "InputObject";

    private readonly List<(HostConnection Host, VmQuery Query)> _queries = [];

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

    /// <summary>VMs to read anew, each on its own host: Vm objects, or results and jobs, which name the host where their VM is now.</summary>
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

        var query = new VmQuery(Name, Uuid, State);
        _queries.AddRange(FindConnections(VmHost).Select(host => (host, query)));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var missing = new ConcurrentDictionary<string, bool>(
            _queries.SelectMany(q => q.Query.Wanted).Distinct(StringComparer.Ordinal).Select(w => KeyValuePair.Create(w, true)),
            StringComparer.Ordinal);
        Run((queue, cancellationToken) => OrderedWork.WriteAsync(
            _queries.GroupBy(q => q.Host)
                .Select(host => ReadAsync(host.Key, [.. host.Select(q => q.Query)], missing, cancellationToken)).ToList(),
            reading =>
            {
                queue.WriteObject(reading.Vms);
                if (reading.Error is not null)
                {
                    queue.WriteError(reading.Error);
                }
            }));

        foreach (var wanted in missing.Keys.Order(StringComparer.Ordinal))
        {
            var host = _queries.Where(q => q.Query.Wanted.Contains(wanted, StringComparer.Ordinal)).Select(q => q.Host).First();
            WriteError(ErrorRecordFactory.Create(new VmNotFoundException(wanted, host.Address), wanted));
        }
    }

    private static async Task<(IReadOnlyList<Vm> Vms, ErrorRecord? Error)> ReadAsync(HostConnection host,
        IReadOnlyList<VmQuery> queries, ConcurrentDictionary<string, bool> missing, CancellationToken cancellationToken)
    {
        var vms = new List<Vm>();
        try
        {
            foreach (var query in queries)
            {
                var found = await query.FindAsync(host, cancellationToken).ConfigureAwait(false);
                foreach (var wanted in query.Wanted.Where(w => found.Any(vm => VmQuery.Is(vm, w))))
                {
                    missing.TryRemove(wanted, out _);
                }

                vms.AddRange(found.Where(query.HasState));
            }

            return (vms, null);
        }
        catch (HypervisorException e)
        {
            // The host could not be asked; whether it has what is wanted is open.
            foreach (var wanted in queries.SelectMany(q => q.Wanted))
            {
                missing.TryRemove(wanted, out _);
            }

            return (vms, ErrorRecordFactory.Create(e, host.Address.Uri));
        }
    }
}
