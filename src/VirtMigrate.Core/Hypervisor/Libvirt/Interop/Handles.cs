using System.Runtime.InteropServices;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

/// <summary>A virConnectPtr.</summary>
internal sealed class ConnectionHandle() : SafeHandle(nint.Zero, ownsHandle: true)
{
    public override bool IsInvalid => handle == nint.Zero;

    // virConnectClose gives the references that are left, or -1.
    protected override bool ReleaseHandle() => NativeMethods.ConnectClose(handle) >= 0;
}

/// <summary>A virDomainPtr.</summary>
internal sealed class DomainHandle() : SafeHandle(nint.Zero, ownsHandle: true)
{
    public override bool IsInvalid => handle == nint.Zero;

    protected override bool ReleaseHandle() => NativeMethods.DomainFree(handle) == 0;
}
