using System.Globalization;
using System.Runtime.InteropServices;

namespace VirtMigrate.Session;

/// <summary>
/// Takes migrations back before the process ends because it was asked to (SIGTERM: kill, systemctl stop) or because its terminal is
/// gone (SIGHUP). What is to happen then is left to others; this only makes it wait.
/// </summary>
internal static class ProcessSignals
{
    // They count as long as they are referenced.
    private static readonly PosixSignalRegistration[] Registrations =
        [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Where(s => !IsIgnored(s)).Select(s => PosixSignalRegistration.Create(s, Handle))];

    /// <summary>Begins to listen, if that has not been done yet.</summary>
    public static void Listen() => GC.KeepAlive(Registrations);

    private static void Handle(PosixSignalContext context) =>
        Task.WaitAll([.. ModuleSession.All.Select(s => s.Registry.EndAsync())]);

    // Under nohup a process is to outlive its terminal.
    private static bool IsIgnored(PosixSignal signal)
    {
        const string Status = "/proc/self/status";
        const string Ignored = "SigIgn:";
        const int Hangup = 1;
        const int Termination = 15;
        var number = signal == PosixSignal.SIGHUP ? Hangup : Termination;
        return File.Exists(Status) &&
            Array.Find(File.ReadAllLines(Status), l => l.StartsWith(Ignored, StringComparison.Ordinal)) is { } line &&
            ulong.TryParse(line[Ignored.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask) &&
            (mask >> (number - 1) & 1) == 1;
    }
}
