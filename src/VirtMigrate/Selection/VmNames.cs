using System.Collections.Concurrent;
using System.Management.Automation;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;

namespace VirtMigrate.Selection;

/// <summary>What a text that names VMs turns out to be.</summary>
internal enum VmNameKind
{
    /// <summary>No VM's name, and no wildcard.</summary>
    Unknown,

    /// <summary>The name of one VM, of which several hosts may know.</summary>
    Name,

    /// <summary>A wildcard, which may match any number of VMs, or none.</summary>
    Pattern,

    /// <summary>The names of several VMs that differ from it, and from each other, in case only.</summary>
    Ambiguous,

    /// <summary>The name of a VM of another host.</summary>
    Elsewhere,

    /// <summary>A wildcard that matches VMs here, unless it is the name of a VM of a host that could not be asked.</summary>
    Undecided,
}

/// <summary>
/// The one rule by which a text names VMs. The name of a VM is that VM, whatever characters are in it: in its own case first, else in any. Only
/// what no VM is called, here or on another connected host, is read as a wildcard.
/// </summary>
/// <param name="Kind">What the text is.</param>
/// <param name="Names">The names that it stands for; of no VM that is meant where it is ambiguous, elsewhere or undecided.</param>
internal sealed record VmNameChoice(VmNameKind Kind, IReadOnlySet<string> Names)
{
    /// <summary>Whether the text is a VM's name letter by letter, so that no other host has a say in it.</summary>
    public bool IsExact { get; private init; }

    /// <summary>
    /// Whether a text could be the name of a VM and be taken for a wildcard that matches others: people name VMs with brackets, and not with
    /// * or ?.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it has brackets and is no plain name.</returns>
    public static bool IsDeceptive(string text) => IsPattern(text) && text.Contains('[', StringComparison.Ordinal);

    /// <summary>Whether a text has wildcards that are not escaped by a backtick.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it has.</returns>
    public static bool IsPattern(string text) => WildcardPattern.ContainsWildcardCharacters(text);

    /// <summary>Decides what a text stands for.</summary>
    /// <param name="text">What the user typed, or what an object has for a name.</param>
    /// <param name="here">The names of the VMs that it may stand for.</param>
    /// <param name="elsewhere">The names of other VMs, which it must not be where it is read as anything but a name letter by letter.</param>
    /// <param name="isComplete">Whether all hosts said what VMs they have.</param>
    /// <returns>The choice.</returns>
    public static VmNameChoice Of(string text, IEnumerable<string> here, IEnumerable<string>? elsewhere = null, bool isComplete = true)
    {
        var names = here.ToHashSet(StringComparer.Ordinal);
        var others = elsewhere?.ToHashSet(StringComparer.Ordinal) ?? [];

        // What PowerShell's users escape (win10 `[prod`]) is a name as well.
        string[] readings = IsPattern(text) ? [text] : [.. new[] { text, WildcardPattern.Unescape(text) }.Distinct(StringComparer.Ordinal)];
        foreach (var reading in readings.Where(names.Contains))
        {
            return new(VmNameKind.Name, Set(reading)) { IsExact = true };
        }

        foreach (var reading in readings.Where(others.Contains))
        {
            return new(VmNameKind.Elsewhere, Set(reading));
        }

        var alike = Alike(names, readings);
        if (alike.Count > 0)
        {
            return new(alike.Count == 1 ? VmNameKind.Name : VmNameKind.Ambiguous, alike);
        }

        var alikeElsewhere = Alike(others, readings);
        if (alikeElsewhere.Count > 0)
        {
            return new(VmNameKind.Elsewhere, alikeElsewhere);
        }

        if (!IsPattern(text))
        {
            return new(VmNameKind.Unknown, Set());
        }

        var pattern = WildcardPattern.Get(text, WildcardOptions.IgnoreCase);
        var matches = Set([.. names.Where(pattern.IsMatch)]);
        return new(matches.Count > 0 && !isComplete && IsDeceptive(text) ? VmNameKind.Undecided : VmNameKind.Pattern, matches);
    }

    /// <summary>Whether a VM is meant.</summary>
    /// <param name="name">The VM's name.</param>
    /// <returns>True when it is.</returns>
    public bool Includes(string name) => Kind is VmNameKind.Name or VmNameKind.Pattern && Names.Contains(name);

