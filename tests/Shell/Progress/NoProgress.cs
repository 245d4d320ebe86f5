using System.Management.Automation;

namespace VirtMigrate.Shell.Progress;

internal sealed class NoProgress : IProgressDisplay
{
    public void Update(long sourceId, ProgressRecord record)
    {
    }

    public void Clear()
    {
    }

    public void Dispose()
    {
    }
}
