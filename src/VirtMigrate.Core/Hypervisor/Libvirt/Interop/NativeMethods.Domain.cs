using System.Runtime.InteropServices;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

/// <summary>The functions of a domain.</summary>
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library, EntryPoint = "virDomainLookupByName", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial DomainHandle DomainLookupByName(ConnectionHandle connection, string name);

    [LibraryImport(Library, EntryPoint = "virDomainLookupByUUID")]
    internal static partial DomainHandle DomainLookupByUuid(ConnectionHandle connection, byte* uuid);

    [LibraryImport(Library, EntryPoint = "virDomainRef")]
    internal static partial int DomainRef(nint domain);

    [LibraryImport(Library, EntryPoint = "virDomainFree")]
    internal static partial int DomainFree(nint domain);

    // The library keeps name, UUID and id with the pointer: these three ask no host.
    [LibraryImport(Library, EntryPoint = "virDomainGetName")]
    internal static partial nint DomainGetName(nint domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetUUID")]
    internal static partial int DomainGetUuid(nint domain, byte* uuid);

    [LibraryImport(Library, EntryPoint = "virDomainGetID")]
    internal static partial uint DomainGetId(nint domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetInfo")]
    internal static partial int DomainGetInfo(nint domain, out NativeDomainInfo info);

    [LibraryImport(Library, EntryPoint = "virDomainGetState")]
    internal static partial int DomainGetState(DomainHandle domain, out int state, out int reason, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainIsPersistent")]
    internal static partial int DomainIsPersistent(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetAutostart")]
    internal static partial int DomainGetAutostart(DomainHandle domain, out int autostart);

    [LibraryImport(Library, EntryPoint = "virDomainSetAutostart")]
    internal static partial int DomainSetAutostart(DomainHandle domain, int autostart);

    [LibraryImport(Library, EntryPoint = "virDomainGetControlInfo")]
    internal static partial int DomainGetControlInfo(DomainHandle domain, out NativeControlInfo info, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainGetJobStats")]
    internal static partial int DomainGetJobStats(
        DomainHandle domain, out int type, out NativeTypedParameter* parameters, out int count, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainGetBlockJobInfo", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DomainGetBlockJobInfo(DomainHandle domain, string disk, out NativeBlockJobInfo info, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainSnapshotNum")]
    internal static partial int DomainSnapshotNum(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainStartDirtyRateCalc")]
    internal static partial int DomainStartDirtyRateCalc(DomainHandle domain, int seconds, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainListGetStats")]
    internal static partial int DomainListGetStats(nint* domains, uint groups, out NativeStatisticsRecord** records, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainAbortJob")]
    internal static partial int DomainAbortJob(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainAbortJobFlags")]
    internal static partial int DomainAbortJobFlags(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainSuspend")]
    internal static partial int DomainSuspend(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetXMLDesc")]
    internal static partial byte* DomainGetXmlDesc(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainGetXMLDesc")]
    internal static partial byte* DomainGetXmlDesc(nint domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateStartPostCopy")]
    internal static partial int DomainMigrateStartPostCopy(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateSetCompressionCache")]
    internal static partial int DomainMigrateSetCompressionCache(DomainHandle domain, ulong bytes, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateGetMaxDowntime")]
    internal static partial int DomainMigrateGetMaxDowntime(DomainHandle domain, out ulong milliseconds, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateSetMaxDowntime")]
    internal static partial int DomainMigrateSetMaxDowntime(DomainHandle domain, ulong milliseconds, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateSetMaxSpeed")]
    internal static partial int DomainMigrateSetMaxSpeed(DomainHandle domain, CULong mebibytesPerSecond, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrate3")]
    internal static partial DomainHandle DomainMigrate3(
        DomainHandle domain, ConnectionHandle destination, NativeTypedParameter* parameters, uint count, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateToURI3", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DomainMigrateToUri3(
        DomainHandle domain, string destination, NativeTypedParameter* parameters, uint count, uint flags);
}