    private static HashSet<string> Set(params string[] names) => names.ToHashSet(StringComparer.Ordinal);

    private static HashSet<string> Alike(HashSet<string> names, string[] readings) =>
        Set([.. names.Where(n => readings.Contains(n, StringComparer.OrdinalIgnoreCase))]);
}

/// <summary>
/// Decides what one command's names stand for, with regard to the VMs of the other connected hosts. Each of these is asked once, and only where
/// a name is not found letter by letter.
/// </summary>
/// <param name="connections">The session's hosts.</param>
internal sealed class VmNames(HostConnections connections)
{
    private readonly ConcurrentDictionary<HostConnection, Lazy<Task<IReadOnlyList<Vm>>>> _others = [];

    /// <summary>Decides what a text stands for.</summary>
    /// <param name="text">The text.</param>
    /// <param name="here">The names of the VMs that it may stand for.</param>
    /// <param name="asked">The hosts whose VMs these are.</param>
    /// <param name="unasked">Why one of these could not be asked; null where all were.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The choice, and the error to report where it is none; null where it is one.</returns>
    public async Task<(VmNameChoice Choice, HypervisorException? Refusal)> ChooseAsync(
        string text,
        IReadOnlyCollection<string> here,
        IReadOnlyCollection<HostConnection> asked,
        HypervisorException? unasked,
        CancellationToken cancellationToken)
    {
        var choice = VmNameChoice.Of(text, here);
        if (choice.IsExact)
        {
            return (choice, null);
        }

        // A host that is down keeps nobody waiting for web*, but may hold the very VM that is called win10 [prod].
        var others = await ListOthersAsync(asked, VmNameChoice.IsDeceptive(text), cancellationToken).ConfigureAwait(false);
        var failure = unasked ?? others.Failure;
        choice = VmNameChoice.Of(text, here, others.Vms.Select(vm => vm.Name), failure is null);
        return (choice, choice.Kind switch
        {
            VmNameKind.Unknown => new VmNotFoundException(text, AddressOf(asked)),
            VmNameKind.Elsewhere => new VmNotFoundException(text, AddressOf(asked), [.. others.Vms.Where(vm => choice.Names.Contains(vm.Name))]),
            VmNameKind.Ambiguous => HypervisorException.NameAmbiguous(text, [.. choice.Names.Order(StringComparer.Ordinal)]),
            VmNameKind.Undecided => failure,
            _ => null,
        });
    }

    /// <summary>Finds where a VM that is not active on its host is active.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="host">Its host.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The VM as another connected host has it; null where none of those that answer has it active.</returns>
    public async Task<Vm?> FindActiveAsync(Vm vm, HostConnection host, CancellationToken cancellationToken)
    {
        var others = await ListOthersAsync([host], reopen: false, cancellationToken).ConfigureAwait(false);
        return others.Vms.FirstOrDefault(other => other.Uuid == vm.Uuid && other.IsActive);
    }

    private static HostAddress AddressOf(IReadOnlyCollection<HostConnection> asked) => asked.FirstOrDefault()?.Address ?? HostAddresses.DefaultSource;

    private static Task<IReadOnlyList<Vm>> ListAsync(HostConnection host, CancellationToken cancellationToken) =>
        host.ReadAsync(h => h.ListVmsAsync(cancellationToken), cancellationToken);

    private async Task<(IReadOnlyList<Vm> Vms, HypervisorException? Failure)> ListOthersAsync(
        IReadOnlyCollection<HostConnection> asked, bool reopen, CancellationToken cancellationToken)
    {
        var hosts = connections.Opened.Where(c => (reopen || c.IsAlive) && !asked.Any(c.IsSameHost)).ToList();
        var lists = hosts.ConvertAll(c => _others.GetOrAdd(c, h => new(() => Task.Run(() => ListAsync(h, cancellationToken)))).Value);
        var vms = new List<Vm>();
        HypervisorException? failure = null;
        foreach (var list in lists)
        {
            try
            {
                vms.AddRange(await list.ConfigureAwait(false));
            }
            catch (HypervisorException e)
            {
                failure ??= e;
            }
        }

        return (vms, failure);
    }
}
