using System.Collections;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>
/// What a policy comes to for one VM: what the user gave stays as it is, and of the policy's own options those are taken that go
/// together with it and that both hosts know.
/// </summary>
/// <param name="Options">The options in effect.</param>
/// <param name="Limits">The limits in effect; the standstill is the one to begin with.</param>
/// <param name="Decisions">What was taken and what was left out, with the reasons.</param>
internal sealed record PolicySettlement(
    MigrationOptionSet Options, MigrationLimits Limits, IReadOnlyList<MigrationDecision> Decisions)
{
    /// <summary>Settles a policy with what the user gave.</summary>
    /// <param name="policy">The policy; null for none.</param>
    /// <param name="options">The options that the user gave, with all defaults put in.</param>
    /// <param name="limits">The limits that the user gave.</param>
    /// <param name="hosts">The hosts, as far as they are known.</param>
    /// <returns>What is in effect.</returns>
    public static PolicySettlement Of(MigrationPolicy? policy, MigrationOptionSet options, MigrationLimits limits, params VmHost?[] hosts)
    {
        if (policy is null || options.Has(MigrationOptions.Offline))
        {
            return new(options, limits, []);
        }

        var decisions = new List<MigrationDecision>();
        var settled = AddOptions(policy, options, [.. hosts.OfType<VmHost>()], decisions);
        return new(settled, Merge(policy, limits), decisions);
    }

    private static MigrationLimits Merge(MigrationPolicy policy, MigrationLimits limits) => limits with
    {
        MaxDowntime = (policy.InitialMaxDowntime, limits.MaxDowntime) switch
        {
            // The stall controller begins low and raises the limit to what was given only when it has to.
            ({ } initial, { } given) when policy.StallDetection is not null && initial < given => initial,
            (var initial, var given) => given ?? initial,
        },
        Timeout = limits.Timeout ?? policy.Timeout,
        OnTimeout = limits.Timeout is null && limits.OnTimeout == TimeoutAction.Abort ? policy.OnTimeout : limits.OnTimeout,
    };

    // An option may need another one of the policy's, so that each is tried until none fits any more.
    private static MigrationOptionSet AddOptions(
        MigrationPolicy policy, MigrationOptionSet options, IReadOnlyList<VmHost> hosts, List<MigrationDecision> decisions)
    {
        var open = new List<(MigrationOption Option, object Value)>();
        foreach (DictionaryEntry entry in (IDictionary)policy.Options)
        {
            var option = MigrationOptions.Find((string)entry.Key)
                ?? throw new InvalidOperationException($"The policy {policy.Name} has an option '{entry.Key}' that the table does not have.");
            if (options.IsDecided(option))
            {
                decisions.Add(Skip(option, $"-{option.Name} was given, and stays as it is"));
            }
            else if (hosts.FirstOrDefault(h => h.LibvirtVersion < option.Since) is { } old)
            {
                decisions.Add(Skip(option, $"'{old.Name}' runs libvirt {old.LibvirtVersion}; -{option.Name} needs {option.Since}"));
            }
            else
            {
                open.Add((option, entry.Value!));
            }
        }

        for (var found = true; found && open.Count > 0;)
        {
            found = false;
            foreach (var candidate in open.ToArray())
            {
                if (Problems(options.With(candidate.Option, candidate.Value), options).Count > 0)
                {
                    continue;
                }

                options = options.With(candidate.Option, candidate.Value);
                open.Remove(candidate);
                decisions.Add(new()
                {
                    Elapsed = TimeSpan.Zero,
                    Action = MigrationAction.SetOption,
                    Reason = $"the policy {policy.Name} adds {Describe(candidate.Option, candidate.Value)}",
                });
                found = true;
            }
        }

        decisions.AddRange(open.Select(c => Skip(c.Option,
            string.Join(' ', Problems(options.With(c.Option, c.Value), options)).TrimEnd('.'))));
        return options;
    }

    private static List<string> Problems(MigrationOptionSet with, MigrationOptionSet without) =>
        [.. with.Validate().Select(p => p.Message).Except(without.Validate().Select(p => p.Message), StringComparer.Ordinal)];

    private static MigrationDecision Skip(MigrationOption option, string reason) => new()
    {
        Elapsed = TimeSpan.Zero,
        Action = MigrationAction.SetOption,
        Status = MigrationDecisionStatus.Skipped,
        Reason = $"-{option.Name} is left out: {reason}",
    };

    private static string Describe(MigrationOption option, object value) => value is true ? $"-{option.Name}" : $"-{option.Name} {value}";
}
