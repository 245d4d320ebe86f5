using System.Management.Automation;

namespace VirtMigrate.Shell.Progress;

/// <summary>The activities that go on, parents before their children, each level in order of appearance.</summary>
internal sealed class ProgressTree
{
    private readonly List<ProgressActivity> _activities = [];

    /// <summary>Takes news in; true when an activity came or went, so that it should be seen at once.</summary>
    public bool Update(long sourceId, ProgressRecord record)
    {
        var known = _activities.FindIndex(activity => activity.SourceId == sourceId && activity.Id == record.ActivityId);
        if (record.RecordType is ProgressRecordType.Completed)
        {
            return known >= 0 && Remove(_activities[known]);
        }

        var activity = ProgressActivity.From(sourceId, record);
        if (known >= 0)
        {
            _activities[known] = activity;
            return false;
        }

        _activities.Add(activity);
        return true;
    }

    public void Clear() => _activities.Clear();

    /// <summary>The activities with their depth, from top to bottom.</summary>
    public IEnumerable<(ProgressActivity Activity, int Depth)> Walk() =>
        _activities.Where(activity => ParentOf(activity) is null).SelectMany(root => Walk(root, depth: 0));

    private IEnumerable<(ProgressActivity Activity, int Depth)> Walk(ProgressActivity activity, int depth) =>
        ChildrenOf(activity).SelectMany(child => Walk(child, depth + 1)).Prepend((activity, depth));

    private ProgressActivity? ParentOf(ProgressActivity child) => child.ParentId == child.Id
        ? null
        : _activities.Find(activity => activity.SourceId == child.SourceId && activity.Id == child.ParentId);

    private IEnumerable<ProgressActivity> ChildrenOf(ProgressActivity parent) =>
        _activities.Where(activity => ReferenceEquals(ParentOf(activity), parent));

    private bool Remove(ProgressActivity activity)
    {
        foreach (var child in ChildrenOf(activity).ToArray())
        {
            Remove(child);
        }

        return _activities.Remove(activity);
    }
}
