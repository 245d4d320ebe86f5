using System.Xml;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Xml;

namespace VirtMigrate.Planning;

/// <summary>One VM's migration to one destination, with what is known of VM and hosts: all that a check looks at.</summary>
internal sealed class CheckContext
{
    private readonly FactCache _found = new(keepsFailures: false);

    public required VmFacts Vm { get; init; }

    public required HostFacts Source { get; init; }

    public required HostFacts Destination { get; init; }

    /// <summary>The session's other connected hosts by their names, the destination among them where it is connected.</summary>
    public IReadOnlyDictionary<string, HostFacts> OtherHosts { get; init; } = new Dictionary<string, HostFacts>(StringComparer.OrdinalIgnoreCase);

    public CommandWord VmName => new(Vm.Vm.Name);

    public CommandWord SourceName => new(Vm.Vm.VmHost.Name);

    /// <summary>The destination's own name where it could be reached, else the one in its address.</summary>
    public required CommandWord DestinationName { get; init; }

    public CommandWord SourceUri => new(Source.Address.Uri);

    public CommandWord DestinationUri => new(Destination.Address.Uri);

    /// <summary>The options, as far as they could be settled for this VM.</summary>
    public required MigrationOptionSet Options { get; init; }

    /// <summary>Why the options can't be settled for this VM; null where they can.</summary>
    public MigrationException? OptionTrouble { get; init; }

    public MigrationPolicy? Policy { get; init; }

    /// <summary>The VMs that take their share of the destination before this one: those before it in the batch, or those on their way there.</summary>
    public IReadOnlyList<VmFacts> Ahead { get; init; } = [];

    /// <summary>This computer's view of the network.</summary>
    public required INetworkProbe Client { get; init; }

    /// <summary>The best view of the way that memory takes: the source's own, else this computer's.</summary>
    public INetworkProbe BestProbe => Source.Probe ?? Client;

    public ReadinessSelection Selection { get; init; } = new();

    /// <summary>Whether the VM moves with its memory.</summary>
    public bool IsLive => Vm.Vm.Status.IsActive;

    public string NameAtDestination => Options.Text(MigrationOptions.NewName) ?? Vm.Vm.Name;

    /// <summary>Which of the disks are copied.</summary>
    public DiskCopies Copies => new(Options);

    /// <summary>What is evidence of <see cref="GetArrivingDefinitionAsync"/>: <c>domain XML</c>, or the option that gave another.</summary>
    public string DefinitionOrigin => GivenDefinition is null ? "domain XML" : "-DestinationXml";

    private DomainDefinition? GivenDefinition
    {
        get
        {
            if (Options.Enabled.FirstOrDefault(o => o.Key == MigrationOptions.DestinationXml).Value is not MigrationXml xml)
            {
                return null;
            }

            try
            {
                return new(xml.Text);
            }
            catch (XmlException)
            {
                // Libvirt will say so; what the guest has now is the best that can be looked at.
                return null;
            }
        }
    }

    /// <summary>The definition that the VM has at the destination: the one that was given for it (-DestinationXml), else the VM's own.</summary>
    public async Task<DomainDefinition> GetArrivingDefinitionAsync() => GivenDefinition ?? await Vm.GetDefinitionAsync().ConfigureAwait(false);

    /// <summary>The disks that the migration copies, and what the destination has to copy them into; empty where nothing is copied.</summary>
    public Task<IReadOnlyList<CopiedDisk>> FindCopiedDisksAsync(CancellationToken cancellationToken) =>
        _found.GetAsync(nameof(FindCopiedDisksAsync), ct => CopiedDisk.FindAsync(this, ct), cancellationToken);

    /// <summary>Asks the destination what it has for a kind of guest.</summary>
    /// <exception cref="HypervisorException">The destination can't be asked.</exception>
    public async Task<(DomainCapabilities? Offer, HypervisorException? Refusal)> OfferAsync(GuestKind kind)
    {
        try
        {
            return (await Destination.GetDomainCapabilitiesAsync(kind).ConfigureAwait(false), null);
        }
        catch (HypervisorException e) when (e.Failure == HostFailures.LibvirtError && e.Error is not null)
        {
            // Trouble on the way to the host, and calls that it does not know, have reasons of their own.
            return (null, e);
        }
    }
}

/// <summary>Which checks are made, and how strictly.</summary>
internal sealed record ReadinessSelection
{
    /// <summary>Stands for all checks in a list of those to skip.</summary>
    public const string All = "All";

    /// <summary>The categories to look at; empty for all.</summary>
    public IReadOnlyCollection<ReadinessCategory> Categories { get; init; } = [];

    /// <summary>The ids of checks to leave out, in any case.</summary>
    public IReadOnlyCollection<string> Skip { get; init; } = [];

    /// <summary>Whether only those checks are made that Start-VmMigration makes by itself.</summary>
    public bool QuickOnly { get; init; }

    /// <summary>Whether what can't be verified counts as an obstacle.</summary>
    public bool IsStrict { get; init; }

    /// <summary>How long to measure each running VM's dirty rate; null to go by the last measured one.</summary>
    public TimeSpan? DirtyRatePeriod { get; init; }
}

/// <summary>Brings migrations that are thought of together with what is known of their VMs, hosts and the ways between.</summary>
internal sealed class CheckContexts(ReadinessSelection selection, HostCache cache, CancellationToken cancellationToken)
{
    private readonly Dictionary<HostConnection, HostFacts> _hosts = [];
    private readonly Dictionary<HostConnection, IReadOnlyDictionary<string, HostFacts>> _others = [];
    private readonly CachedProbe _client = new(new SocketProbe());

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
            DestinationName = new(request.Destination.Described.Name),
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
