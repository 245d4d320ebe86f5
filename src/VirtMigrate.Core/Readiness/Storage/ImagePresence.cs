namespace VirtMigrate.Readiness.Storage;

/// <summary>Whether a host has an image.</summary>
internal enum ImagePresence
{
    /// <summary>It can't be seen from here.</summary>
    Unknown,

    /// <summary>It is there.</summary>
    Present,

    /// <summary>It is not there.</summary>
    Missing,
}
