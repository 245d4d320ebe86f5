using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests;

/// <summary>A test with two real hosts, which it leaves as they were, and a PowerShell session that has the finished module.</summary>
/// <param name="lab">The hosts.</param>
public abstract class LabTest(LabFixture lab) : IAsyncLifetime
{
    private readonly LabFixture _fixture = lab;
    private PowerShellSession? _session;

    /// <summary>The hosts.</summary>
    protected Lab Lab => _fixture;

    /// <summary>The session, with both hosts' URIs (over tcp) in $kvm1 and $kvm2.</summary>
    protected PowerShellSession Session => _session ??= NewSession();

    /// <summary>Opens one more session.</summary>
    /// <returns>The session.</returns>
    protected PowerShellSession NewSession() => new PowerShellSession().Set("kvm1", Lab.Host1.Tcp).Set("kvm2", Lab.Host2.Tcp);

    /// <inheritdoc/>
    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        _session?.Dispose();
        GC.SuppressFinalize(this);

        // What a fixture has on the hosts is there until it goes, and then it looks itself.
        if (!GetType().GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IClassFixture<>)))
        {
            await _fixture.AssertUnchangedAsync();
        }
    }

    /// <summary>Asserts that a host does not know a VM.</summary>
    /// <param name="host">The host.</param>
    /// <param name="vm">The VM's name.</param>
    /// <returns>A task that ends when the host was asked.</returns>
    protected static async Task AssertNotOnAsync(LabHost host, string vm) =>
        Assert.Contains("failed to get domain", await Lab.VirshAsync(host, "domstate", vm), StringComparison.Ordinal);

    /// <summary>Waits until virsh says of a host what it must come to.</summary>
    /// <param name="what">What, for the message.</param>
    /// <param name="host">The host.</param>
    /// <param name="isExpected">Whether virsh's answer, or its error, is the one.</param>
    /// <param name="command">The command, which changes nothing.</param>
    /// <returns>A task that ends when it says so.</returns>
    protected static async Task EventuallyAsync(string what, LabHost host, Func<string, bool> isExpected, params string[] command) =>
        Assert.True(await Lab.WaitForAnswerAsync(host, isExpected, command), $"Within a minute it did not come true that {what}.");

    /// <summary>Waits for something that must come true.</summary>
    /// <param name="what">What, for the message.</param>
    /// <param name="condition">Whether it has.</param>
    /// <returns>A task that ends when it has.</returns>
    protected static async Task EventuallyAsync(string what, Func<Task<bool>> condition)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail($"Within a minute it did not come true that {what}.");
    }
}
