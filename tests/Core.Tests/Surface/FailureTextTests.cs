using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using VirtMigrate.Tests.Core;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>
/// What users see of each failure, word for word, in Failures.md beside this file: each row with what it is filled in with, and what is
/// thrown, from the exception to the error record.
/// </summary>
public sealed class FailureTextTests
{
    private static readonly HostAddress Kvm2 = HostAddress.Parse("qemu+tcp://kvm2/system");

    private static readonly FailureFacts Facts = new()
    {
        Vm = "web1",
        Host = "kvm1",
        HostUri = "qemu+ssh://root@kvm1/system",
        Destination = "kvm2",
        DestinationUri = "qemu+ssh://root@kvm2/system",
        Said = "What was said.",
        Named = "/srv/web1.img",
        Obstacles = ["DiskImages", "CpuModel"],
        Recommendations = "What the checks recommend.",
    };

    private static readonly VmMigrationVerification RolledBack =
        TestData.Judge(TestData.Instance("kvm1", VmState.Running, 1), TestData.Absent("kvm2"), CallState.Failed);

    private static readonly VmMigrationVerification Unseen =
        TestData.Judge(TestData.Instance("kvm1", VmState.Running, 1), TestData.Unseen("kvm2"), CallState.Failed);

    private static readonly VmMigrationVerification Broken =
        TestData.Judge(TestData.Instance("kvm1", VmState.Paused, 13), TestData.Instance("kvm2", VmState.Running, 11), CallState.Failed);

    private static readonly VmMigrationVerification Stayed =
        TestData.Judge(TestData.Instance("kvm1", VmState.Paused, 5), TestData.Absent("kvm2"), CallState.Failed);

    private static readonly Vm Running = TestData.Vm(VmState.Running);
    private static readonly Vm ShutOff = TestData.Vm(VmState.ShutOff);
    private static readonly Vm MovedAway = ShutOff with { Status = new(VmState.ShutOff, 4) };
    private static readonly Vm There = Running with { VmHost = TestData.Host("kvm2") };

