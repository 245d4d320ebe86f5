using VirtMigrate.LabSupport;
using VirtMigrate.Options;

namespace VirtMigrate.Traces;

/// <summary>The migrations that are recorded: each way, each ending, each fault that the lab can make.</summary>
internal static class Scenes
{
    private const long Slowly = 12L << 20;
    private const string Hook = "/etc/libvirt/hooks/qemu";

    private static readonly MigrationOptionSet Live = MigrationOptionSet.Empty.With(MigrationOptions.Live, true);
    private static readonly MigrationOptionSet Slow = Live.With(MigrationOptions.Bandwidth, Slowly);
    private static readonly MigrationOptionSet PeerToPeer = Live.With(MigrationOptions.PeerToPeer, true);
    private static readonly MigrationOptionSet SlowPeerToPeer = Slow.With(MigrationOptions.PeerToPeer, true);
    private static readonly MigrationOptionSet Offline = MigrationOptionSet.Empty.With(MigrationOptions.Offline, true);
    private static readonly MigrationOptionSet PostCopy = Slow.With(MigrationOptions.PostCopy, true);

    /// <summary>All of them.</summary>
    public static IEnumerable<Scene> All => [.. Completed, .. InPostCopy, .. Ended, .. Faults];

    private static IEnumerable<Scene> Completed =>
    [
        new("live-tcp", "Libvirt/tcp", Live),
        new("live-tls", "Libvirt/tls", Live),
        new("live-ssh", "Libvirt/ssh", Live),
        new("live-virsh", "Virsh/tcp", Live),
        new("live-virsh-tls", "Virsh/tls", Live),
        new("live-virsh-over-ssh", "Ssh/ssh", Live),
        new("peer-to-peer", "Libvirt/tcp", PeerToPeer),
        new("peer-to-peer-virsh", "Virsh/tcp", PeerToPeer),
        new("peer-to-peer-virsh-over-ssh", "Ssh/ssh", PeerToPeer),
        new("parallel", "Libvirt/tcp", Live.With(MigrationOptions.Parallel, 4L)),
        new("parallel-virsh", "Virsh/tcp", Live.With(MigrationOptions.Parallel, 2L)),
        new("undefine-source", "Libvirt/tcp", Live.With(MigrationOptions.UndefineSource, true)),
        new("undefine-source-virsh-over-ssh", "Ssh/ssh", Live.With(MigrationOptions.UndefineSource, true)),
        new("change-protection", "Libvirt/tcp", Live.With(MigrationOptions.ChangeProtection, true)),
        new("arrives-paused", "Libvirt/tcp", Live.With(MigrationOptions.Suspend, true)),
        new("paused-before", "Libvirt/tcp", Live) { Before = s => ChangeGuestAsync(s, "suspend", "resume") },
        new("busy-downtime-limit", "Libvirt/tcp", Live) { Guest = Scene.Busy, Limits = new() { MaxDowntime = TimeSpan.FromMilliseconds(900) } },
        new("busy-virsh", "Virsh/tcp", Live) { Guest = Scene.Busy },
        new("policy-auto-converge", "Libvirt/tcp", Live.With(MigrationOptions.Bandwidth, 24L << 20).With(MigrationOptions.AutoConverge, true)) { Guest = Scene.Busy, Policy = MigrationPolicies.MinimalDowntime },
        new("copied-storage", "Libvirt/tcp", Live.With(MigrationOptions.CopyStorage, nameof(StorageCopy.All))) { Guest = Scene.Disk },
        new("offline", "Libvirt/tcp", Offline) { Guest = Scene.Off },
        new("offline-virsh", "Virsh/tcp", Offline) { Guest = Scene.Off },
        new("offline-virsh-over-ssh", "Ssh/ssh", Offline) { Guest = Scene.Off },
        new("offline-undefine-source", "Libvirt/tcp", Offline.With(MigrationOptions.UndefineSource, true)) { Guest = Scene.Off },
        new("suspended-by-timeout", "Libvirt/tcp", Slow)
        {
            Guest = Scene.Busy, Limits = new() { Timeout = TimeSpan.FromSeconds(2), OnTimeout = TimeoutAction.Suspend },
        },
    ];

