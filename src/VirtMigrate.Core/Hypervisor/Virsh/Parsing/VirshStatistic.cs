using System.Globalization;

namespace VirtMigrate.Hypervisor.Virsh.Parsing;

/// <summary>Reads a typed parameter as virsh prints it (vshGetTypedParamValue).</summary>
internal static class VirshStatistic
{
    /// <summary>Reads one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its value as virsh printed it.</param>
    /// <returns>The statistic: as a text always, as a number where the text is an integer or virsh's word for a truth value.</returns>
    public static TypedParameter Read(string name, string text) => new(name, ToNumber(text), text);

    // What is beyond 63 bits comes as the largest number over libvirt's C API, too.
    private static long? ToNumber(string text) => text switch
    {
        "yes" => 1,
        "no" => 0,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => (long)Math.Min(number, long.MaxValue),
        _ => null,
    };
}
