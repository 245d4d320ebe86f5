using System.Runtime.InteropServices;

namespace VirtMigrate.Shell.Terminal;

/// <summary>The few calls of the C library that .NET's Console has no cancellable or quiet counterpart for.</summary>
internal static partial class NativeTerminal
{
    private const int StandardInput = 0;
    private const short PollIn = 1;
    private const int InterruptedCall = 4;

    /// <summary>Larger than any platform's struct termios.</summary>
    private const int TermiosSize = 256;
    private const uint EchoFlag = 8;

    /// <summary>Whether a read would not block: there is input, or its end.</summary>
    public static bool WaitForInput(int milliseconds)
    {
        var request = new PollRequest { Descriptor = StandardInput, Events = PollIn };
        return Poll(ref request, 1, milliseconds) > 0;
    }

    /// <summary>One byte, or -1 at the end of the input.</summary>
    public static int ReadByte()
    {
        while (true)
        {
            switch (Read(StandardInput, out var value, 1))
            {
                case 1:
                    return value;
                case < 0 when Marshal.GetLastPInvokeError() == InterruptedCall:
                    break;
                default:
                    return -1;
            }
        }
    }

    /// <summary>Turns echo off and gives the settings to restore, or null where there is no terminal.</summary>
    public static byte[]? DisableEcho()
    {
        var settings = new byte[TermiosSize];
        if (GetAttributes(StandardInput, settings) != 0)
        {
            return null;
        }

        // c_lflag is the fourth flag word: 32 bits wide on Linux, 64 on macOS.
        var offset = OperatingSystem.IsMacOS() ? 3 * sizeof(ulong) : 3 * sizeof(uint);
        var silent = (byte[])settings.Clone();
        silent[offset] &= unchecked((byte)~EchoFlag);
        _ = SetAttributes(StandardInput, 0, silent);
        return settings;
    }

    public static void Restore(byte[] settings) => _ = SetAttributes(StandardInput, 0, settings);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollRequest request, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, out byte value, nuint count);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, [Out] byte[] settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int actions, byte[] settings);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Occurred;
    }
}
