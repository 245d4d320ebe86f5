using System.Net;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness;

/// <summary>What tests of the way between hosts set up again and again.</summary>
internal static class ReadinessSceneExtensions
{
    extension(ReadinessScene scene)
    {
        /// <summary>Sets an option.</summary>
        public ReadinessScene With(MigrationOption option, object value)
        {
            scene.Options = scene.Options.With(option, value);
            return scene;
        }

        /// <summary>Lets the source look for itself.</summary>
        public KnownProbe FromSource()
        {
            var path = new KnownProbe("kvm1");
            scene.SourceProbe = path;
            return path;
        }

        /// <summary>Gives the destination a shell.</summary>
        public KnownShell AddDestinationShell()
        {
            var shell = new KnownShell();
            scene.DestinationShell = shell;
            return shell;
        }

        /// <summary>Gives the source a shell.</summary>
        public KnownShell AddSourceShell()
        {
            var shell = new KnownShell();
            scene.SourceShell = shell;
            return shell;
        }

        /// <summary>Lets this computer know the destination's name.</summary>
        public ReadinessScene Resolving(string name = "kvm2", string address = "10.0.0.2")
        {
            scene.Client.Names[name] = [IPAddress.Parse(address)];
            return scene;
        }

        /// <summary>Lets a VM be on its way to the destination.</summary>
        public void LetOneComeIn() =>
            scene.Destination.Vms.Add(scene.TestVm("web", VmState.Paused) with { Status = new(VmState.Paused, 2) });

        /// <summary>Makes a check that must come to something.</summary>
        public async Task<VmMigrationCheck> AssertAsync<TCheck>(ReadinessStatus status, string message)
            where TCheck : ReadinessCheck, new()
        {
            var check = await scene.CheckAsync<TCheck>();
            Assert.Equal((status, message), (check.Status, check.Message.Contains(message, StringComparison.Ordinal) ? message : check.Message));
            return check;
        }
    }
}
