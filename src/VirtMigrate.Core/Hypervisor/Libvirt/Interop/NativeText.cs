using System.Runtime.InteropServices;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

/// <summary>Texts that libvirt hands over to its caller.</summary>
internal static unsafe class NativeText
{
    /// <summary>Takes a text over: copies it and frees libvirt's, which the caller owns.</summary>
    /// <param name="text">The text; may be null.</param>
    /// <returns>The text; null where libvirt gave none.</returns>
    public static string? Take(byte* text)
    {
        if (text == null)
        {
            return null;
        }

        var copy = Marshal.PtrToStringUTF8((nint)text);
        NativeMemory.Free(text);
        return copy;
    }
}
