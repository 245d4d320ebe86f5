using System.Globalization;

namespace VirtMigrate.Readiness.Storage;

/// <summary>Sizes as people read them.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Puts a size into words.</summary>
    /// <param name="bytes">Bytes.</param>
    /// <returns>The size with its unit.</returns>
    public static string ToText(long bytes)
    {
        var power = 0;
        var value = (double)bytes;
        for (; value >= 1024 && power < Units.Length - 1; power++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {Units[power]}");
    }
}
