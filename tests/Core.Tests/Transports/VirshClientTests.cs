using VirtMigrate.Hosts;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>What a command that goes wrong says of its host.</summary>
public sealed class VirshClientTests
{
    private Func<Task<ToolRun>> _run = () => Task.FromResult(new ToolRun("virsh", 0, string.Empty, string.Empty));

    [Fact]
    public async Task A_command_that_takes_too_long_is_no_lost_host()
    {
        var error = await FailAsync<HostTimeoutException>(() => throw new OperationCanceledException(), isAlive: true);

        Assert.Equal(TimeSpan.FromSeconds(60), error.Timeout);
    }

    [Theory]
    [InlineData(137, "")]
    [InlineData(127, "sh: 1: exec: virsh: not found")]
    [InlineData(1, "error: internal error: something else")]
    [InlineData(0, "")]
    public Task A_program_that_breaks_is_no_lost_host(int exitCode, string errors) =>
        FailAsync<HypervisorException>(() => Task.FromResult(new ToolRun("virsh", exitCode, string.Empty, errors)), isAlive: true);

    [Theory]
    [InlineData("error: failed to connect to the hypervisor\nerror: unable to connect to server at 'kvm1:16509': Connection refused\n")]
    [InlineData("error: failed to connect to the hypervisor\nerror: Cannot recv data: Connection reset by peer\n")]
    public Task A_host_that_is_not_reached_is_lost(string errors) =>
        FailAsync<HypervisorException>(() => Task.FromResult(new ToolRun("virsh", 1, string.Empty, errors)), isAlive: false);

    private async Task<T> FailAsync<T>(Func<Task<ToolRun>> run, bool isAlive)
        where T : HypervisorException
    {
        _run = run;
        await using var runner = new FakeRunner((_, _) => _run());
        var virsh = new VirshClient(runner, HostAddress.Parse("qemu+tcp://kvm1/system"), credential: null);

        var error = await Assert.ThrowsAnyAsync<T>(() => virsh.RunAsync(["list"], TestContext.Current.CancellationToken));

        Assert.Equal(isAlive, virsh.IsAlive);
        return error;
    }
}
