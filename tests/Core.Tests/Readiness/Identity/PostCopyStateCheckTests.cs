using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class PostCopyStateCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task A_whole_vm_passes() => Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<PostCopyStateCheck>()).Status);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_half_on_either_host_is_to_be_resumed(bool isSource)
    {
        if (isSource)
        {
            _scene.Vm = _scene.Vm with { Status = new(VmState.Paused, 13) };
        }
        else
        {
            _scene.Destination.Vms.Add(_scene.Vm with { Status = new(VmState.Running, 11) });
        }

        var check = await _scene.CheckAsync<PostCopyStateCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.StartsWith(isSource ? "On 'kvm1'" : "On 'kvm2'", check.Message, StringComparison.Ordinal);
        Assert.Contains("Resume-VmMigration db", check.Recommendation, StringComparison.Ordinal);
    }
}
