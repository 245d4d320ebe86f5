using VirtMigrate.Benchmarks.Peers;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Transports;

/// <summary>A guest whose migration goes round until somebody does something about it.</summary>
internal sealed class SteeredGuest : IAsyncDisposable
{
    private const string Name = "bench-steered";

    private readonly ModuleSession _session;
    private readonly LabGuest _guest;
    private readonly string _way;
    private LabHost _here;
    private LabHost _there;
    private bool _isMoving;

    private SteeredGuest(ModuleSession session, LabGuest guest, string way, LabHost here, LabHost there) =>
        (_session, _guest, _way, _here, _there) = (session, guest, way, here, there);

    /// <summary>Boots it. Its link has to be slower than it writes.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="session">A session that is connected to both hosts.</param>
    /// <param name="way">The way to the hosts.</param>
    /// <returns>The guest.</returns>
    public static async Task<SteeredGuest> StartAsync(Lab lab, ModuleSession session, string way) => new(
        session, await lab.StartGuestAsync(Name, "--memory", "192", "--dirty", "30", "--working-set", "60"), way, lab.Host1, lab.Host2);

    /// <summary>Runs a cmdlet while the guest is on its way.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <returns>The time of the cmdlet alone.</returns>
    public Task<TimeSpan> RunModuleAsync(SteerCommand command) =>
        MeasureAsync(command, () => _session.TimeAsync(command.Cmdlet, command.Arguments(Name, _here.Uri(_way))));

    /// <summary>Runs the virsh command while the guest is on its way.</summary>
    /// <param name="command">The command.</param>
    /// <returns>The time of virsh alone.</returns>
    public Task<TimeSpan> RunVirshAsync(SteerCommand command) => MeasureAsync(
        command, () => PeerProgram.TimeAsync("virsh", ["-c", _here.Uri(_way), command.Virsh[0], "--domain", Name, .. command.Virsh[1..]]));

    /// <summary>Takes the guest back, if it is on its way, and makes sure that it lost nothing.</summary>
    /// <returns>A task that ends when the guest was looked at.</returns>
    public async Task AssertWholeAsync()
    {
        if (_isMoving)
        {
            await Lab.VirshAsync(_here, "domjobabort", Name);
            await EndAsync();
        }

        await _guest.AssertWholeOnAsync(_here);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _guest.DisposeAsync();

    private async Task<TimeSpan> MeasureAsync(SteerCommand command, Func<Task<TimeSpan>> run)
    {
        if (!_isMoving)
        {
            var options = new { Vm = Name, VmHost = _here.Uri(_way), Destination = _there.Uri(_way), Live = true, PostCopy = true, MaxDowntime = 20 };
            await _session.RunAsync("Start-Migration", new { Options = options });
            try
            {
                await _guest.WaitUntilMovingAsync(_here);
            }
            catch (LabException e)
            {
                var progress = (await _session.RunAsync("Get-Progress", new { }, "Text")).Single("Get-Progress");
                throw new BenchmarkException($"{e.Message} {progress.Text("Text")}");
            }

            _isMoving = true;
        }

        var time = await run();
        if (command.End)
        {
            await EndAsync();
        }

        return time;
    }

    private async Task EndAsync()
    {
        var ended = (await _session.RunAsync("Wait-Migration", new { }, "Outcome")).Single("Wait-Migration");
        _isMoving = false;
        (_here, _there) = ended.Text("Outcome") switch
        {
            "Completed" => (_there, _here),
            "RolledBack" => (_here, _there),
            var other => throw new BenchmarkException($"The migration of {Name} ended as {other}."),
        };
    }
}
