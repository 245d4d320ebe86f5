namespace VirtMigrate.Progress;

/// <summary>Numbers of progress bars. Two commands that run side by side must not write into one bar.</summary>
internal static class ProgressActivity
{
    private static int _last = 7000;

    /// <summary>A number that no other bar of this process has.</summary>
    /// <returns>The number.</returns>
    public static int NextId() => Interlocked.Increment(ref _last);
}
