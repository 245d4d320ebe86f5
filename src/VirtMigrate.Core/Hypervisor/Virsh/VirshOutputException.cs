namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>Virsh printed something that can't be read.</summary>
/// <param name="what">What it was expected to be.</param>
/// <param name="text">The text in question; of a long one the begin.</param>
public sealed class VirshOutputException(string what, string text)
    : HypervisorException($"virsh printed something that is not {what}: '{Shorten(text)}'.")
{
    private const int Longest = 200;

    /// <summary>What it was expected to be.</summary>
    public string Expected { get; } = what;

    /// <summary>The text in question.</summary>
    public string Text { get; } = text;

    // Nothing of it may steer a terminal.
    private static string Shorten(string text)
    {
        var line = string.Concat(text.Take(Longest).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return text.Length > Longest ? line + "…" : line;
    }
}
