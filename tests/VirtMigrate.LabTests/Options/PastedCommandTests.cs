using System.Xml.Linq;
using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

/// <summary>The command that -WhatIf prints does in a shell what the module does.</summary>
public sealed class PastedCommandTests(LabFixture lab) : OptionTest(lab)
{
    [Fact]
    public async Task The_printed_command_makes_the_same_calls_as_the_migration()
    {
        await using var guest = await Lab.StartGuestAsync("what if $(x)", "--memory", "192", "--disk", "shared");
        var definition = XElement.Parse(await Lab.VirshAsync(Lab.Host1, "dumpxml", guest.Name, "--migratable"));
        definition.Element("name")!.AddAfterSelf(new XElement("title", "it's \"live\""));
        var file = Path.Combine(Lab.Shared, "it's a $(definition).xml");
        await File.WriteAllTextAsync(file, definition.ToString(), TestContext.Current.CancellationToken);
        definition.Element("title")!.Value = "it's \"kept\"";
        var options =
            $"-Persistent -Suspend -AbortOnError -ChangeProtection -Bandwidth 200MB -AutoConverge -AutoConvergeInitial 33 " +
            $"-AutoConvergeIncrement 7 -Compression mt, xbzrle -CompressionMtLevel 2 -CompressionMtThreads 2 " +
            $"-CompressionMtDecompressionThreads 2 -CompressionXbzrleCache 32MB -Tls -TlsDestination kvm2 " +
            $"-MigrateUri tcp://{Lab.Host2.Address}:49310 -ListenAddress {Lab.Host2.Address} -GraphicsUri spice://a.example:5900 -DestinationXml {Literal(file)} " +
            $"-PersistentXml {Literal(definition.ToString())} -MaxDowntime 400 -Timeout 60";
        await using var trace = await DaemonTrace.BeginAsync(Lab, Lab.Host1);

        await MoveAsync(guest, Lab.Host1, options);
        await BringBackAsync(guest);
        var printed = await PrintedAsync(guest, options);
        await guest.AssertWholeOnAsync(Lab.Host1);
        var pasted = await Cli.Wrap("bash").WithArguments(["-c", printed]).WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        Assert.True(pasted.IsSuccess, pasted.StandardError);
        var calls = trace.Calls("virDomainMigrateBegin3Params");
        Assert.Equal(2, calls.Count);
        Assert.Equal(calls[0], calls[1]);
        Assert.Contains("compression.xbzrle.cache", calls[0], StringComparison.Ordinal);
        Assert.Equal("it's \"live\"", await TitleAsync(Lab.Host2, guest));
        Assert.Equal("it's \"kept\"", await TitleAsync(Lab.Host2, guest, "--inactive"));
        await Lab.VirshAsync(Lab.Host2, "resume", guest.Name);
        await guest.AssertWholeOnAsync(Lab.Host2);
        File.Delete(file);
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private async Task BringBackAsync(LabGuest guest)
    {
        await Lab.VirshAsync(Lab.Host2, "resume", guest.Name);
        await MoveAsync(guest, Lab.Host2, "-UndefineSource");
    }

    // As a user sees it, in a process of its own.
    private async Task<string> PrintedAsync(LabGuest guest, string options)
    {
        using var shell = new ShellProcess(
            $"Get-Vm -VmHost {Lab.Host1.Tcp} | Where-Object Name -eq {Literal(guest.Name)} | " +
            $"Start-VmMigration -Destination {Lab.Host2.Tcp} {options} -WhatIf");
        await shell.WaitAsync();
        var from = shell.Text.IndexOf("'kvm2': ", StringComparison.Ordinal);
        var to = shell.Text.LastIndexOf("\" on target", StringComparison.Ordinal);
        Assert.True(from > 0 && to > from, shell.Text);
        return shell.Text[(from + 8)..to];
    }
}
