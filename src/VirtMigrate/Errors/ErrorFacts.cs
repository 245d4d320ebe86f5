using VirtMigrate.Completion;
using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Migration;
using VirtMigrate.Model;
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

    /// <summary>What libvirt named last between quotes: the file, network, pool or port that is missing.</summary>
    public string? Named { get; init; }

    /// <summary>What the checks before a migration found in its way.</summary>
    public IReadOnlyList<VmMigrationCheck> Obstacles { get; init; } = [];

    /// <summary>Gathers the facts of an error.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="target">What it is about.</param>
    /// <returns>The facts.</returns>
    public static ErrorFacts Of(Exception exception, object? target) =>
        new(NameVm(exception, target), NameHost(exception, target), Tell(exception), NameDestination(exception))
        {
            Uri = FindUri(exception, target),
            DestinationUri = (exception as MigrationEndedException)?.Verification.Destination.Uri,
            Obstacles = exception is VmNotReadyException refused ? refused.Readiness.Obstacles : [],
            Named = exception is MigrationFailedException { InnerException.Message: { } said } ? FindNamed(said) : null,
        };

    /// <summary>The facts in the order in which the messages number them.</summary>
    /// <returns>The values for the places {0} to {3}.</returns>
    public object?[] ToArray() => [Vm, Host, Message, Destination];

    /// <summary>The facts as advice uses them, in commands that can be pasted.</summary>
    /// <returns>
    /// The values for the places {0} to {9}: the first for PowerShell, from {4} on (URI, VM, the destination's URI, what is missing) for a
    /// POSIX shell, then what to do about each obstacle and the obstacles' ids.
    /// </returns>
    public object?[] ToAdvice() =>
    [
        CompletionText.Quote(Vm ?? string.Empty), Host, Message, Destination,
        ShellWord.Quote(Uri ?? Host ?? string.Empty), ShellWord.Quote(Vm ?? string.Empty),
        ShellWord.Quote(DestinationUri ?? Destination ?? string.Empty), ShellWord.Quote(Named ?? string.Empty),
        string.Join(' ', Obstacles.Select(o => o.Recommendation).OfType<string>()), string.Join(',', Obstacles.Select(o => o.Id)),
    ];

    // A reason has words of its own, to which libvirt's are added; without one the whole sentence is the message.
    private static string Tell(Exception exception) => exception is MigrationFailedException failed &&
        failed.ErrorId.Equals(failed.Kind?.Id, StringComparison.Ordinal) ? failed.Detail : exception.Message;

    private static string? FindNamed(string message)
    {
        var end = message.LastIndexOf('\'');
        var begin = end > 0 ? message.LastIndexOf('\'', end - 1) : -1;
        return begin < 0 ? null : message[(begin + 1)..end];
    }

    private static string? NameVm(Exception exception, object? target) => exception switch
    {
        VmNotFoundException { Vm: { } vm } => vm,
        MigrationException { Vm: { } vm } => vm,
        PolicyNotFoundException { Policy: var policy } => policy,
        _ => target is IVmReference reference ? reference.GetVmName() : target?.ToString(),
    };

    private static string? FindUri(Exception exception, object? target) => (exception, target) switch
    {
        (HypervisorException { Host: { } host }, _) => host.Uri,
        (MigrationEndedException { Verification: var v }, _) => v.Source.Uri,
        (_, VmHost host) => host.Uri,
        (_, IVmReference reference) => reference.GetLookupHost().Uri,
        _ => null,
    };

    private static string? NameHost(Exception exception, object? target) => (exception, target) switch
    {
        (HypervisorException { Host: { } host }, _) => host.Uri,
        (MigrationEndedException { Verification: var v }, _) => v.Source.Name,
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
        VmOnDestinationException there => there.Existing.VmHost.Name,
        VmNotReadyException refused => refused.Readiness.Destination.Name,
        _ => null,
    };
}
