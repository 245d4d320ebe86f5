using System.Runtime.InteropServices;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>Reads the errors that libvirt's C API leaves behind on a thread.</summary>
internal static unsafe class LibvirtErrors
{
    /// <summary>Reads this thread's last error, which the thread's next call would overwrite.</summary>
    /// <returns>The error.</returns>
    public static HypervisorError Last()
    {
        var error = NativeMethods.GetLastError();
        if (error == null)
        {
            return new(LibvirtErrorCode.InternalError, 0, "libvirt failed without saying why");
        }

        return new(error->Code, error->Domain, Text(error->Message) ?? "libvirt failed without saying why")
        {
            Level = error->Level,
            Text1 = Text(error->Text1),
            Text2 = Text(error->Text2),
            Text3 = Text(error->Text3),
            Number1 = error->Number1,
            Number2 = error->Number2,
        };
    }

    /// <summary>The exception for this thread's last error on an open connection.</summary>
    /// <param name="host">The host.</param>
    /// <returns>An exception of the kind that fits.</returns>
    public static HypervisorException LastException(HostAddress host) => HypervisorErrors.Classify(Last(), host);

    /// <summary>The exception for this thread's last error while a connection was being opened.</summary>
    /// <param name="host">The host.</param>
    /// <returns>An exception of the kind that fits.</returns>
    public static HypervisorException LastOpenException(HostAddress host) => HypervisorErrors.ClassifyOpening(Last(), host);

    private static string? Text(nint pointer) => pointer == 0 ? null : Marshal.PtrToStringUTF8(pointer);
}