    private static (string Name, FailureException Exception, object? Target)[] Thrown =>
    [
        ("a text that names no host", HypervisorException.AddressInvalid("a b"), "a b"),
        ("a host that can't be reached",
            new HostUnreachableException(new HypervisorError(38, 10, "unable to connect to server at 'kvm2:16509': No route to host"), Kvm2),
            "qemu+tcp://kvm2/system"),
        ("a host that refuses the user",
            new HypervisorException(HostFailures.AuthenticationRefused, new HypervisorError(45, 10, "authentication failed"), Kvm2),
            "qemu+tcp://kvm2/system"),
        ("a certificate that is not trusted",
            new HypervisorException(HostFailures.CertificateInvalid, new HypervisorError(1, 10, "Cannot read CA certificate"), Kvm2),
            TestData.Host("kvm2")),
        ("a connection that broke", new HostConnectionLostException(new HypervisorError(1, 10, "client socket is closed"), Kvm2), Running),
        ("a host that does not answer", new HostTimeoutException(Kvm2, TimeSpan.FromSeconds(30)) { Host = Kvm2 }, null),
        ("no library", HypervisorException.LibraryMissing("libvirt.so.0", new DllNotFoundException("not there")), "qemu:///system"),
        ("no virsh",
            new HypervisorToolException("virsh", "could not be started: No such file or directory",
                new InvalidOperationException()) { Host = Kvm2 },
            null),
        ("no virsh on the host", new HypervisorToolException("ssh", "could not be started: not found", isMissing: true) { Host = Kvm2 }, null),
        ("a virsh that ended early",
            new HypervisorToolException("virsh", "ended with exit status 1 before its answer was complete.") { Host = Kvm2 },
            null),
        ("an output that can't be read", new VirshOutputException("a UUID", "Welcome!") { Host = Kvm2 }, null),
        ("what libvirt says", new HypervisorException(new HypervisorError(1, 10, "internal error: something"), Kvm2), Running),
        ("what nobody can do", new HypervisorNotSupportedException(new HypervisorError(84, 10, "Operation not supported: x"), Kvm2), null),
        ("no such VM", new VmNotFoundException("web9", Kvm2), "web9"),
        ("a VM that libvirt does not find", new VmNotFoundException(new HypervisorError(42, 10, "Domain not found"), Kvm2), Running),
        ("a VM that is elsewhere", new VmNotFoundException("db1", Kvm2, [Running]), "db1"),
        ("a name of several VMs", HypervisorException.NameAmbiguous("db", ["DB", "Db"]), "db"),
        ("a VM that exists",
            new HypervisorException(VmFailures.Exists, new HypervisorError(9, 10, "domain 'db1' already exists with uuid 1"), Kvm2),
            Running),
        ("a VM that is busy", new VmBusyException(new HypervisorError(68, 10, "cannot acquire state change lock"), Kvm2), Running),
        ("no job", new HypervisorException(VmFailures.NoJob, new HypervisorError(55, 10, "no job is active on the domain"), Kvm2), Running),
        ("a job that was aborted",
            new HypervisorException(OutcomeFailures.Stopped, new HypervisorError(78, 10, "operation aborted: canceled by client"), Kvm2),
            Running),
        ("no destination", RequestFailures.NoDestination("db1", "VIRTMIGRATE_DESTINATION is not set and no other host is connected."), Running),
        ("one host", RequestFailures.SameHost("db1", TestData.Host(), TestData.Host("kvm2"), "the host UUID 1"), Running),
        ("a VM that has gone", VmFailures.IsGone("db1", "kvm1"), Running),
        ("the VM at the destination", VmFailures.IsOnDestination(Running, There), Running),
        ("a namesake at the destination",
            VmFailures.IsOnDestination(Running, ShutOff with { VmHost = TestData.Host("kvm2"), Uuid = Guid.Empty }),
            Running),
        ("a leftover", VmFailures.IsLeftover(ShutOff, There, goal: null, isThere: false), ShutOff),
        ("a leftover that was to go on",
            VmFailures.IsLeftover(ShutOff, TestData.Vm(VmState.Paused) with { VmHost = TestData.Host("kvm2") },
                HostAddress.Parse("kvm3").Uri, isThere: false),
            ShutOff),
        ("a leftover of a VM that is there", VmFailures.IsLeftover(ShutOff, There, Kvm2.Uri, isThere: true), ShutOff),
        ("a VM on its way", VmFailures.IsMigrating("db1", "kvm1"), Running),
        ("a VM with a job", VmFailures.IsBusy("db1", JobOperation.Dump), Running),
        ("options that exclude each other",
            RequestFailures.Invalid(vm: null, [new(MigrationOptions.Live, "-Live and -Offline exclude each other."),
                new(MigrationOptions.Tls, "And so on.")]),
            "Live"),
        ("an option of a newer host",
            RequestFailures.Unsupported("db1", [new(MigrationOptions.Parallel, "-Parallel needs libvirt 5.2.")]),
            Running),
        ("a VM that is not ready", new VmNotReadyException(Readiness(protectsData: false)), Running),
        ("data at risk", new VmNotReadyException(Readiness(protectsData: true)), Running),
        ("no bandwidth", RequestFailures.NoBandwidth("db1", "kvm1", "kvm2"), Running),
        ("no policy", RequestFailures.NoPolicy("Night", "There is no policy 'Night'."), "Night"),
        ("a policy that is not valid",
            RequestFailures.InvalidPolicy("'night.psd1'", ["Name is missing.", "Steps must be a list."]),
            "'night.psd1'"),
        ("no migration", VmFailures.IsNotMigrating("db1"), "db1"),
        ("a VM in post-copy", OutcomeFailures.IsInPostCopy("db1"), Running),
        ("a broken post-copy", OutcomeFailures.IsBroken("db1"), Running),
        ("no post-copy", OutcomeFailures.HasNoPostCopy("db1", new InvalidOperationException("x")), Running),
        ("nothing to resume", OutcomeFailures.HasNothingToResume("db1", "its last migration is Completed."), Running),
        ("a guest that writes nothing", VmFailures.WritesNothing(TestData.Vm(VmState.Paused)), TestData.Vm(VmState.Paused)),
        ("a guest that has left before it was measured", VmFailures.WritesNothing(MovedAway), ShutOff),
        ("a mode that is not supported",
            RequestFailures.WrongMode("db1", DirtyRateMode.DirtyRing, new HypervisorNotSupportedException("there is no ring", Kvm2)),
            Running),
        ("a guest that leaves while it is measured", RequestFailures.Interrupted(Running, null, null), Running),
        ("a guest that is migrated while it is measured", RequestFailures.Interrupted(Running, new(VmState.ShutOff, 4), null), Running),
        ("a guest that stops while it is measured", RequestFailures.Interrupted(Running, new(VmState.Paused, 1), null), Running),
        ("a live migration of a VM that does not run", VmFailures.HasWrongState(ShutOff, isLive: true), ShutOff),
        ("a live migration of a VM that has left", VmFailures.HasWrongState(MovedAway, isLive: true), ShutOff),
        ("an offline migration of a VM that runs", VmFailures.HasWrongState(Running, isLive: false), Running),
        ("nothing to compare",
            new HypervisorException(RequestFailures.DirtyRateNotMeasurable, "QEMU compares one page of every 2 MiB, and the VM has no block of memory of that size.") { Host = Kvm2 },
            Running),
        ("rolled back, with a known reason", Failed(RolledBack, "Network not found: no network with matching name 'the office'"), Running),
        ("rolled back, with no known reason", Failed(RolledBack, "operation failed: nobody knows"), Running),
        ("unseen, with a known reason", Failed(Unseen, "Network not found: no network with matching name 'the office'"), Running),
        ("unseen, with no known reason", Failed(Unseen, "operation failed: nobody knows"), Running),
        ("post-copy broke, with a known reason", Failed(Broken, "Network not found: no network with matching name 'the office'"), Running),
        ("post-copy broke, with no known reason", Failed(Broken, "operation failed: nobody knows"), Running),
        ("stayed paused, with a known reason", Failed(Stayed, "Network not found: no network with matching name 'the office'"), Running),
        ("stayed paused, with no known reason", Failed(Stayed, "operation failed: nobody knows"), Running),
        ("a stop", new MigrationEndedException(OutcomeFailures.Stopped, "db1", RolledBack, "It was stopped.", cause: null), Running),
        ("a timeout", new MigrationEndedException(OutcomeFailures.Timeout, "db1", RolledBack, "It took too long."), Running),
        ("a half that is lost", new MigrationEndedException(OutcomeFailures.PostCopyLost, "db1", RolledBack, RolledBack.Message), Running),
    ];

