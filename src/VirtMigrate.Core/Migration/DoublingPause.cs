namespace VirtMigrate.Migration;

/// <summary>A pause between two looks, which doubles until it is as long as it may be.</summary>
/// <param name="first">The first.</param>
/// <param name="longest">The longest.</param>
internal sealed class DoublingPause(TimeSpan first, TimeSpan longest)
{
    private TimeSpan? _last;

    /// <summary>Begins again.</summary>
    /// <returns>The first pause.</returns>
    public TimeSpan Restart()
    {
        _last = null;
        return first;
    }

    /// <summary>Doubles the last one.</summary>
    /// <returns>The next pause.</returns>
    public TimeSpan Next()
    {
        var doubled = (_last ?? first) * 2;
        _last = doubled < longest ? doubled : longest;
        return _last.Value;
    }
}
