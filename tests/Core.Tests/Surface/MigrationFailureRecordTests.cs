using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Estimation;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>What a user sees of each reason for which a migration fails.</summary>
public sealed class MigrationFailureRecordTests
{
    public static TheoryData<string, int, string> Samples => MigrationFailureTests.Samples;

    [Theory]
    [MemberData(nameof(Samples))]
    public void An_error_has_the_reasons_id_libvirts_words_the_vms_place_and_advice(string id, int code, string message)
    {
        var vm = TestData.Vm(VmState.Running);
        var verification = TestData.Judge(TestData.Instance("kvm1", VmState.Running, 1), TestData.Absent("kvm2"), CallState.Failed, vm.Name, vm.Uuid);
        var exception = new MigrationEndedException(FailureTable.Find(message, code), vm.Name, verification, $"It failed: {message}. {verification.Message}",
            new HypervisorException(new HypervisorError(code, 10, message)));

        var record = ErrorRecordFactory.Create(exception, vm);

        Assert.Equal(id, record.FullyQualifiedErrorId);
        Assert.Same(vm, record.TargetObject);
        Assert.Contains(message.TrimEnd('.'), record.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(verification.Message, record.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(record.ErrorDetails.RecommendedAction);
        TestContext.Current.TestOutputHelper?.WriteLine($"{record}\n  {record.CategoryInfo.Category}: {record.ErrorDetails.RecommendedAction}");
    }

    [Fact]
    public void Every_category_is_one_of_PowerShells() =>
        Assert.All(Enum.GetNames<FailureCategory>(), name => Assert.True(Enum.TryParse<ErrorCategory>(name, out _), name));

    [Fact]
    public void Commands_in_the_advice_name_what_is_missing_and_where()
    {
        var verification = TestData.Judge(TestData.Instance("kvm1", VmState.Running, 1), TestData.Absent("kvm2"), CallState.Failed, "odd one");
        const string Said = "Network not found: no network with matching name 'the office'";
        var exception = new MigrationEndedException(FailureTable.Find(Said, 43), "odd one", verification, "It failed.",
            new HypervisorException(new HypervisorError(43, 19, Said)));

        Assert.Contains(
            "virsh -c qemu+tcp://kvm1/system net-dumpxml 'the office' > net.xml; virsh -c qemu+tcp://kvm2/system net-define net.xml",
            ErrorRecordFactory.Create(exception, null).ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_is_advised_to_start_a_vm_where_it_has_moved_away()
    {
        var vm = TestData.Vm(VmState.ShutOff) with { Status = new(VmState.ShutOff, 4) };
        MigrationException[] exceptions = [VmFailures.HasWrongState(vm, isLive: true), VmFailures.WritesNothing(vm)];

        Assert.All(exceptions.Select(e => ErrorRecordFactory.Create(e, vm)), record =>
        {
            Assert.Equal("VmNotRunning", record.FullyQualifiedErrorId);
            Assert.Contains("is shut off (migrated)", record.ToString(), StringComparison.Ordinal);
            Assert.StartsWith($"It has moved to another host. To find it: Get-VmHost | Get-Vm {vm.Name}.", record.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            Assert.DoesNotContain("virsh", record.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        });
    }
}
