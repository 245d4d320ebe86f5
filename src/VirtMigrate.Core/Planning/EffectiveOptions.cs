using System.Collections;
using VirtMigrate.Failures;
using VirtMigrate.Options;

namespace VirtMigrate.Planning;

/// <summary>
/// The options in effect for one VM: what the user gave stays as it is, and of the policy's own options those are taken that go together with
/// it and that both hosts know.
/// </summary>
/// <param name="Options">The options in effect, with all defaults put in; the downtime limit is the one to start with.</param>
/// <param name="Decisions">What was taken and what was left out, with the reasons.</param>
internal sealed record EffectiveOptions(MigrationOptionSet Options, IReadOnlyList<MigrationDecision> Decisions)
{
    /// <summary>Brings a policy together with what the user gave.</summary>
    /// <param name="policy">The policy; null for none.</param>
    /// <param name="options">The options that the user gave, with the defaults of the VM put in.</param>
    /// <param name="source">The host that the VM leaves, where it is known.</param>
    /// <param name="destination">The host that it goes to, where it is known.</param>
    /// <returns>What is in effect.</returns>
    public static EffectiveOptions Of(MigrationPolicy? policy, MigrationOptionSet options, VmHost? source = null, VmHost? destination = null)
    {
        var decisions = new List<MigrationDecision>();
        if (policy is not null && !options.Has(MigrationOptions.Offline))
        {
            options = AddOptions(policy, options, (source, destination), decisions);
            options = AddTimeout(policy, AddMaxDowntime(policy, options), decisions);
        }

        // The default of -OnTimeout.
        return new(options.Has(MigrationOptions.Timeout) && !options.IsDecided(MigrationOptions.OnTimeout)
            ? options.With(MigrationOptions.OnTimeout, TimeoutAction.Abort)
            : options, decisions);
    }

    /// <summary>
    /// What was given for one VM: live or offline by its state where neither was asked for, and a definition at the destination where the
    /// source has one.
    /// </summary>
    /// <param name="given">The options that the user gave.</param>
    /// <param name="vm">The VM.</param>
    /// <returns>A new set.</returns>
    /// <exception cref="MigrationException">The VM is not in a state for what was asked.</exception>
    public static MigrationOptionSet ForVm(MigrationOptionSet given, Vm vm)
    {
        var isActive = vm.Status.IsActive;
        if (given.Has(MigrationOptions.Live) && !isActive)
        {
            throw VmFailures.HasWrongState(vm, isLive: true);
        }

        if (given.Has(MigrationOptions.Offline) && isActive)
        {
            throw VmFailures.HasWrongState(vm, isLive: false);
        }

        var options = isActive ? given.With(MigrationOptions.Live, true) : given.WithoutLiveOptions().With(MigrationOptions.Offline, true);
        options = options.WithImplied();
        return options.IsDecided(MigrationOptions.Persistent)
            ? options
            : options.With(MigrationOptions.Persistent, vm.IsPersistent);
    }

    private static MigrationOptionSet AddMaxDowntime(MigrationPolicy policy, MigrationOptionSet options) =>
        (policy.InitialMaxDowntime, options.Limits.MaxDowntime) switch
        {
            // The stall controller starts low and raises the limit to what was given only when it has to.
            ({ } initial, { } given) when policy.StallDetection is not null && initial < given => options.With(MigrationOptions.MaxDowntime, initial),
            ({ } initial, null) => options.With(MigrationOptions.MaxDowntime, initial),
            _ => options,
        };

    // The policy's action goes with a given -Timeout, and a given -OnTimeout with the policy's time. An action that isn't possible here is
    // left out; without it the policy's own time has no meaning.
    private static MigrationOptionSet AddTimeout(MigrationPolicy policy, MigrationOptionSet options, List<MigrationDecision> decisions)
    {
        var timed = policy.Timeout is { } own && !options.IsDecided(MigrationOptions.Timeout) ? options.With(MigrationOptions.Timeout, own) : options;
        if (!timed.Has(MigrationOptions.Timeout) || options.IsDecided(MigrationOptions.OnTimeout))
        {
            return timed;
        }

        var whole = timed.With(MigrationOptions.OnTimeout, policy.OnTimeout);
        if (NewProblems(whole, timed, default) is not { Count: > 0 } problems)
        {
            return whole;
        }

        decisions.Add(Skip(MigrationOptions.OnTimeout, string.Join(' ', problems).TrimEnd('.')));
        return options;
    }

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
        var unsupported = hosts is ({ } source, { } destination) ? MigrationOptionRules.CheckVersions(options, source, destination) : [];
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
