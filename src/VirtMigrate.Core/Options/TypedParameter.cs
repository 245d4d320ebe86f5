namespace VirtMigrate.Options;

/// <summary>One named value of what a host tells of a VM or a job (virTypedParameter), whichever transport brought it.</summary>
/// <param name="Name">Libvirt's name, such as <c>state.reason</c>.</param>
/// <param name="Number">The value as an integer; null where it is none.</param>
/// <param name="Text">The value as a text; null where the transport knows that it is a number.</param>
internal readonly record struct TypedParameter(string Name, long? Number, string? Text);

/// <summary>Finds single values among typed parameters.</summary>
internal static class TypedParameterExtensions
{
    public static long? FindNumber(this IReadOnlyList<TypedParameter> parameters, string name) => parameters.Find(name)?.Number;

    public static string? FindText(this IReadOnlyList<TypedParameter> parameters, string name) => parameters.Find(name)?.Text;

    private static TypedParameter? Find(this IReadOnlyList<TypedParameter> parameters, string name)
    {
        foreach (var parameter in parameters)
        {
            if (parameter.Name.Equals(name, StringComparison.Ordinal))
            {
                return parameter;
            }
        }

        return null;
    }
}
