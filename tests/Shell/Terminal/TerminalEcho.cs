namespace VirtMigrate.Shell.Terminal;

/// <summary>Switches the terminal's echo off until disposed.</summary>
internal sealed class TerminalEcho : IDisposable
{
    private readonly byte[]? _settings;

    public TerminalEcho()
    {
        if (InputReader.IsTerminal && !OperatingSystem.IsWindows())
        {
            _settings = NativeTerminal.DisableEcho();
        }
    }

    public void Dispose()
    {
        if (_settings is not null)
        {
            NativeTerminal.Restore(_settings);
        }
    }
}
