using System.Text;

namespace VirtMigrate.Shell.Terminal;

/// <summary>
/// Standard output and error, and the pane of progress lines below them. All writing goes through here, so that the
/// pane is taken away before a line is written and put back after it.
/// </summary>
internal sealed class Screen : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TextWriter _output = Open(Console.OpenStandardOutput());
    private readonly TextWriter _error = Open(Console.OpenStandardError());
    private readonly bool _hasColor = TerminalTraits.AllowsColor;

    private IReadOnlyList<string> _pane = [];
    private int _drawnLines;
    private bool _suspended;
    private bool _atLineStart = true;

    /// <summary>Whether lines can be redrawn in place.</summary>
    public bool IsTerminal { get; } = !Console.IsOutputRedirected && TerminalTraits.MovesCursor;

    public bool SupportsColor => IsTerminal && _hasColor;

    public bool ErrorSupportsColor { get; } = !Console.IsErrorRedirected && TerminalTraits.MovesCursor && TerminalTraits.AllowsColor;

    public void Write(string text) => WriteTo(_output, text);

    public void WriteError(string text) => WriteTo(_error, text);

    /// <summary>Replaces the pane's lines, none of which may be wider than the terminal.</summary>
    public void SetPane(IReadOnlyList<string> lines)
    {
        lock (_gate)
        {
            var frame = new StringBuilder(Erasure());
            _pane = lines;
            frame.Append(Drawing());
            Send(_output, frame.ToString());
        }
    }

    /// <summary>Takes the pane away until <see cref="ResumePane"/>, for as long as others write to the terminal.</summary>
    public void SuspendPane()
    {
        lock (_gate)
        {
            _suspended = true;
            Send(_output, Erasure());
        }
    }

    public void ResumePane()
    {
        lock (_gate)
        {
            _suspended = false;
            Send(_output, Drawing());
        }
    }

    public void Dispose()
    {
        SetPane([]);
        _output.Dispose();
        _error.Dispose();
    }

    private static StreamWriter Open(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 4096) { AutoFlush = true };

    private static void Send(TextWriter writer, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        try
        {
            writer.Write(text);
        }
        catch (IOException)
        {
            // The terminal is gone. What still runs are finally blocks, and they are worth more than their output.
        }
    }

    private void WriteTo(TextWriter writer, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        lock (_gate)
        {
            var erasure = Erasure();
            _atLineStart = text.EndsWith('\n');
            if (writer == _output)
            {
                Send(_output, erasure + text + Drawing());
            }
            else
            {
                Send(_output, erasure);
                Send(writer, text);
                Send(_output, Drawing());
            }
        }
    }

    // The cursor rests at the end of the pane's last line.
    private string Erasure()
    {
        var lines = _drawnLines;
        _drawnLines = 0;
        return lines switch
        {
            0 => "",
            1 => "\r\e[J",
            _ => $"\r\e[{lines - 1}A\e[J",
        };
    }

    // After a half-written line the pane waits for its end, or it would be drawn into it.
    private string Drawing()
    {
        if (_suspended || !_atLineStart || _pane.Count == 0)
        {
            return "";
        }

        _drawnLines = _pane.Count;
        return string.Join('\n', _pane);
    }
}
