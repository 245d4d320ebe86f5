using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Readiness;

namespace VirtMigrate.Planning;

/// <summary>Brings migrations that are thought of together with what is known of their VMs, hosts and the ways between.</summary>
internal sealed class CheckContexts(ReadinessSelection selection, HostCache cache, CancellationToken cancellationToken)
{
    private readonly Dictionary<HostConnection, HostFacts> _hosts = [];
    private readonly Dictionary<HostConnection, IReadOnlyDictionary<string, HostFacts>> _others = [];
    private readonly CachedProbe _client = new(new SocketProbe());

    /// <summary>Tells a host as it describes itself, else by its address.</summary>
    public static VmHost Describe(HostConnection host)
    {
        return host.Host ?? VmHost.Unreached(host.Address);
    }

    /// <summary>Opens the hosts of migrations. One that can't be opened says so when it is asked; the others know it by its address.</summary>
    public async Task OpenAsync(IReadOnlyList<MigrationRequest> requests, bool keepCapacity)
    {
        var vms = requests.Select(r => r.Vm.Uuid).Distinct().ToArray();
        foreach (var host in requests.SelectMany(r => new[] { r.Source, r.Destination }).Distinct())
        {
            _hosts.TryAdd(host, cache.Open(host, vms, keepCapacity, cancellationToken));
        }

        await Task.WhenAll(_hosts.Values.Select(h => (Task)h.GetHostAsync())).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>What is known of the VM of a migration whose hosts have been opened.</summary>
    public VmFacts Facts(MigrationRequest request)
    {
        return new(request.Vm, _hosts[request.Source]);
    }

    /// <summary>What is known of a migration whose hosts have been opened.</summary>
    public CheckContext Get(MigrationRequest request, IReadOnlyList<VmFacts> ahead)
    {
        var (options, trouble) = Settle(request);
        return new()
        {
            Vm = Facts(request),
            Source = _hosts[request.Source],
            Destination = _hosts[request.Destination],
            OtherHosts = Others(request.Source),
            DestinationName = new(Describe(request.Destination).Name),
            Options = options,
            OptionTrouble = trouble,
            Policy = request.Policy,
            Ahead = ahead,
            Client = _client,
            Selection = selection,
        };
    }

    // Where the options do not fit, what was given is gone by.
    private static (MigrationOptionSet Options, MigrationException? Trouble) Settle(MigrationRequest request)
    {
        try
        {
            var effective = request.Effective
                ?? EffectiveOptions.Of(request.Policy, EffectiveOptions.ForVm(request.Options, request.Vm), request.Source.Host, request.Destination.Host);
            return (effective.Options, null);
        }
        catch (MigrationException e)
        {
            return (request.Options, e);
        }
    }

    private IReadOnlyDictionary<string, HostFacts> Others(HostConnection source)
    {
        if (!_others.TryGetValue(source, out var others))
        {
            others = cache.OpenOthers(source, cancellationToken);
            _others.Add(source, others);
        }

        return others;
    }
}
