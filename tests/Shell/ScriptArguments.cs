using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace VirtMigrate.Shell;

/// <summary>Turns the words of a command line into a call of a script, by the rules of <c>pwsh -File</c>.</summary>
internal static partial class ScriptArguments
{
    /// <summary>The call as PowerShell text.</summary>
    public static string Call(string path, IEnumerable<string> words) =>
        string.Join(' ', words.Select(Argument).Prepend($"& {Quoted(path)}"));

    /// <summary>
    /// A word like <c>-Name</c> names a parameter, and <c>-Name:value</c> gives its value too; only there do
    /// <c>$true</c> and <c>$false</c> mean Booleans. All else is a value, whatever characters it has.
    /// </summary>
    private static string Argument(string word)
    {
        var match = ParameterWord().Match(word);
        if (!match.Success)
        {
            return Quoted(word);
        }

        var value = match.Groups["value"];
        return match.Groups["name"].Value + value.Value.ToUpperInvariant() switch
        {
            _ when !value.Success => "",
            "$TRUE" or "$FALSE" => $":{value.Value}",
            "" => ":",
            _ => $":{Quoted(value.Value)}",
        };
    }

    private static string Quoted(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    [GeneratedRegex(@"\A(?<name>-[A-Za-z_]\w*)(:(?<value>.*))?\z", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ParameterWord();
}
