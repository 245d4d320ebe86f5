namespace VirtMigrate.Benchmarks.Measurement;

/// <summary>What a figure counts.</summary>
internal enum Unit
{
    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Things.</summary>
    Count,

    /// <summary>Shares of a whole.</summary>
    Share,
}
