using VirtMigrate.Model;

namespace VirtMigrate.Migration.Options;

/// <summary>Holds a set of options to the versions of the two hosts that are to take it.</summary>
public static class MigrationOptionSupport
{
    /// <summary>Checks a set against both hosts.</summary>
    /// <param name="options">The set.</param>
    /// <param name="source">The host that the VM leaves.</param>
    /// <param name="destination">The host that it goes to.</param>
    /// <returns>What a host is too old for; empty when nothing is.</returns>
    public static IReadOnlyList<MigrationOptionProblem> Check(MigrationOptionSet options, VmHost source, VmHost destination)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        return [.. options.Enabled.SelectMany(o => new[] { source, destination }.SelectMany(host => Check(options, o.Key, o.Value, host)))];
    }

    private static IEnumerable<MigrationOptionProblem> Check(MigrationOptionSet options, MigrationOption option, object value, VmHost host)
    {
        foreach (var (name, since) in Requirements(option, value).Where(r => host.LibvirtVersion < r.Since))
        {
            yield return new(option, $"{name} needs libvirt {since}; '{host.Name}' has {host.LibvirtVersion}.");
        }

        if (!string.Equals(host.Hypervisor, "QEMU", StringComparison.OrdinalIgnoreCase) || host.HypervisorVersion is not { } qemu)
        {
            yield break;
        }

        if (option.SinceQemu is { } needed && qemu < needed)
        {
            yield return new(option, $"-{option.Name} needs QEMU {needed}; '{host.Name}' has {qemu}.");
        }

        foreach (var conflict in option.Conflicts.Where(c => options.HasAny(c.Option) && qemu < c.SolvedInQemu))
        {
            yield return new(option,
                $"-{option.Name} and -{conflict.Option} go together from QEMU {conflict.SolvedInQemu} on only, on both hosts; '{host.Name}' has {qemu}.");
        }
    }

    private static IEnumerable<(string Name, Version Since)> Requirements(MigrationOption option, object value) =>
        option.ChoicesOf(value).Where(c => c.Since is not null).Select(c => ($"-{option.Name} {c.Value}", c.Since!))
            .Prepend(($"-{option.Name}", option.Since));
}
