using CliWrap;

namespace VirtMigrate.LabSupport;

/// <summary>One more address of a host, which no name and no certificate of the lab knows; gone when disposed.</summary>
public sealed class ExtraAddress : IAsyncDisposable
{
    private readonly IAsyncDisposable _change;

    private ExtraAddress(string text, IAsyncDisposable change) => (Text, _change) = (text, change);

    /// <summary>The address.</summary>
    public string Text { get; }

    /// <summary>Gives a host one more address.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The address.</returns>
    public static async Task<ExtraAddress> AddAsync(LabHost host)
    {
        var text = host.Address + "00";
        return new(text, await Change.MakeAsync(() => RunAsync("add"), () => RunAsync("delete")));

        Task RunAsync(string verb) =>
            Cli.Wrap("ip").WithArguments(["-n", host.Netns, "address", verb, text + "/24", "dev", "eth0"]).ExecuteAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _change.DisposeAsync();
}
