using VirtMigrate.Hosts;
using VirtMigrate.Tests.Virsh;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>Many commands in one run of virsh, and what came of each.</summary>
public sealed class VirshScriptTests
{
    private static readonly HostAddress Address = HostAddress.Parse("test:///default");

    public VirshScriptTests() => LibvirtTools.Require();

    [Fact]
    public async Task Each_command_has_its_own_answer()
    {
        var answers = await RunAsync([["hostname"], ["dominfo", "--domain", "--help"], ["echo", "a; echo b"]]);

        Assert.Null(answers[0].Error);
        Assert.IsType<VmNotFoundException>(answers[1].Error);
        Assert.Equal("a; echo b", answers[2].Output);
    }

    [Fact]
    public async Task As_few_runs_are_made_as_the_length_allows()
    {
        string[][] commands = [.. Enumerable.Range(0, 1000).Select(i => new[] { "echo", $"{Guid.NewGuid()}-{i}" })];
        VirshScript[] scripts = [.. VirshScript.Of(commands)];

        Assert.InRange(scripts.Length, 2, 8);
        Assert.All(scripts, s => Assert.InRange(s.Text.Length, 1, 30_000));
        var outputs = new List<string>();
        foreach (var script in scripts)
        {
            outputs.AddRange((await RunAsync(script)).Select(a => a.Output.TrimEnd()));
        }

        Assert.Equal(commands.Select(c => c[1]), outputs);
    }

    [Fact]
    public async Task An_answer_that_was_cut_off_is_none()
    {
        var script = VirshScript.Of([["dumpxml", "test"]]).Single();
        var whole = await ProcessAsync(script);

        Assert.Contains("<domain", whole.Output, StringComparison.Ordinal);
        for (var length = 0; length < whole.Output.Length; length += 97)
        {
            Assert.Throws<HypervisorToolException>(() => script.Read(whole with { Output = whole.Output[..length] }, Address));
        }
    }

    [Fact]
    public async Task A_host_that_can_t_be_opened_answers_nothing()
    {
        var script = VirshScript.Of([["hostname"], ["nodeinfo"]]).Single();
        var run = await ToolProcess.RunAsync(new("virsh", ["-q", "-c", "qemu+tcp://127.0.0.1:1/system", script.Text]), input: null, Stop);

        Assert.Throws<HostUnreachableException>(() => script.Read(run, Address));
    }

    [Fact]
    public void What_no_command_line_can_hold_is_refused() =>
        Assert.Throws<HypervisorException>(() => VirshScript.Of([["vol-dumpxml", "--vol", "/a\0b"]]).Single());

    [Fact]
    public async Task A_program_that_is_not_there_is_told()
    {
        var run = await ToolProcess.RunAsync(new("no-such-virsh", []), input: null, Stop);

        Assert.Throws<HypervisorToolException>(() => VirshScript.Of([["hostname"]]).Single().Read(run, Address));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<IReadOnlyList<VirshResult>> RunAsync(string[][] commands) => RunAsync(VirshScript.Of(commands).Single());

    private static async Task<IReadOnlyList<VirshResult>> RunAsync(VirshScript script) => script.Read(await ProcessAsync(script), Address);

    private static Task<ToolRun> ProcessAsync(VirshScript script) =>
        ToolProcess.RunAsync(new("virsh", ["-q", "-c", Address.Uri, script.Text]), input: null, Stop);
}
