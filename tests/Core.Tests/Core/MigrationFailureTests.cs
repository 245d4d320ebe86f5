using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>Libvirt's messages are told apart; the lab's tests provoke most of them for real.</summary>
public sealed class MigrationFailureTests
{
    public static TheoryData<string, int, string> Samples =>
        [.. MigrationFailureSamples.All.Select(s => new TheoryDataRow<string, int, string>(s.Id, s.Code, s.Message))];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_message_of_libvirt_tells_the_reason(string id, int code, string message) =>
        Assert.Equal(id, FailureTable.Find(message, code)?.Id);

    [Theory]
    [MemberData(nameof(Samples))]
    public void No_other_reason_fits_a_message_as_well(string id, int code, string message)
    {
        var best = FailureTable.Reasons.Single(k => string.Equals(k.Id, id, StringComparison.Ordinal)).Fit(message, code);

        Assert.All(FailureTable.Reasons.Where(k => !string.Equals(k.Id, id, StringComparison.Ordinal)), k => Assert.True(k.Fit(message, code) < best, k.Id));
    }

    [Fact]
    public void Every_reason_is_there_once_and_has_a_message_that_tells_it()
    {
        var ids = FailureTable.Reasons.Select(k => k.Id).ToArray();

        Assert.Equal(ids.Distinct(), ids);
        Assert.Equal(ids.Order(), MigrationFailureSamples.All.Select(s => s.Id).Distinct().Order());
    }

    [Theory]
    [InlineData(9, "operation failed: something that nobody has seen yet")]
    [InlineData(1, "internal error: domain 'db1' and network 'office'")]
    public void A_message_that_is_not_known_tells_no_reason(int code, string message) =>
        Assert.Null(FailureTable.Find(message, code));

    [Fact]
    public void A_vm_that_can_t_be_seen_goes_before_the_reason()
    {
        var failed = Fail(TestData.Instance("kvm1", VmState.Running, 1), TestData.Unseen("kvm2"));

        Assert.Equal(("MigrationOutcomeUnknown", false), (failed.Failure.Id, failed.CanRetry));
        Assert.Equal("MigrationConnectionLost", failed.Reason?.Id);
    }

    [Fact]
    public void A_broken_post_copy_goes_before_the_reason()
    {
        var failed = Fail(TestData.Instance("kvm1", VmState.Paused, 13), TestData.Instance("kvm2", VmState.Running, 11));

        Assert.Equal(("PostCopyFailed", false), (failed.Failure.Id, failed.CanRetry));
    }

    [Fact]
    public void A_vm_that_stayed_where_it_was_fails_for_its_reason()
    {
        var failed = Fail(TestData.Instance("kvm1", VmState.Running, 1), TestData.Absent("kvm2"));

        Assert.Equal(("MigrationConnectionLost", true), (failed.Failure.Id, failed.CanRetry));
    }

    private static MigrationEndedException Fail(VmInstance source, VmInstance destination)
    {
        const string Lost = "operation failed: Lost connection to destination host";
        return new(FailureTable.Find(Lost, 9), "db1", TestData.Judge(source, destination, CallState.Failed), "It failed.",
            new HypervisorException(new HypervisorError(9, 10, Lost)));
    }
}
