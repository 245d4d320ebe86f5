using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;
using Xunit;

namespace VirtMigrate.Tests.Virsh;

/// <summary>What tests with libvirt's test driver need of this machine: its client library and virsh, but no daemon.</summary>
internal static class LibvirtTools
{
    private static readonly bool Present = NativeLibrary.TryLoad(NativeMethods.Library, out _) && ToolCommand.IsOnPath("virsh");

    /// <summary>Leaves the calling test out where they are missing.</summary>
    public static void Require() => Assert.SkipUnless(Present, "libvirt's client library and virsh are not here.");
}
