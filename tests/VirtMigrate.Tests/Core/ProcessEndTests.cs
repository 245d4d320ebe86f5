using VirtMigrate.Hypervisor;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Tests.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>What becomes of migrations when their process is asked to end.</summary>
public sealed class ProcessEndTests
{
    private readonly MigrationRegistry _registry = new();

    [Fact]
    public async Task What_this_process_drives_is_stopped_and_waited_for()
    {
        var entry = Enter(MigrationPhase.Copying, isPeerToPeer: false);

        var ending = _registry.EndAsync(TimeSpan.FromMinutes(5));

        Assert.True(entry.Ending.IsCancellationRequested);
        Assert.False(ending.IsCompleted);
        entry.Dispose();
        await ending;
    }

    [Theory]
    [InlineData(MigrationPhase.Copying, true, false)]
    [InlineData(MigrationPhase.PostCopy, false, false)]
    [InlineData(MigrationPhase.Queued, true, true)]
    [InlineData(MigrationPhase.Preparing, false, true)]
    public async Task What_goes_on_without_it_is_left_alone_once_it_has_begun(MigrationPhase phase, bool isPeerToPeer, bool expected)
    {
        var entry = Enter(phase, isPeerToPeer);

        await _registry.EndAsync(TimeSpan.Zero);

        Assert.Equal(expected, entry.Ending.IsCancellationRequested);
    }

    [Fact]
    public async Task Nothing_begins_any_more()
    {
        await _registry.EndAsync(TimeSpan.Zero);

        Assert.True(_registry.IsEnding);
        Assert.Throws<OperationCanceledException>(() => Enter(MigrationPhase.Queued, isPeerToPeer: false));
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
