using System.Diagnostics;
using VirtMigrate.Hosts;
using VirtMigrate.LabSupport;
using VirtMigrate.Libvirt;
using Xunit;

namespace VirtMigrate.ContractTests.Faults;

/// <summary>A host that says nothing any more: whoever looks at it is told so in time, and it is asked again when it is back.</summary>
public sealed class HungHostTests(LabFixture lab) : LabTest(lab)
{
    // What a look costs beyond its deadline on a busy machine.
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(4);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tcp")]
    [InlineData("tls")]
    [InlineData("ssh")]
    public async Task Every_look_at_a_daemon_that_hangs_ends_in_time_and_it_is_asked_again_when_it_goes_on(string way)
    {
        await using var host = new HostConnection(new LibvirtTransport(), HostAddress.Parse(Lab.Host2.Uri(way)));
        await host.ReadAsync(h => h.ListVmsAsync(Token), Token);
        await using (await PauseDaemonAsync())
        {
            await AssertEndsAsync(HostDeadlines.Look, host.ReadAsync(h => h.GetAvailableMemoryAsync(Token), Token));
            await AssertEndsAsync(HostDeadlines.Monitors + HostDeadlines.Open, host.ReadAsync(h => h.ListVmsAsync(Token), Token));
        }

        await EventuallyAsync("the host answers again", async () => await AnswersAsync(host));
        await EventuallyAsync("what was abandoned has returned", () => Task.FromResult(NativeCall.CountAbandoned(host.Address) == 0));
    }

    [Fact]
    public async Task What_lists_all_does_not_wait_for_the_monitors_of_a_daemon_that_hangs()
    {
        await using var host = await OpenAsync();
        await using var pause = await PauseDaemonAsync();

        await AssertEndsAsync(HostDeadlines.Monitors + HostDeadlines.OpenAnother, host.ListVmsAsync(Token));
    }

    [Fact]
    public async Task A_link_that_is_cut_is_noticed_in_time()
    {
        await using var host = await OpenAsync();
        await using (await Change.MakeAsync(() => Lab.RunAsync("link", Lab.Host2.Name, "--down"), () => Lab.RunAsync("link", Lab.Host2.Name, "--up")))
        {
            await AssertEndsAsync(HostDeadlines.Monitors + HostDeadlines.OpenAnother, host.ListVmsAsync(Token));
        }

        await EventuallyAsync("what was abandoned has returned", () => Task.FromResult(NativeCall.CountAbandoned(host.Address) == 0));
    }

    [Fact]
    public async Task A_token_is_heeded_at_once_whatever_hangs()
    {
        await using var host = await OpenAsync();
        await using var pause = await PauseDaemonAsync();
        using var stop = new CancellationTokenSource();
        Task[] looks = [host.ListVmsAsync(stop.Token), host.FindVmAsync(Guid.NewGuid(), stop.Token), host.AbortJobAsync(Guid.NewGuid(), stop.Token)];
        await Task.Delay(TimeSpan.FromSeconds(1), Token);

        var begun = Stopwatch.GetTimestamp();
        await stop.CancelAsync();
        foreach (var look in looks)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => look);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Closing_does_not_wait_for_a_host_that_hangs()
    {
        var host = await OpenAsync();
        await using var pause = await PauseDaemonAsync();
        var begun = Stopwatch.GetTimestamp();

        await host.DisposeAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, HostDeadlines.Close + Lateness);
    }

    [Fact]
    public async Task Events_come_again_when_the_connection_that_brought_them_is_given_up()
    {
        await using var host = await OpenAsync();
        var heard = new TaskCompletionSource();
        await using (await PauseDaemonAsync())
        {
            await Assert.ThrowsAsync<HostTimeoutException>(() => host.GetAvailableMemoryAsync(Token));
        }

        using var listening = host.Subscribe(_ => heard.TrySetResult());
        await EventuallyAsync("what was abandoned has returned", () => Task.FromResult(NativeCall.CountAbandoned(host.Address) == 0));
        await host.GetAvailableMemoryAsync(Token);
        await using var guest = await Lab.StartGuestAsync("heard-again", "--host", "2", "--off");

        await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    private static async Task AssertEndsAsync(TimeSpan deadline, Task look)
    {
        var begun = Stopwatch.GetTimestamp();
        var error = await Record.ExceptionAsync(() => look);
        Assert.True(error is HostTimeoutException or HostConnectionLostException, $"{error}");
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, deadline + Lateness);
    }

    private static async Task<bool> AnswersAsync(HostConnection host)
    {
        try
        {
            await host.ReadAsync(h => h.ListVmsAsync(Token), Token);
            return true;
        }
        catch (HypervisorException)
        {
            return false;
        }
    }

    private Task<IHypervisor> OpenAsync() => new LibvirtTransport().OpenAsync(HostAddress.Parse(Lab.Host2.Tcp), credential: null, Token);

    private Task<IAsyncDisposable> PauseDaemonAsync() => Change.MakeAsync(() => SignalAsync("STOP"), () => SignalAsync("CONT"));

    private Task<string> SignalAsync(string signal) => Lab.RunAsync("exec", Lab.Host2.Name, "sh", "-c", $"kill -{signal} $(pgrep -x libvirtd)");
}
