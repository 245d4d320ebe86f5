using VirtMigrate.Contract;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Simulation;
using Xunit;

namespace VirtMigrate.Tests.Simulation;

/// <summary>Simulated hosts say and do what every transport does, as far as migrations are concerned.</summary>
public sealed class SimulatedContractTests
{
    private const long MiB = 1 << 20;
    private static readonly string[] Ways = Enum.GetNames<SimulatedWay>();

    public static TheoryData<string> Everyway => [.. Ways];

    public static TheoryData<string, string> EveryRefusal => Cross(HostContract.Refusals.Select(r => r.Name));

    public static TheoryData<string, string> EveryAnswer => Cross(HostContract.Answers.Keys);

    [Theory]
    [MemberData(nameof(EveryRefusal))]
    public void A_host_refuses_what_libvirt_refuses(string way, string name)
    {
        var refusal = HostContract.Refusals.Single(r => string.Equals(r.Name, name, StringComparison.Ordinal));
        In(Scene(way, refusal.Vm), (world, host, _) => refusal.AssertAsync(host, Uuid(world, refusal.Vm)));
    }

    [Theory]
    [MemberData(nameof(EveryAnswer))]
    public void A_host_answers_as_libvirt_does(string way, string name)
    {
        var (vm, assert) = HostContract.Answers[name];
        In(Scene(way, vm), (world, host, _) => assert(host, Uuid(world, vm)));
    }

    [Theory]
    [MemberData(nameof(Everyway))]
    public void A_migration_is_told_steered_aborted_and_completed_as_libvirt_does(string way) => In(Moving(way), async (world, source, destination) =>
    {
        using var contract = new MigrationContract(world.Uuid, source, destination, world.Time);
        contract.Listen();
        var moving = await contract.BeginAsync();
        await contract.AssertToldAsync();
        await contract.AssertLimitedAsync();
        Assert.Equal(9 * MiB, world.Source.Domain!.Bandwidth);
        await contract.AssertSuspendedAsync(async () => (await contract.StateAsync(source))!);
        await contract.AssertAbortedAsync(moving);
        Assert.True(world.Source.IsExecuting);
        await contract.AssertPostCopyArrivesAsync();
        Assert.True(world.Destination.IsExecuting);
    });

    private static Guid Uuid(SimulatedWorld world, ContractVm vm) => vm == ContractVm.Absent ? new("8a1b0d5e-0000-4000-8000-0000000000ff") : world.Uuid;

    private static Scenario Scene(string way, ContractVm vm) => new()
    {
        Seed = 1,
        Way = Enum.Parse<SimulatedWay>(way),
        IsLive = vm != ContractVm.ShutOff,
        IsPausedBefore = vm == ContractVm.Transient,
        IsPersistent = vm != ContractVm.Transient,
        HasAutostart = vm == ContractVm.ShutOff,
        Options = MigrationOptionSet.Empty.With(vm == ContractVm.ShutOff ? MigrationOptions.Offline : MigrationOptions.Live, true),
    };

    private static Scenario Moving(string way) => new() { Seed = 2, Way = Enum.Parse<SimulatedWay>(way), Guest = new(200 * MiB, 60 * MiB, 20 * MiB, 36 * MiB) };

    private static TheoryData<string, string> Cross(IEnumerable<string> names)
    {
        var data = new TheoryData<string, string>();
        foreach (var name in names)
        {
            foreach (var way in Ways)
            {
                data.Add(way, name);
            }
        }

        return data;
    }

    // The test runs as an item of the world's own queue, on the thread that the world has.
    private static void In(Scenario scenario, Func<SimulatedWorld, IHypervisor, IHypervisor, Task> test)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var world = new SimulatedWorld(scenario, isTraced: true);
            var plan = SimulationRun.Plan(world);
            var running = test(world, plan.Source.GetAsync(CancellationToken.None).Result, plan.Destination.GetAsync(CancellationToken.None).Result);
            world.Time.Run(() => running.IsCompleted, TimeSpan.FromMinutes(10));
            Assert.True(running.IsCompleted, $"It has no end.\n{string.Join('\n', world.Trace!.Lines)}");
            running.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
