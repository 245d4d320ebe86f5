using System.Collections;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>Makes a policy of a table of plain values, such as a .psd1 file holds, and says all that is wrong with it.</summary>
public static class PolicyReader
{
    /// <summary>QEMU's highest limit for the guest's standstill, in milliseconds.</summary>
    private const double LongestDowntime = 2_000_000;

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly MigrationAction[] Actions =
        [MigrationAction.SetMaxDowntime, MigrationAction.PostCopy, MigrationAction.Suspend, MigrationAction.Abort];

    /// <summary>The keys that a policy's table can have.</summary>
    public static IReadOnlySet<string> Keys { get; } = PolicyKeys.OfPolicy.ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a policy.</summary>
    /// <param name="values">The table.</param>
    /// <param name="origin">Where it comes from, for the message: a file's path, a parameter.</param>
    /// <param name="template">A policy whose values stand where the table has none; null for none.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="PolicyInvalidException">Something is wrong with it.</exception>
    public static MigrationPolicy Read(IDictionary values, string origin, MigrationPolicy? template = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        var problems = new List<string>();
        var table = new PolicyTable(values, string.Empty, problems);
        table.RefuseUnknown(PolicyKeys.OfPolicy);
        var policy = new MigrationPolicy
        {
            Name = table.Text(PolicyKeys.Name, template?.Name ?? string.Empty),
            Description = table.Text(PolicyKeys.Description, template?.Description ?? string.Empty),
            Options = PolicyOptionReader.Read(table) ?? template?.Options ?? MigrationOptionValues.None,
            ThrottleLimit = (int?)table.Number(PolicyKeys.ThrottleLimit, 1, 1000, isWhole: true) ?? template?.ThrottleLimit,
            InitialMaxDowntime = table.Duration(PolicyKeys.InitialMaxDowntime, Millisecond, "milliseconds", 1, LongestDowntime)
                ?? template?.InitialMaxDowntime,
            Timeout = table.Duration(PolicyKeys.Timeout, Second, "seconds", 1, int.MaxValue) ?? template?.Timeout,
            OnTimeout = table.Word(PolicyKeys.OnTimeout, Enum.GetValues<TimeoutAction>()) ?? template?.OnTimeout ?? TimeoutAction.Abort,
            Steps = ReadSteps(table) ?? template?.Steps ?? [],
            StallDetection = ReadStallDetection(table, template?.StallDetection) ?? template?.StallDetection,
        };
        if (problems.Count == 0)
        {
            Check(policy, problems);
        }

        return problems.Count == 0 ? policy : throw new PolicyInvalidException(origin, problems);
    }

    private static void Check(MigrationPolicy policy, List<string> problems)
    {
        if (string.IsNullOrWhiteSpace(policy.Name))
        {
            problems.Add("Name is missing.");
        }

        if (policy is { Steps.Count: 0, StallDetection: null, Timeout: null, InitialMaxDowntime: null, Options.Count: 0 })
        {
            problems.Add("It decides nothing: give Steps, StallDetection, Timeout, InitialMaxDowntime or Options.");
        }

        if (policy.OnTimeout == TimeoutAction.PostCopy && policy.Options[nameof(MigrationOptions.PostCopy)] is not true)
        {
            problems.Add("OnTimeout 'PostCopy' needs Options.PostCopy = $true.");
        }

        var former = 0;
        for (var i = 0; i < policy.Steps.Count; i++)
        {
            if (policy.Steps[i].AfterIterations is not { } after)
            {
                continue;
            }

            if (after < former)
            {
                problems.Add($"Steps[{i}].AfterIterations is {after}, but an earlier step comes after {former}: steps are taken in order.");
            }

            former = after;
        }
    }

