using System.Management.Automation;

namespace VirtMigrate.Shell.Progress;

/// <summary>Where progress goes.</summary>
internal interface IProgressDisplay : IDisposable
{
    /// <summary>Takes news of an activity. Called on any thread.</summary>
    void Update(long sourceId, ProgressRecord record);

    /// <summary>Forgets all activities.</summary>
    void Clear();
}
