using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.ContractTests;

/// <summary>A test with two real hosts, which it leaves as they were.</summary>
/// <param name="lab">The hosts.</param>
public abstract class LabTest(LabFixture lab) : IAsyncDisposable
{
    private readonly LabFixture _fixture = lab;

    /// <summary>The hosts.</summary>
    protected Lab Lab => _fixture;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _fixture.AssertUnchangedAsync();
    }

    /// <summary>Waits for something that must come true.</summary>
    /// <param name="what">What, for the message.</param>
    /// <param name="condition">Whether it has.</param>
    /// <returns>A task that ends when it has.</returns>
    protected static async Task EventuallyAsync(string what, Func<Task<bool>> condition)
    {
        for (var i = 0; i < 240; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(250);
        }

        Assert.Fail($"Within a minute it did not come true that {what}.");
    }
}
