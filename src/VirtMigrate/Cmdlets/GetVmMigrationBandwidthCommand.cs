using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Gets the bandwidth that completed migrations of this session achieved between their hosts, on which estimates of later ones are based.
/// <para>
/// Asks no host. To keep the records for another session, pipe them to Export-Csv, Export-Clixml or ConvertTo-Json; what is read back from
/// those is taken wherever records are.
/// </para>
/// </summary>
[Cmdlet(VerbsCommon.Get, "VmMigrationBandwidth")]
[OutputType(typeof(VmMigrationBandwidth))]
public sealed class GetVmMigrationBandwidthCommand : SessionCmdlet
{
    /// <summary>Only migrations from these hosts: names with wildcards, URIs of connected hosts, or objects.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(VmHostCompleter))]
    public string[]? Source { get; set; }

    /// <summary>Only migrations to these hosts: names with wildcards, URIs of connected hosts, or objects.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(VmHostCompleter))]
    public string[]? Destination { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (sources, destinations) = (Names(Source), Names(Destination));
        WriteObject(
            Session.History.Records.Where(r => IsAmong(sources, r.Source) && IsAmong(destinations, r.Destination)), enumerateCollection: true);
    }

    private static bool IsAmong(IReadOnlyCollection<WildcardPattern>? names, string host) => names is null || names.Any(n => n.IsMatch(host));

    // Records know hosts by their names. The session's connections know which URI is whose.
    private IReadOnlyCollection<WildcardPattern>? Names(string[]? hosts) => hosts is null ? null :
    [
        .. hosts.Concat(hosts.SelectMany(h => VmHostPattern.Find(Connections, h)).Select(c => WildcardPattern.Escape(c.Name)))
            .Select(h => WildcardPattern.Get(h, WildcardOptions.IgnoreCase)),
    ];
}
