using System.Collections;
using System.Management.Automation.Language;
using VirtMigrate.Failures;

namespace VirtMigrate.Policies;

/// <summary>Reads policies from PowerShell data files (.psd1). Nothing in such a file is executed.</summary>
internal static class PolicyFile
{
    /// <summary>The extension of a policy's file.</summary>
    public const string Extension = ".psd1";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file's path in the file system.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="MigrationException">There is no such file. It holds no valid policy.</exception>
    public static MigrationPolicy Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RequestFailures.NoPolicy(path, $"The policy's file can't be read: {e.Message}");
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
}
