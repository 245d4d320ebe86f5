using System.Collections;
using System.Management.Automation;
using VirtMigrate.Failures;
using VirtMigrate.Selection;

namespace VirtMigrate.Policies;

/// <summary>Turns what was given for a policy into one: a built-in's name, a file's path, a MigrationPolicy or a table.</summary>
/// <param name="paths">The session's current folder and drives.</param>
internal sealed class PolicyArgument(PathIntrinsics paths)
{
    /// <summary>Finds the policy.</summary>
    /// <param name="value">What was given.</param>
    /// <returns>The policy; null for nothing.</returns>
    /// <exception cref="MigrationException">There is none of that name or path. A file or table holds no valid policy.</exception>
    public MigrationPolicy? Resolve(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        MigrationPolicy policy => policy,
        IDictionary table => PolicyReader.Read(table, "the table"),
        string text when IsPath(text) => PolicyFile.Read(paths.GetUnresolvedProviderPathFromPSPath(text)),
        FileInfo file => PolicyFile.Read(file.FullName),
        string name => Find(name),
        var other => throw RequestFailures.NoPolicy(other.ToString() ?? string.Empty,
            TransformationInput.Refuse(other, "Name a built-in policy or a .psd1 file, or give an object from Get-VmMigrationPolicy.").Message),
    };

    /// <summary>Finds a built-in policy.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="MigrationException">There is none of that name.</exception>
    public static MigrationPolicy Find(string name) => MigrationPolicies.Find(name) ?? throw RequestFailures.NoPolicy(name,
        $"There is no policy '{name}'. The built-in ones are {string.Join(", ", MigrationPolicies.All)}; a path to a file ends with {PolicyFile.Extension}.");

    private static bool IsPath(string text) =>
        text.EndsWith(PolicyFile.Extension, StringComparison.OrdinalIgnoreCase) || text.AsSpan().IndexOfAny('/', '\\') >= 0;
}