    private static IReadOnlyList<MigrationPolicyStep>? ReadSteps(PolicyTable table)
    {
        switch (table.Find(PolicyKeys.Steps))
        {
            case null:
                return null;
            case IDictionary one:
                return [ReadStep(one, 0, table.Problems)];
            case IEnumerable<MigrationPolicyStep> steps:
                return [.. steps];
            case IList list:
                return [.. list.Cast<object?>().Select((item, i) => item switch
                {
                    MigrationPolicyStep step => step,
                    IDictionary values => ReadStep(values, i, table.Problems),
                    _ => table.Refuse($"{PolicyKeys.Steps}[{i}]", item, "must be a table", new MigrationPolicyStep { Action = MigrationAction.Abort }),
                })];
            case var other:
                return table.Refuse<IReadOnlyList<MigrationPolicyStep>?>(PolicyKeys.Steps, other, "must be a list of tables", null);
        }
    }

    private static MigrationPolicyStep ReadStep(IDictionary values, int number, List<string> problems)
    {
        var table = new PolicyTable(values, $"{PolicyKeys.Steps}[{number}].", problems);
        table.RefuseUnknown(PolicyKeys.OfStep);
        var action = table.Word(PolicyKeys.Action, Actions);
        var downtime = table.Duration(PolicyKeys.MaxDowntime, Millisecond, "milliseconds", 1, LongestDowntime);
        if (!table.Has(PolicyKeys.Action))
        {
            problems.Add($"{table.Path}{PolicyKeys.Action} is missing. It is one of {string.Join(", ", Actions)}.");
        }
        else if (action == MigrationAction.SetMaxDowntime && !table.Has(PolicyKeys.MaxDowntime))
        {
            problems.Add($"{table.Path}{PolicyKeys.MaxDowntime} is missing: the step sets it.");
        }
        else if (action is not null and not MigrationAction.SetMaxDowntime && table.Has(PolicyKeys.MaxDowntime))
        {
            problems.Add($"{table.Path}{PolicyKeys.MaxDowntime} has no meaning for {action}.");
        }

        return new()
        {
            Action = action ?? MigrationAction.Abort,
            AfterIterations = (int?)table.Number(PolicyKeys.AfterIterations, 0, int.MaxValue, isWhole: true),
            MaxDowntime = downtime,
        };
    }

    private static MigrationStallDetection? ReadStallDetection(PolicyTable owner, MigrationStallDetection? template)
    {
        if (owner.Find(PolicyKeys.StallDetection) is not { } value)
        {
            return null;
        }

        if (value is MigrationStallDetection ready)
        {
            return ready;
        }

        if (value is not IDictionary values)
        {
            return owner.Refuse<MigrationStallDetection?>(PolicyKeys.StallDetection, value, "must be a table", null);
        }

        var table = new PolicyTable(values, $"{PolicyKeys.StallDetection}.", owner.Problems);
        table.RefuseUnknown(PolicyKeys.OfStallDetection);
        var rest = template ?? new();
        return new()
        {
            Window = table.Duration(nameof(rest.Window), Second, "seconds", 0.1, 86_400) ?? rest.Window,
            Threshold = table.Number(nameof(rest.Threshold), 0, 0.99) ?? rest.Threshold,
            MinimumTolerance = table.Number(nameof(rest.MinimumTolerance), 0, 100) ?? rest.MinimumTolerance,
            PatienceDecay = table.Number(nameof(rest.PatienceDecay), 0, 1) ?? rest.PatienceDecay,
            MaxDowntime = table.Duration(nameof(rest.MaxDowntime), Millisecond, "milliseconds", 1, LongestDowntime) ?? rest.MaxDowntime,
            DowntimeFactor = table.Number(nameof(rest.DowntimeFactor), 1, 1000) ?? rest.DowntimeFactor,
            RateSmoothing = table.Number(nameof(rest.RateSmoothing), 0.01, 1) ?? rest.RateSmoothing,
            SwitchoverDeadline = table.Duration(nameof(rest.SwitchoverDeadline), Second, "seconds", 0.1, 86_400) ?? rest.SwitchoverDeadline,
            AllowPostCopy = table.Flag(nameof(rest.AllowPostCopy), rest.AllowPostCopy),
            AllowSuspend = table.Flag(nameof(rest.AllowSuspend), rest.AllowSuspend),
        };
    }
}
