using System.Management.Automation.Host;

namespace VirtMigrate.Shell.Prompts;

/// <summary>One choice of several, by its key, its label or Enter for the default; "?" explains them.</summary>
internal sealed class ChoicePrompt(Questioner questioner)
{
    public int Ask(string? caption, string? message, IReadOnlyList<ChoiceDescription> choices, int defaultChoice)
    {
        var options = choices.Select(Option.From).ToArray();
        questioner.WriteHeading(caption, message, $"a choice ({string.Join(", ", options.Select(option => option.Label))})");
        while (true)
        {
            questioner.Write(Line(options, defaultChoice));
            var answer = questioner.ReadLine("a choice").Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            if (answer is "?")
            {
                Explain(options);
                continue;
            }

            var chosen = Array.FindIndex(options, option => option.IsNamedBy(answer));
            if (chosen >= 0)
            {
                return chosen;
            }
        }
    }

    private static string Line(Option[] options, int defaultChoice)
    {
        var names = options.Select(option => $"[{option.Key}] {option.Label}  ");
        var hint = defaultChoice >= 0 ? $" (default is \"{options[defaultChoice].Key}\")" : "";
        return $"{string.Concat(names)}[?] Help{hint}: ";
    }

    private void Explain(Option[] options)
    {
        foreach (var option in options)
        {
            questioner.WriteLine($"{option.Key} - {option.Help}");
        }
    }

    private sealed record Option(string Key, string Label, string Help)
    {
        public static Option From(ChoiceDescription choice)
        {
            var label = choice.Label.Replace("&", "", StringComparison.Ordinal);
            var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
            var key = mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label[mark + 1].ToString().ToUpperInvariant() : label;
            return new Option(key, label, string.IsNullOrEmpty(choice.HelpMessage) ? label : choice.HelpMessage);
        }

        public bool IsNamedBy(string answer) =>
            answer.Length > 0
            && (string.Equals(answer, Key, StringComparison.OrdinalIgnoreCase)
                || string.Equals(answer, Label, StringComparison.OrdinalIgnoreCase));
    }
}
