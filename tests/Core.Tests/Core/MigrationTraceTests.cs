using System.Text.Json;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Simulation;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class MigrationTraceTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [Fact]
    public async Task A_trace_is_a_file_that_its_owner_alone_reads_with_a_line_for_each_step()
    {
        var trace = MigrationTrace.Open(Plan(), _folder, new(2026, 12, 1, 14, 3, 12, 1, TimeSpan.Zero));
        trace.Write(TimeSpan.FromMilliseconds(1500), new MigrationEvent.CallReturned(), [new MigrationCommand.LookAt(MigrationEnd.Source)]);
        trace.Write(TimeSpan.FromSeconds(2), new MigrationEvent.StopRequested(), commands: null);
        await trace.WaitUntilWrittenAsync();

        var file = Path.Combine(_folder, "20261201-140312-001-vm.jsonl");
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        var lines = File.ReadAllLines(file);
        Assert.StartsWith("{\"StartTime\":\"2026-12-01T14:03:12.001+00:00\",\"Vm\":{\"Name\":\"vm\"", lines[0], StringComparison.Ordinal);
        Assert.Equal("""{"At":"00:00:01.5000000","Event":{"$type":"CallReturned"},"Commands":[{"$type":"LookAt","End":"Source"}]}""", lines[1]);
        Assert.Equal("""{"At":"00:00:02","Event":{"$type":"StopRequested"}}""", lines[2]);
    }

    [Fact]
    public async Task A_trace_holds_no_definition()
    {
        const string Definition = "<domain><graphics passwd='secret'/></domain>";
        var plan = Plan();
        plan = plan with { Options = plan.Options.With(MigrationOptions.DestinationXml, new MigrationXml(Definition)).With(MigrationOptions.PersistentXml, Definition) };
        var trace = MigrationTrace.Open(plan, _folder, DateTimeOffset.UtcNow);
        trace.Write(default, new MigrationEvent.DefinitionSeen(MigrationEnd.Source, Definition, IsKnown: true), []);
        trace.Write(default, new MigrationEvent.DefinitionSeen(MigrationEnd.Destination, Definition, IsKnown: true), []);
        await trace.WaitUntilWrittenAsync();

        var text = File.ReadAllText(Assert.Single(Directory.GetFiles(_folder)));
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.Equal(4, text.Split(MigrationTraceFormat.Hash(Definition)).Length - 1);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_costs_the_trace_alone()
    {
        File.WriteAllText(_folder, string.Empty);
        var trace = MigrationTrace.Open(Plan(), _folder, DateTimeOffset.UtcNow);
        trace.Write(default, new MigrationEvent.Begun(), []);
        await trace.WaitUntilWrittenAsync();
        trace.Write(default, new MigrationEvent.Begun(), []);
        Assert.True(File.Exists(_folder));
    }

    [Fact]
    public async Task A_failure_is_recorded_with_libvirts_error_and_its_cause()
    {
        var address = HostAddress.Parse("qemu+tcp://kvm1/system");
        var failure = new HypervisorException("the connection to 'kvm2' was lost half-way", HypervisorErrors.Classify(new(78, 10, "operation aborted"), address));
        var trace = MigrationTrace.Open(Plan(), _folder, DateTimeOffset.UtcNow);
        trace.Write(default, new MigrationEvent.CallFailed(failure, WasMade: true), []);
        await trace.WaitUntilWrittenAsync();

        using var line = JsonDocument.Parse(File.ReadAllLines(Assert.Single(Directory.GetFiles(_folder)))[1]);
        var inner = line.RootElement.GetProperty("Event").GetProperty("Failure").GetProperty("Inner");
        Assert.Equal("VirtMigrate.Hosts.HypervisorException", inner.GetProperty("Type").GetString());
        Assert.Equal("qemu+tcp://kvm1/system", inner.GetProperty("Host").GetString());
        Assert.Equal(78, inner.GetProperty("Error").GetProperty("Code").GetInt32());
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        File.Delete(_folder);
    }

    private static MigrationPlan Plan() => SimulationRun.Plan(new SimulatedWorld(Scenario.Draw(1), isTraced: false));
}
