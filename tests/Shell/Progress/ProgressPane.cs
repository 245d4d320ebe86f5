using System.Management.Automation;
using VirtMigrate.Shell.Terminal;

namespace VirtMigrate.Shell.Progress;

/// <summary>Progress at the bottom of a terminal, redrawn in place at a steady rate however often it is updated.</summary>
internal sealed class ProgressPane : IProgressDisplay
{
    private static readonly TimeSpan RedrawPeriod = TimeSpan.FromMilliseconds(100);

    private readonly Screen _screen;
    private readonly Lock _gate = new();
    private readonly ProgressTree _tree = new();
    private readonly Timer _timer;
    private bool _redrawScheduled;

    public ProgressPane(Screen screen)
    {
        _screen = screen;
        _timer = new Timer(_ => RedrawNow());
    }

    public void Update(long sourceId, ProgressRecord record)
    {
        lock (_gate)
        {
            var cameOrWent = _tree.Update(sourceId, record);
            if (cameOrWent)
            {
                Draw();
            }
            else if (!_redrawScheduled)
            {
                _redrawScheduled = true;
                _timer.Change(RedrawPeriod, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _tree.Clear();
            Draw();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void RedrawNow()
    {
        lock (_gate)
        {
            _redrawScheduled = false;
            Draw();
        }
    }

    private void Draw()
    {
        // A line that fills the last column would wrap, and more lines than half the window would hide the output.
        var width = TerminalTraits.Width - 1;
        var room = Math.Max(1, TerminalTraits.Height / 2);
        var lines = _tree.Walk().Select(item => ProgressLine.Format(item.Activity, item.Depth, width)).ToList();
        if (lines.Count > room)
        {
            var hidden = lines.Count - room + 1;
            lines.RemoveRange(room - 1, hidden);
            lines.Add(ProgressLine.Cut($"... and {hidden} more", width));
        }

        _screen.SetPane(lines);
    }
}