    private static IEnumerable<Scene> InPostCopy =>
    [
        new("post-copy-by-time", "Libvirt/tcp", PostCopy) { Limits = new() { Timeout = TimeSpan.FromSeconds(4), OnTimeout = TimeoutAction.PostCopy } },
        new("post-copy-by-time-virsh", "Virsh/tcp", PostCopy) { Limits = new() { Timeout = TimeSpan.FromSeconds(4), OnTimeout = TimeoutAction.PostCopy } },
        new("post-copy-after-first-pass", "Libvirt/tcp", Live.With(MigrationOptions.PostCopy, true).With(MigrationOptions.PostCopyAfterPrecopy, true)) { Guest = Scene.Busy },
        new("post-copy-by-hand", "Libvirt/tcp", PostCopy.With(MigrationOptions.PeerToPeer, true)) { Guest = Scene.Busy, During = StartPostCopyAsync },
        new("post-copy-by-hand-virsh-over-ssh", "Ssh/ssh", PostCopy) { Guest = Scene.Busy, During = StartPostCopyAsync },
        new("post-copy-stopped", "Libvirt/tcp", PostCopy)
        {
            Guest = Scene.Busy,
            During = async s =>
            {
                await StartPostCopyAsync(s);
                await Task.Delay(500);
                await s.Stop.CancelAsync();
            },
        },
        new("post-copy-broken", "Libvirt/tcp", PostCopy.With(MigrationOptions.PeerToPeer, true).With(MigrationOptions.PostCopyBandwidth, Slowly))
        {
            During = async s =>
            {
                await StartPostCopyAsync(s);
                await Task.Delay(300);
                await Lab.VirshAsync(s.From, "domjobabort", s.Guest.Name, "--postcopy");
            },
        },
    ];

    private static IEnumerable<Scene> Ended =>
    [
        new("stopped", "Libvirt/tcp", Slow) { During = StopAsync },
        new("stopped-tls", "Libvirt/tls", Slow) { During = StopAsync },
        new("stopped-virsh", "Virsh/tcp", Slow) { During = StopAsync },
        new("stopped-virsh-over-ssh", "Ssh/ssh", Slow) { During = StopAsync },
        new("stopped-peer-to-peer", "Libvirt/tcp", SlowPeerToPeer) { During = StopAsync },
        new("stopped-at-once", "Libvirt/tcp", Slow) { During = s => s.Stop.CancelAsync() },
        new("stopped-with-downtime-limit", "Libvirt/tcp", Slow) { Limits = new() { MaxDowntime = TimeSpan.FromMilliseconds(77) }, During = StopAsync },
        new("timeout", "Libvirt/tcp", Slow) { Limits = new() { Timeout = TimeSpan.FromSeconds(2) } },
        new("timeout-virsh", "Virsh/tcp", Slow) { Limits = new() { Timeout = TimeSpan.FromSeconds(2) } },
        new("aborted-by-another", "Libvirt/tcp", Slow) { During = s => WhileMovingAsync(s, () => Lab.VirshAsync(s.From, "domjobabort", s.Guest.Name)) },
        new("aborted-by-another-virsh", "Virsh/tcp", Slow) { During = s => WhileMovingAsync(s, () => Lab.VirshAsync(s.From, "domjobabort", s.Guest.Name)) },
    ];

