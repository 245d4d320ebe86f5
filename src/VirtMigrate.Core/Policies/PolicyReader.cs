using System.Collections;
using System.Collections.Specialized;
using VirtMigrate.Failures;
using VirtMigrate.Options;

namespace VirtMigrate.Policies;

/// <summary>Makes a policy of a table of plain values, such as a .psd1 file holds, and says all that is wrong with it.</summary>
internal static class PolicyReader
{
    /// <summary>QEMU's highest limit for the guest's downtime, in milliseconds.</summary>
    private const double LongestDowntime = 2_000_000;

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly MigrationAction[] Actions =
        [MigrationAction.SetMaxDowntime, MigrationAction.PostCopy, MigrationAction.Suspend, MigrationAction.Abort];

    /// <summary>The keys of a policy.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        nameof(MigrationPolicy.Name), nameof(MigrationPolicy.Description), nameof(MigrationPolicy.Options), nameof(MigrationPolicy.ThrottleLimit),
        nameof(MigrationPolicy.InitialMaxDowntime), nameof(MigrationPolicy.Timeout), nameof(MigrationPolicy.OnTimeout),
        nameof(MigrationPolicy.Steps), nameof(MigrationPolicy.StallDetection),
    ];

    /// <summary>The keys of a step.</summary>
    public static IReadOnlyList<string> StepKeys { get; } =
        [nameof(MigrationPolicyStep.AfterIterations), nameof(MigrationPolicyStep.Action), nameof(MigrationPolicyStep.MaxDowntime)];

    /// <summary>The keys of the stall detection.</summary>
    public static IReadOnlyList<string> StallDetectionKeys { get; } =
    [
        nameof(MigrationStallDetection.Window), nameof(MigrationStallDetection.Threshold), nameof(MigrationStallDetection.MinimumTolerance),
        nameof(MigrationStallDetection.WindowDecay), nameof(MigrationStallDetection.MaxDowntime),
        nameof(MigrationStallDetection.DowntimeFactor), nameof(MigrationStallDetection.RateSmoothing),
        nameof(MigrationStallDetection.SwitchoverDeadline), nameof(MigrationStallDetection.AllowPostCopy),
        nameof(MigrationStallDetection.AllowSuspend),
    ];

    // What puts data at risk is given with each command, the limits are keys of the policy itself, and a resumption has no policy.
    private static readonly IEnumerable<MigrationOption> Allowed = MigrationOptions.Table.Where(o => o.Risk is null).Except(
        [MigrationOptions.MaxDowntime, MigrationOptions.Timeout, MigrationOptions.OnTimeout, MigrationOptions.PostCopyResume]);

    /// <summary>Reads a policy.</summary>
    /// <exception cref="MigrationException">Something is wrong with it.</exception>
    public static MigrationPolicy Read(IDictionary values, string origin, MigrationPolicy? template = null)
    {
        var problems = new List<string>();
        var table = new PolicyTable(values, string.Empty, problems);
        table.RefuseUnknown(Keys);
        var policy = new MigrationPolicy
        {
            Name = table.Text(nameof(MigrationPolicy.Name), template?.Name ?? string.Empty),
            Description = table.Text(nameof(MigrationPolicy.Description), template?.Description ?? string.Empty),
            Options = ReadOptions(table) ?? template?.Options ?? MigrationOptionValues.None,
            ThrottleLimit = (int?)table.Number(nameof(MigrationPolicy.ThrottleLimit), 1, 1000, isWhole: true) ?? template?.ThrottleLimit,
            InitialMaxDowntime = table.Duration(nameof(MigrationPolicy.InitialMaxDowntime), Millisecond, "milliseconds", 1, LongestDowntime)
                ?? template?.InitialMaxDowntime,
            Timeout = table.Duration(nameof(MigrationPolicy.Timeout), Second, "seconds", 1, int.MaxValue) ?? template?.Timeout,
            OnTimeout = table.Word(nameof(MigrationPolicy.OnTimeout), Enum.GetValues<TimeoutAction>()) ?? template?.OnTimeout ?? TimeoutAction.Abort,
            Steps = ReadSteps(table) ?? template?.Steps ?? [],
            StallDetection = ReadStallDetection(table, template?.StallDetection) ?? template?.StallDetection,
        };
        if (problems.Count == 0)
        {
            Check(policy, problems);
        }

        return problems.Count == 0 ? policy : throw RequestFailures.InvalidPolicy(origin, problems);
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
        switch (table.Find(nameof(MigrationPolicy.Steps)))
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
                    _ => table.Refuse($"{nameof(MigrationPolicy.Steps)}[{i}]", item, "must be a table", new MigrationPolicyStep { Action = MigrationAction.Abort }),
                })];
            case var other:
                return table.Refuse<IReadOnlyList<MigrationPolicyStep>?>(nameof(MigrationPolicy.Steps), other, "must be a list of tables", null);
        }
    }

    private static MigrationPolicyStep ReadStep(IDictionary values, int number, List<string> problems)
    {
        var table = new PolicyTable(values, $"{nameof(MigrationPolicy.Steps)}[{number}].", problems);
        table.RefuseUnknown(StepKeys);
        var action = table.Word(nameof(MigrationPolicyStep.Action), Actions);
        var downtime = table.Duration(nameof(MigrationPolicyStep.MaxDowntime), Millisecond, "milliseconds", 1, LongestDowntime);
        if (!table.Has(nameof(MigrationPolicyStep.Action)))
        {
            problems.Add($"{table.Path}{nameof(MigrationPolicyStep.Action)} is missing. It is one of {string.Join(", ", Actions)}.");
        }
        else if (action == MigrationAction.SetMaxDowntime && !table.Has(nameof(MigrationPolicyStep.MaxDowntime)))
        {
            problems.Add($"{table.Path}{nameof(MigrationPolicyStep.MaxDowntime)} is missing: the step sets it.");
        }
        else if (action is not null and not MigrationAction.SetMaxDowntime && table.Has(nameof(MigrationPolicyStep.MaxDowntime)))
        {
            problems.Add($"{table.Path}{nameof(MigrationPolicyStep.MaxDowntime)} has no meaning for {action}.");
        }

        return new()
        {
            Action = action ?? MigrationAction.Abort,
            AfterIterations = (int?)table.Number(nameof(MigrationPolicyStep.AfterIterations), 0, int.MaxValue, isWhole: true),
            MaxDowntime = downtime,
        };
    }

    private static MigrationStallDetection? ReadStallDetection(PolicyTable owner, MigrationStallDetection? template)
    {
        if (owner.Find(nameof(MigrationPolicy.StallDetection)) is not { } value)
        {
            return null;
        }

        if (value is MigrationStallDetection ready)
        {
            return ready;
        }

        if (value is not IDictionary values)
        {
            return owner.Refuse<MigrationStallDetection?>(nameof(MigrationPolicy.StallDetection), value, "must be a table", null);
        }

        var table = new PolicyTable(values, $"{nameof(MigrationPolicy.StallDetection)}.", owner.Problems);
        table.RefuseUnknown(StallDetectionKeys);
        var own = template ?? new();
        return new()
        {
            Window = table.Duration(nameof(own.Window), Second, "seconds", 0.1, 86_400) ?? own.Window,
            Threshold = table.Number(nameof(own.Threshold), 0, 0.99) ?? own.Threshold,
            MinimumTolerance = table.Number(nameof(own.MinimumTolerance), 0, 100) ?? own.MinimumTolerance,
            WindowDecay = table.Number(nameof(own.WindowDecay), 0, 1) ?? own.WindowDecay,
            MaxDowntime = table.Duration(nameof(own.MaxDowntime), Millisecond, "milliseconds", 1, LongestDowntime) ?? own.MaxDowntime,
            DowntimeFactor = table.Number(nameof(own.DowntimeFactor), 1, 1000) ?? own.DowntimeFactor,
            RateSmoothing = table.Number(nameof(own.RateSmoothing), 0.01, 1) ?? own.RateSmoothing,
            SwitchoverDeadline = table.Duration(nameof(own.SwitchoverDeadline), Second, "seconds", 0.1, 86_400) ?? own.SwitchoverDeadline,
            AllowPostCopy = table.Flag(nameof(own.AllowPostCopy), own.AllowPostCopy),
            AllowSuspend = table.Flag(nameof(own.AllowSuspend), own.AllowSuspend),
        };
    }

    private static OrderedDictionary? ReadOptions(PolicyTable table) => table.Find(nameof(MigrationPolicy.Options)) switch
    {
        null => null,
        IDictionary options => ReadOptions(options, table.Problems),
        var other => table.Refuse<OrderedDictionary?>(nameof(MigrationPolicy.Options), other, "must be a table of migration options", null),
    };

    private static OrderedDictionary ReadOptions(IDictionary options, List<string> problems)
    {
        var read = new List<KeyValuePair<MigrationOption, object>>();
        foreach (DictionaryEntry entry in options)
        {
            var name = entry.Key.ToString() ?? string.Empty;
            if (MigrationOptions.Find(name) is not { } option)
            {
                problems.Add($"Options.{name} is not a migration option. The options are {string.Join(", ", Allowed.Select(o => o.Name))}.");
            }
            else if (option == MigrationOptions.Timeout || option == MigrationOptions.OnTimeout)
            {
                problems.Add($"Options.{name} is in the wrong place: {option.Name} is a key of the policy itself.");
            }
            else if (option == MigrationOptions.MaxDowntime)
            {
                problems.Add($"Options.{name} is in the wrong place: a policy sets the downtime limit with {nameof(MigrationPolicy.InitialMaxDowntime)} and its Steps.");
            }
            else if (option.Risk is not null)
            {
                problems.Add($"Options.{name} can't be a policy's: -{option.Name} puts data at risk and is given with each command.");
            }
            else if (ReadOption(option, entry.Value, problems) is { } value)
            {
                read.Add(KeyValuePair.Create(option, value));
            }
        }

        // A table of PowerShell keeps no order; the option table has one.
        var order = MigrationOptions.Table.ToList();
        return MigrationOptionValues.Of(read.OrderBy(o => order.IndexOf(o.Key)).Select(o => KeyValuePair.Create(o.Key.Name, o.Value)));
    }

    private static object? ReadOption(MigrationOption option, object? value, List<string> problems)
    {
        var (kind, taken) = (option.ValueType, value) switch
        {
            (MigrationValueType.None, bool) => (string.Empty, value),
            (MigrationValueType.None, _) => ("$true or $false", null),
            (MigrationValueType.TextList, string text) => (string.Empty, new[] { text }),
            (MigrationValueType.TextList, IEnumerable list) => (string.Empty, list.Cast<object?>().Select(i => i?.ToString() ?? string.Empty).ToArray()),
            (MigrationValueType.Text or MigrationValueType.TextList, string or Enum) => (string.Empty, value.ToString()),
            (MigrationValueType.Text or MigrationValueType.TextList, _) => ("a text", null),
            (_, byte or short or int or long) => (string.Empty, (object?)value),
            _ => ("a whole number", null),
        };
        if (taken is null)
        {
            problems.Add($"Options.{option.Name} must be {kind}, not {PolicyTable.Describe(value)}.");
            return null;
        }

        problems.AddRange(MigrationOptionRules.CheckValue(option, taken).Select(p => $"Options: {p.Message}"));
        return taken;
    }
}
