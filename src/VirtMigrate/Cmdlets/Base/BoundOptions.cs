using System.Management.Automation;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Takes the options of a migration from a command's parameters: a parameter that has the name of a row of the option table is
/// that option.
/// </summary>
internal static class BoundOptions
{
    /// <summary>Takes them.</summary>
    /// <param name="parameters">The parameters that were given.</param>
    /// <returns>The options.</returns>
    public static MigrationOptionSet Read(IEnumerable<KeyValuePair<string, object>> parameters)
    {
        var options = MigrationOptionSet.Empty;
        foreach (var (name, value) in parameters)
        {
            if (MigrationOptions.Find(name) is { } option)
            {
                options = options.With(option, value is SwitchParameter given ? given.ToBool() : value);
            }
        }

        return options;
    }
}