    private static IEnumerable<Scene> Faults =>
    [
        new("hook-refuses", "Libvirt/tcp", Live) { Before = s => HookAsync(s, "exit 1") },
        new("hook-refuses-virsh", "Virsh/tcp", Live) { Before = s => HookAsync(s, "exit 1") },
        new("hook-refuses-peer-to-peer", "Libvirt/tcp", PeerToPeer) { Before = s => HookAsync(s, "exit 1") },
        new("hook-refuses-offline", "Libvirt/tcp", Offline) { Guest = Scene.Off, Before = s => HookAsync(s, "exit 1") },
        new("hook-hangs-stopped", "Libvirt/tcp", Live)
        {
            Before = s => HookAsync(s, "[ \"$2\" = migrate ] && sleep 3; exit 0"),
            During = async s =>
            {
                await Task.Delay(1000);
                await s.Stop.CancelAsync();
            },
        },
        new("destination-daemon-dies", "Libvirt/tcp", Slow) { During = s => WhileMovingAsync(s, () => BounceAsync(s, s.To)) },
        new("destination-daemon-dies-peer-to-peer", "Libvirt/tcp", SlowPeerToPeer) { During = s => WhileMovingAsync(s, () => BounceAsync(s, s.To)) },
        new("destination-daemon-dies-virsh", "Virsh/tcp", Slow) { During = s => WhileMovingAsync(s, () => BounceAsync(s, s.To)) },
        new("source-daemon-dies", "Libvirt/tcp", Slow) { During = s => WhileMovingAsync(s, () => BounceAsync(s, s.From)) },
        new("source-daemon-dies-peer-to-peer", "Libvirt/tcp", SlowPeerToPeer) { During = s => WhileMovingAsync(s, () => BounceAsync(s, s.From)) },
        new("stream-reset", "Libvirt/tcp", Slow) { During = s => WhileMovingAsync(s, () => s.Lab.ResetMemoryStreamAsync(s.From, s.To)) },
        new("link-down-for-a-while", "Libvirt/tcp", Slow)
        {
            During = s => WhileMovingAsync(s, async () =>
            {
                await s.Lab.RunAsync("link", s.To.Name, "--down");
                await Task.Delay(6000);
                await s.Lab.RunAsync("link", s.To.Name, "--up");
            }),
        },
        new("guest-suspended-by-another", "Libvirt/tcp", Slow) { During = s => WhileMovingAsync(s, () => Lab.VirshAsync(s.From, "suspend", s.Guest.Name)) },
        new("qemu-dies-at-destination", "Libvirt/tcp", Slow) { During = s => WhileMovingAsync(s, () => s.Lab.RunAsync("kill", s.To.Name, "qemu", s.Guest.Name)) },
        new("qemu-dies-at-source", "Libvirt/tcp", Slow) { During = s => WhileMovingAsync(s, () => s.Lab.RunAsync("kill", s.From.Name, "qemu", s.Guest.Name)) },
        new("qemu-dies-at-source-virsh", "Virsh/tcp", Slow) { During = s => WhileMovingAsync(s, () => s.Lab.RunAsync("kill", s.From.Name, "qemu", s.Guest.Name)) },
        new("guest-destroyed", "Libvirt/tcp", Slow) { During = s => WhileMovingAsync(s, () => Lab.VirshAsync(s.From, "destroy", s.Guest.Name)) },
        new("qemu-ended-by-signal", "Libvirt/tcp", Slow) { During = s => WhileMovingAsync(s, () => s.Guest.SignalAsync(s.From, "TERM")) },
    ];

    private static Task StopAsync(Stage stage) => WhileMovingAsync(stage, stage.Stop.CancelAsync);

    private static Task StartPostCopyAsync(Stage stage) => WhileMovingAsync(stage, () => Lab.VirshAsync(stage.From, "migrate-postcopy", stage.Guest.Name));

    private static async Task WhileMovingAsync(Stage stage, Func<Task> act)
    {
        await stage.Guest.WaitUntilMovingAsync(stage.From);
        await Task.Delay(300);
        await act();
    }

    private static async Task BounceAsync(Stage stage, LabHost host)
    {
        await using var dead = await stage.Lab.KillDaemonAsync(host);
        await Task.Delay(2000);
    }

    private static Task<IAsyncDisposable> HookAsync(Stage stage, string body) => stage.Lab.ChangeAsync(
        stage.To, $"mkdir -p {Path.GetDirectoryName(Hook)}; printf '%s\\n' '#!/bin/sh' '{body}' > {Hook}; chmod +x {Hook}", $"rm -f {Hook}", restart: true);

    private static Task<IAsyncDisposable> ChangeGuestAsync(Stage stage, string change, string undo) => Change.MakeAsync(
        () => Lab.VirshAsync(stage.From, change, stage.Guest.Name),
        async () =>
        {
            await Lab.VirshAsync(stage.From, undo, stage.Guest.Name);
            await Lab.VirshAsync(stage.To, undo, stage.Guest.Name);
        });
}
