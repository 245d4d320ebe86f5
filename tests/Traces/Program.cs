using System.Diagnostics;
using System.Globalization;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Traces;

/// <summary>
/// Records real migrations in the lab, for the tests that replay them: <c>dotnet run --project tests/Traces -c Release</c>, as root;
/// with names, or parts of them, those scenes alone. It is run by hand, when the engine's events have changed.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        await using var lab = new Lab(Environment.GetEnvironmentVariable("LAB_SLOT") ?? "7");
        await lab.InitializeAsync();
        Environment.SetEnvironmentVariable("LIBVIRT_DEFAULT_URI", null);
        var folder = Path.Combine(ProjectLayout.Root, "tests", "Simulation", "Traces");
        var recorder = new SceneRecorder(lab, folder);
        var failed = new List<string>();
        foreach (var scene in Scenes.All.Where(s => args.Length == 0 || args.Any(a => s.Name.Contains(a, StringComparison.OrdinalIgnoreCase))))
        {
            var watch = Stopwatch.StartNew();
            string told;
            try
            {
                told = await recorder.RecordAsync(scene);
            }
            catch (Exception e)
            {
                told = $"FAILED: {e.Message.Trim()}";
                failed.Add(scene.Name);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scene.Name,-40} {watch.Elapsed.TotalSeconds,5:0.0} s  {told}"));
        }

        await recorder.DisposeAsync();
        Console.WriteLine(failed.Count == 0 ? "All are recorded." : $"Not recorded: {string.Join(' ', failed)}");
        return failed.Count == 0 ? 0 : 1;
    }
}
