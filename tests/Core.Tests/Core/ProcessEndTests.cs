using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Simulation;
using VirtMigrate.Tests.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>What becomes of migrations when their process is asked to end.</summary>
public sealed class ProcessEndTests
{
    private readonly SimulatedTime _time = new(new SimulatedRandom(1));
    private readonly MigrationRegistry _registry;

    public ProcessEndTests() => _registry = new(_time);

    [Fact]
    public void What_this_process_drives_is_stopped_and_waited_for()
    {
        var entry = Enter(MigrationPhase.Copying, isPeerToPeer: false);

        var ending = _registry.EndAsync(TimeSpan.FromMinutes(5));

        _time.Run(() => false, TimeSpan.FromMinutes(4));
        Assert.True(entry.Ending.IsCancellationRequested);
        Assert.False(ending.IsCompleted);
        entry.Dispose();
        Assert.True(ending.IsCompletedSuccessfully);
    }

    [Fact]
    public void What_does_not_end_is_not_waited_for_without_end()
    {
        Enter(MigrationPhase.Copying, isPeerToPeer: false);

        var ending = _registry.EndAsync(TimeSpan.FromMinutes(5));

        _time.Run(() => ending.IsCompleted, TimeSpan.FromMinutes(6));
        Assert.True(ending.IsCompletedSuccessfully);
        Assert.Equal(TimeSpan.FromMinutes(5), _time.Now);
    }

    [Theory]
    [InlineData(MigrationPhase.Copying, true, false)]
    [InlineData(MigrationPhase.PostCopy, false, false)]
    [InlineData(MigrationPhase.Queued, true, true)]
    [InlineData(MigrationPhase.Preparing, false, true)]
    public void What_goes_on_without_it_is_left_alone_once_it_has_begun(MigrationPhase phase, bool isPeerToPeer, bool expected)
    {
        var entry = Enter(phase, isPeerToPeer);

        _ = _registry.EndAsync(TimeSpan.FromSeconds(1));
        _time.RunUntilQuiet(TimeSpan.FromSeconds(2));

        Assert.Equal(expected, entry.Ending.IsCancellationRequested);
    }

    [Fact]
    public void What_has_become_of_each_is_told()
    {
        var entry = Enter(MigrationPhase.Copying, isPeerToPeer: false);
        var ending = _registry.EndAsync(TimeSpan.FromMinutes(5));
        _time.RunUntilQuiet(TimeSpan.FromSeconds(2));
        var result = entry.End(new(TestData.Result(), null)).Result;
        entry.Dispose();

        var ended = Assert.Single(Ended(ending));
        Assert.Equal(("db", false), (ended.Request.Vm.Name, ended.GoesOn));
        Assert.Same(result.Verification, ended.Seen);
    }

    [Fact]
    public void What_goes_on_is_told()
    {
        Enter(MigrationPhase.Copying, isPeerToPeer: true);

        Assert.True(Assert.Single(End(TimeSpan.FromSeconds(1))).GoesOn);
    }

    [Fact]
    public void What_does_not_end_in_time_is_told()
    {
        Enter(MigrationPhase.Copying, isPeerToPeer: false);

        var late = Assert.Single(End(TimeSpan.FromSeconds(1)));
        Assert.Equal((false, null), (late.GoesOn, late.Seen));
    }

    [Fact]
    public void There_is_nothing_to_tell_of_what_had_not_begun()
    {
        var entry = Enter(MigrationPhase.Queued, isPeerToPeer: false);
        var ending = _registry.EndAsync(TimeSpan.FromMinutes(5));
        _time.RunUntilQuiet(TimeSpan.FromSeconds(2));
        entry.Dispose();

        Assert.Empty(Ended(ending));
    }

    [Fact]
    public void Nothing_begins_any_more()
    {
        _ = _registry.EndAsync();

        Assert.True(_registry.IsEnding);
        Assert.Throws<OperationCanceledException>(() => Enter(MigrationPhase.Queued, isPeerToPeer: false));
    }

    private IReadOnlyList<EndedMigration> End(TimeSpan patience)
    {
        var ending = _registry.EndAsync(patience);
        _time.Run(() => ending.IsCompleted, TimeSpan.FromMinutes(6));
        return Ended(ending);
    }

    private static IReadOnlyList<EndedMigration> Ended(Task<IReadOnlyList<EndedMigration>> ending)
    {
        Assert.True(ending.IsCompletedSuccessfully);
        return ending.Result;
    }

    private MigrationRegistry.Entry Enter(MigrationPhase phase, bool isPeerToPeer)
    {
        var host = new HostConnection(new DetectedTransport(), HostAddress.Parse("test:///default"));
        var vm = new ReadinessScene().TestVm("db", VmState.Running);
        var entry = _registry.Enter(new()
        {
            Vm = vm,
            Source = host,
            Destination = host,
            Options = MigrationOptionSet.Empty.With(MigrationOptions.PeerToPeer, isPeerToPeer),
        }, listener: null);
        entry.Report(new() { Vm = vm.Name, Phase = phase });
        return entry;
    }
}
