using System.Globalization;
using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;

namespace VirtMigrate.Session;

/// <summary>
/// Aborts migrations before the process ends because it was asked to (SIGTERM: kill, systemctl stop) or because its terminal is
/// gone (SIGHUP), and says what has become of their VMs. What happens then is left to others; this only delays it.
/// </summary>
internal static class ProcessSignals
{
    // They count as long as they are referenced.
    private static readonly PosixSignalRegistration[] Registrations =
        [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Where(s => !IsIgnored(s)).Select(s => PosixSignalRegistration.Create(s, Handle))];

    private static volatile bool _isHeard;

    /// <summary>Whether the process is about to end by a signal. What becomes of its VMs is said here, for every session and job at once.</summary>
    public static bool IsHeard => _isHeard;

    /// <summary>Begins to listen, if that has not been done yet.</summary>
    public static void Listen() => GC.KeepAlive(Registrations);

    private static void Handle(PosixSignalContext context)
    {
        _isHeard = true;
        var ended = Task.WhenAll(ModuleSession.All.Select(s => s.Registry.EndAsync())).GetAwaiter().GetResult();
        try
        {
            // The pipelines and their hosts are in an unknown state by now. Whoever keeps this process's output has its errors too.
            foreach (var migration in ended.SelectMany(e => e))
            {
                Console.Error.WriteLine($"WARNING: {Describe(migration)}");
            }
        }
        catch (IOException)
        {
            // The terminal is gone.
        }
    }

    private static string Describe(EndedMigration migration)
    {
        var (vm, source, target) = (migration.Request.Vm.Name, migration.Request.Vm.VmHost.Name, migration.Request.Destination.Name);
        var (vmWord, hosts) = (PowerShellWord.Quote(vm), $"-VmHost {PowerShellWord.Quote(migration.Request.Vm.VmHost.Uri)}");
        return migration switch
        {
            { Seen: { } seen } => seen.Message,
            { GoesOn: true } => $"The migration of '{vm}' from '{source}' to '{target}' goes on without this process. To see it: Get-VmMigrationJob {vmWord} {hosts}",
            _ => $"The migration of '{vm}' from '{source}' to '{target}' did not end in time. To see where the VM is: " +
                $"Test-VmMigrationResult {vmWord} {hosts} -Destination {PowerShellWord.Quote(migration.Request.Destination.Address.Uri)}",
        };
    }

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
