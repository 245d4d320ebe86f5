using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Readiness.Storage;

/// <summary>What was seen of an image on a host.</summary>
/// <param name="Path">The image's path.</param>
/// <param name="Presence">Whether it is there.</param>
/// <param name="What">What was asked, in the terms of evidence.</param>
/// <param name="Value">What was read.</param>
internal sealed record ImageSighting(string Path, ImagePresence Presence, string What, string Value)
{
    /// <summary>The pool in whose directory the image is, or would be; null where there is no active one.</summary>
    public StoragePool? Pool { get; init; }
}
