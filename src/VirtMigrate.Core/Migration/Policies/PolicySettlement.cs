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
public sealed record PolicySettlement(
    MigrationOptionSet Options, MigrationLimits Limits, IReadOnlyList<MigrationDecision> Decisions)
{
    /// <summary>Settles a policy with what the user gave.</summary>
    /// <param name="policy">The policy; null for none.</param>
    /// <param name="options">The options that the user gave, with all defaults put in.</param>
    /// <param name="limits">The limits that the user gave.</param>
    /// <param name="source">The host that the VM leaves, where it is known.</param>
    /// <param name="destination">The host that it goes to, where it is known.</param>
    /// <returns>What is in effect.</returns>
    public static PolicySettlement Of(
        MigrationPolicy? policy, MigrationOptionSet options, MigrationLimits limits, VmHost? source = null, VmHost? destination = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(limits);
        if (policy is null || options.Has(MigrationOptions.Offline))
        {
            return new(options, limits, []);
        }

        var merged = Merge(policy, options, limits);
        var decisions = new List<MigrationDecision>();
        var settled = AddOptions(policy, options, (source, destination), decisions);
        return new(WithTimeout(settled, merged), merged, decisions);
    }

    private static MigrationLimits Merge(MigrationPolicy policy, MigrationOptionSet options, MigrationLimits limits) => limits with
    {
        MaxDowntime = (policy.InitialMaxDowntime, limits.MaxDowntime) switch
        {
            // The stall controller begins low and raises the limit to what was given only when it has to.
            ({ } initial, { } given) when policy.StallDetection is not null && initial < given => initial,
            (var initial, var given) => given ?? initial,
        },
        Timeout = limits.Timeout ?? policy.Timeout,
        OnTimeout = options.IsDecided(MigrationOptions.OnTimeout) ? limits.OnTimeout : policy.OnTimeout,
    };

    // The rows of the table that the limits stand in, so that -OnTimeout goes with a policy's own time.
    private static MigrationOptionSet WithTimeout(MigrationOptionSet options, MigrationLimits limits) => limits.Timeout is { } timeout
        ? options.With(MigrationOptions.Timeout, (long)timeout.TotalSeconds)
        : options;

    // An option may need another one of the policy's, so that each is tried until none fits any more.
    private static MigrationOptionSet AddOptions(
        MigrationPolicy policy, MigrationOptionSet options, (VmHost?, VmHost?) hosts, List<MigrationDecision> decisions)
    {
        var open = new List<(MigrationOption Option, object Value)>();
        foreach (DictionaryEntry entry in (IDictionary)policy.Options)
        {
            var option = MigrationOptions.Find((string)entry.Key)
                ?? throw new InvalidOperationException($"The policy {policy.Name} has an option '{entry.Key}' that the table does not have.");
            if (options.IsDecided(option))
            {
                decisions.Add(Skip(option, "it was given, and stays as it is"));
            }
            else
            {
                open.Add((option, entry.Value!));
            }
        }

        for (var found = true; found;)
        {
            found = false;
            foreach (var candidate in open.ToArray())
            {
                var with = options.With(candidate.Option, candidate.Value);
                if (NewProblems(with, options, hosts).Count > 0)
                {
                    continue;
                }

                options = with;
                found = open.Remove(candidate);
                decisions.Add(new()
                {
                    Elapsed = TimeSpan.Zero,
                    Action = MigrationAction.SetOption,
                    Reason = $"the policy {policy.Name} adds {Describe(candidate.Option, candidate.Value)}",
                });
            }
        }

        decisions.AddRange(open.Select(c => Skip(c.Option,
            string.Join(' ', NewProblems(options.With(c.Option, c.Value), options, hosts)).TrimEnd('.'))));
        return options;
    }

    private static List<string> NewProblems(MigrationOptionSet with, MigrationOptionSet without, (VmHost?, VmHost?) hosts) =>
        [.. Problems(with, hosts).Except(Problems(without, hosts), StringComparer.Ordinal)];

    private static IEnumerable<string> Problems(MigrationOptionSet options, (VmHost?, VmHost?) hosts)
    {
        var unsupported = hosts is ({ } source, { } destination) ? MigrationOptionSupport.Check(options, source, destination) : [];
        return options.Validate().Concat(unsupported).Select(p => p.Message);
    }

    private static MigrationDecision Skip(MigrationOption option, string reason) => new()
    {
        Elapsed = TimeSpan.Zero,
        Action = MigrationAction.SetOption,
        Status = MigrationDecisionStatus.Skipped,
        Reason = $"-{option.Name} of the policy is left out: {reason}",
    };

    private static string Describe(MigrationOption option, object value) =>
        value is true ? $"-{option.Name}" : $"-{option.Name} {string.Join(',', MigrationOption.ToTexts(value))}";
}
