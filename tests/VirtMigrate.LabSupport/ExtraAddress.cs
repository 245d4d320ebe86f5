using CliWrap;

namespace VirtMigrate.LabSupport;

/// <summary>One more address of a host, which no name and no certificate of the lab knows; gone when disposed.</summary>
public sealed class ExtraAddress : IAsyncDisposable
{
    private readonly LabHost _host;

    private ExtraAddress(LabHost host) => _host = host;

    /// <summary>The address.</summary>
    public string Text => _host.Address + "00";

    /// <summary>Gives a host one more address.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The address.</returns>
    public static async Task<ExtraAddress> AddAsync(LabHost host)
    {
        var address = new ExtraAddress(host);
        await address.RunAsync("add");
        return address;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await RunAsync("delete");

    private Task RunAsync(string verb) =>
        Cli.Wrap("ip").WithArguments(["-n", _host.Netns, "address", verb, Text + "/24", "dev", "eth0"]).ExecuteAsync();
}