    [Fact]
    public void Every_failure_says_what_the_page_has()
    {
        var page = File.ReadAllText(Path.Combine(ProjectRoot.Path, "tests", "Core.Tests", "Surface", "Failures.md"));

        // After a change of a failure, these lines are the page.
        var lines = Rows().Concat(Errors()).Aggregate((all, line) => $"{all}\n\n{line}") + "\n";
        TestContext.Current.TestOutputHelper?.WriteLine(lines);
        Assert.Equal(page, lines);
    }

    private static IEnumerable<string> Rows() => FailureTable.All.Concat(SessionFailures.Rows)
        .Select(f => $"{f.Id}, {f.Category}, {Again(f.CanRetry)}\n{f.Message(Facts)}\n{AdviceRenderer.Render(f.Advice(Facts))}")
        .Order(StringComparer.Ordinal).Select(row => $"## {row}");

    private static IEnumerable<string> Errors() => Thrown
        .Select(t => Line(t.Name, ErrorRecordFactory.Create(t.Exception, t.Target), (t.Exception as MigrationEndedException)?.CanRetry))
        .Append(Line("a host that is not connected", ErrorRecordFactory.HostNotConnected("kvm3"), null))
        .Append(Line("a host in use", ErrorRecordFactory.HostInUse(TestData.Host(), "db1"), null))
        .Append(Line("a change of nothing", ErrorRecordFactory.NothingToSet(), null))
        .Append(Line("a policy's file that exists", ErrorRecordFactory.PolicyFileExists("./night.psd1"), null))
        .Append(Line("a policy's file that can't be written", ErrorRecordFactory.PolicyNotWritten("./night.psd1", new IOException("full")), null))
        .Append(Line("a question that nobody answers", ErrorRecordFactory.ConfirmationNeeded("Its data can be lost.", "db1"), null));

    private static string Line(string name, ErrorRecord record, bool? canRetry) =>
        $"## {name}\n{record.FullyQualifiedErrorId}, {record.CategoryInfo.Category}, {Again(canRetry)}, " +
        $"{record.TargetObject?.ToString() ?? "no target"}\n" +
        $"{record.ErrorDetails.Message}\n{record.ErrorDetails.RecommendedAction}";

    private static string Again(bool? canRetry) => canRetry switch { true => "again", false => "not again", _ => "perhaps again" };

    private static MigrationEndedException Failed(VmMigrationVerification verification, string said) => new(
        FailureTable.Find(said, 9), "db1", verification, "It failed. Look.", new HypervisorException(new HypervisorError(9, 10, said)));

    private static VmMigrationReadiness Readiness(bool protectsData) => new()
    {
        Vm = "db1",
        Uuid = TestData.Uuid,
        Source = TestData.Host(),
        Destination = TestData.Host("kvm2"),
        Checks =
        [
            Check("DiskImages", protectsData) with { Recommendation = "Mount it." },
            Check("CpuModel", protectsData: false),
        ],
        Time = DateTimeOffset.UnixEpoch,
    };

    private static VmMigrationCheck Check(string id, bool protectsData) => new()
    {
        Id = id,
        Category = ReadinessCategory.Storage,
        Status = ReadinessStatus.Failed,
        Message = $"{id} is wrong.",
        ProtectsData = protectsData,
    };
}
