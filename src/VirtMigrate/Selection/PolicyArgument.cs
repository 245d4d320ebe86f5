using System.Collections;
using System.Management.Automation.Language;
using System.Management.Automation;
using VirtMigrate.Failures;
using VirtMigrate.Policies;

namespace VirtMigrate.Selection;

/// <summary>
/// Turns what was given for a policy into one: a built-in's name, the path of a PowerShell data file (.psd1), of which nothing is executed,
/// a MigrationPolicy or a table.
/// </summary>
internal static class PolicyArgument
{
    /// <summary>The extension of a policy's file.</summary>
    public const string Extension = ".psd1";

    /// <summary>Finds the policy.</summary>
    /// <param name="value">What was given.</param>
    /// <param name="paths">The session's current folder and drives.</param>
    /// <returns>The policy; null for nothing.</returns>
    /// <exception cref="MigrationException">There is none of that name or path, or it holds no valid policy.</exception>
    public static MigrationPolicy? Resolve(object? value, PathIntrinsics paths) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        MigrationPolicy policy => policy,
        IDictionary table => PolicyReader.Read(table, "the table"),
        string text when IsPath(text) => ReadFile(paths.GetUnresolvedProviderPathFromPSPath(text)),
        FileInfo file => ReadFile(file.FullName),
        string name => Find(name),
        var other => throw RequestFailures.NoPolicy(other.ToString() ?? string.Empty,
            TransformationInput.Refuse(other, "Name a built-in policy or a .psd1 file, or give an object from Get-VmMigrationPolicy.").Message),
    };

    /// <summary>Finds a built-in policy.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="MigrationException">There is none of that name.</exception>
    public static MigrationPolicy Find(string name) => MigrationPolicies.Find(name) ?? throw RequestFailures.NoPolicy(name,
        $"There is no policy '{name}'. The built-in policies are {string.Join(", ", MigrationPolicies.All)}; the path of a policy file ends in {Extension}.");

    /// <summary>Reads a policy file.</summary>
    /// <param name="path">The file's path in the file system.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="MigrationException">There is no such file, or it holds no valid policy.</exception>
    public static MigrationPolicy ReadFile(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RequestFailures.NoPolicy(path, $"The policy file can't be read: {e.Message}");
        }

        return PolicyReader.Read(ReadTable(text, path), $"'{path}'");
    }

    private static Hashtable ReadTable(string text, string path)
    {
        var script = Parser.ParseInput(text, out _, out var errors);
        if (errors is [var error, ..])
        {
            throw Invalid(path, $"Line {error.Extent.StartLineNumber}: {error.Message}");
        }

        if (script.EndBlock is not { Statements: [PipelineAst { PipelineElements: [CommandExpressionAst { Expression: HashtableAst table }] }] } ||
            script.ParamBlock is not null)
        {
            throw Invalid(path, "It must hold one table, @{ … }, and nothing else.");
        }

        try
        {
            return (Hashtable)table.SafeGetValue();
        }
        catch (InvalidOperationException)
        {
            throw Invalid(path, "It must hold plain values only: texts, numbers, $true, $false, lists @( … ) and tables @{ … }.");
        }
    }

    private static MigrationException Invalid(string path, string problem) => RequestFailures.InvalidPolicy($"'{path}'", [problem]);

    private static bool IsPath(string text) =>
        text.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) || text.AsSpan().IndexOfAny('/', '\\') >= 0;
}
