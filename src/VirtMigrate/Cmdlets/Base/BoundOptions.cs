using System.Management.Automation;
using VirtMigrate.Options;

namespace VirtMigrate.Cmdlets;

/// <summary>Takes the options of a migration from a command's parameters: of those that were given, the values.</summary>
internal static class BoundOptions
{
    /// <summary>Takes them.</summary>
    /// <param name="invocation">Tells which parameters were given, by the names of their options.</param>
    /// <param name="values">Each option with its parameter's value.</param>
    /// <returns>The options that were given.</returns>
    public static MigrationOptionSet Read(InvocationInfo invocation, params (MigrationOption Option, object? Value)[] values) =>
        values.Where(v => v.Value is not null && invocation.BoundParameters.ContainsKey(v.Option.Name)).Aggregate(
            MigrationOptionSet.Empty, (set, v) => set.With(v.Option, v.Value is SwitchParameter given ? given.ToBool() : v.Value!));
}
