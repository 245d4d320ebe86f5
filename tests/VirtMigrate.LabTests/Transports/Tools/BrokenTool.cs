using System.Globalization;

namespace VirtMigrate.LabTests.Transports.Tools;

/// <summary>A virsh or ssh that does what the real one does until it is told to break in some way.</summary>
internal sealed class BrokenTool : IDisposable
{
    // Other tests of this machine may have hanging tools of their own.
    private static int _number = 100_000 + (Environment.ProcessId * 100);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("virtmigrate-broken-");
    private readonly string _seconds = Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture);

    /// <summary>Makes the tool.</summary>
    /// <param name="name">The tool that it stands for.</param>
    public BrokenTool(string name)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, $"""
            #!/bin/sh
            real=/usr/bin/{name}
            case $(cat '{ModeFile}') in
            good) exec $real "$@" ;;
            dies) exit 1 ;;
            killed) kill -9 $$ ;;
            hangs) exec sleep {_seconds} ;;
            silent) exit 0 ;;
            half) $real "$@" >"$0.$$"; head -c $(($(wc -c <"$0.$$") / 2)) "$0.$$"; rm "$0.$$" ;;
            most) $real "$@" >"$0.$$"; head -c -20 "$0.$$"; rm "$0.$$" ;;
            garbage) head -c 300 /dev/urandom | base64 ;;
            binary) head -c 300 /dev/urandom ;;
            esac

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Set("good");
    }

    /// <summary>The folder to put before all others of the PATH.</summary>
    public string Folder => _folder.FullName;

    /// <summary>The file that says how it works.</summary>
    public string ModeFile => Path.Combine(Folder, "mode");

    /// <summary>The programs of this tool that hang.</summary>
    public IEnumerable<string> Hanging => Directory.EnumerateDirectories("/proc").Select(ReadCommandLine)
        .Where(c => string.Equals(c, $"sleep\0{_seconds}\0", StringComparison.Ordinal));

    /// <summary>Says how it is to work from now on.</summary>
    /// <param name="mode">The way.</param>
    public void Set(string mode) => File.WriteAllText(ModeFile, mode);

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private static string ReadCommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
