using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Policies;
using VirtMigrate.Readiness;

namespace VirtMigrate.Errors;

/// <summary>What an error's message and advice can name.</summary>
/// <param name="Vm">The VM, or the text that was to name something.</param>
/// <param name="Host">The host that the error came from, or the one that the VM is on.</param>
/// <param name="Message">What libvirt or the core said.</param>
/// <param name="Destination">The host that the VM was to reach.</param>
internal sealed record ErrorFacts(string? Vm, string? Host, string Message, string? Destination)
{
    /// <summary>The URI of <see cref="Host"/>, where it is known.</summary>
    public string? Uri { get; init; }

    /// <summary>The URI of <see cref="Destination"/>, where it is known.</summary>
    public string? DestinationUri { get; init; }

    /// <summary>
    /// What libvirt named last between quotes: the file, network, pool or port that is missing. Else one of the names in question, or a UUID.
    /// </summary>
    public string? Named { get; init; }

    /// <summary>The ids of the checks that found something in a migration's way.</summary>
    public string? Obstacles { get; init; }

    /// <summary>What is put in as it is: what to do about each obstacle, or what else belongs to a command.</summary>
    public string? Extra { get; init; }

    /// <summary>Gathers the facts of an error.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="target">What it is about.</param>
    /// <returns>The facts.</returns>
    public static ErrorFacts Of(Exception exception, object? target) =>
        new(NameVm(exception, target), NameHost(exception, target), Tell(exception), NameDestination(exception))
        {
            Uri = FindUri(exception, target),
            DestinationUri = exception switch
            {
                MigrationEndedException ended => ended.Verification.Destination.Uri,
                VmRunsElsewhereException runs => runs.Active.VmHost.Uri,
                VmNotFoundException { Elsewhere: [var first, ..] } => first.VmHost.Uri,
                _ => null,
            },
            Extra = exception switch
            {
                VmNotReadyException refused => string.Join(' ', refused.Readiness.Obstacles.Select(o => o.Recommendation).OfType<string>()),
                VmRunsElsewhereException { Destination.Uri: var uri } => $" -Destination {PowerShellWord.Quote(uri)}",
                _ => null,
            },
            Obstacles = exception is VmNotReadyException { Readiness.Obstacles: var obstacles } ? string.Join(',', obstacles.Select(o => o.Id)) : null,
            Named = exception switch
            {
                MigrationFailedException { InnerException.Message: { } said } => FindNamed(said),
                VmNameAmbiguousException { Names: [var name, ..] } => name,
                VmRunsElsewhereException runs => runs.Active.Uuid.ToString(),
                _ => null,
            },
        };

    /// <summary>The facts in the order in which the messages number them.</summary>
    /// <returns>The values for the places {0} to {3}.</returns>
    public object?[] ToArray() => [Vm, Host, Message, Destination];

    /// <summary>The facts as advice uses them, in commands that can be pasted.</summary>
    /// <returns>
    /// The values for the places {0} to {9}: the VM, the host, what was said, the destination, the host's URI, the VM again, the destination's
    /// URI, what is missing, what is put in as it is and the obstacles' ids. Names are quoted as the commands need it.
    /// </returns>
    public object?[] ToAdvice() =>
    [
        new CommandWord(Vm), new CommandWord(Host), Message, new CommandWord(Destination),
        new CommandWord(Uri ?? Host), new CommandWord(Vm), new CommandWord(DestinationUri ?? Destination), new CommandWord(Named),
        Extra, Obstacles,
    ];

    // A reason has words of its own, to which libvirt's are added; without one the whole sentence is the message.
    private static string Tell(Exception exception) => exception switch
    {
        MigrationFailedException failed when failed.ErrorId.Equals(failed.Kind?.Id, StringComparison.Ordinal) => failed.Detail,
        VmNameAmbiguousException { Names: var names } => string.Join(", ", names.Select(n => $"'{n}'")),
        VmRunsElsewhereException { Active: var vm } => vm.Status.IsExecuting ? "runs" : $"is {vm.Status}",
        _ => exception.Message,
    };

    private static string? FindNamed(string message)
    {
        var end = message.LastIndexOf('\'');
        var begin = end > 0 ? message.LastIndexOf('\'', end - 1) : -1;
        return begin < 0 ? null : message[(begin + 1)..end];
    }

    private static string? NameVm(Exception exception, object? target) => exception switch
    {
        VmNotFoundException { Vm: { } vm } => vm,
        VmNameAmbiguousException { Vm: var vm } => vm,
        VmRunsElsewhereException { Active.Name: var vm } => vm,
        MigrationException { Vm: { } vm } => vm,
        PolicyNotFoundException { Policy: var policy } => policy,
        _ => target is IVmReference reference ? reference.GetVmName() : target?.ToString(),
    };

    private static string? FindUri(Exception exception, object? target) => (exception, target) switch
    {
        (HypervisorException { Host: { } host }, _) => host.Uri,
        (MigrationEndedException { Verification: var v }, _) => v.Source.Uri,
        (VmRunsElsewhereException { Leftover.VmHost.Uri: var uri }, _) => uri,
        (_, VmHost host) => host.Uri,
        (_, IVmReference reference) => reference.GetLookupHost().Uri,
        _ => null,
    };

    private static string? NameHost(Exception exception, object? target) => (exception, target) switch
    {
        (HypervisorException { Host: { } host }, _) => host.Uri,
        (MigrationEndedException { Verification: var v }, _) => v.Source.Name,
        (VmRunsElsewhereException runs, _) => runs.Leftover.VmHost.Name,
        (SameHostException same, _) => same.SourceHost.Name,
        (VmGoneException gone, _) => gone.HostName,
        (_, VmHost host) => host.Name,
        (_, IVmReference reference) => reference.GetLookupHost().Name,
        _ => target?.ToString(),
    };

    private static string? NameDestination(Exception exception) => exception switch
    {
        MigrationEndedException ended => ended.Verification.Destination.Name,
        SameHostException same => same.DestinationHost.Name,
        VmRunsElsewhereException runs => runs.Active.VmHost.Name,
        VmNotFoundException { Elsewhere: { Count: > 0 } there } => string.Join("', '", there.Select(vm => vm.VmHost.Name).Distinct(StringComparer.Ordinal)),
        VmOnDestinationException there => there.Existing.VmHost.Name,
        VmNotReadyException refused => refused.Readiness.Destination.Name,
        _ => null,
    };
}
