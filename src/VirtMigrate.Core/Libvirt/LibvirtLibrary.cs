using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;

namespace VirtMigrate.Libvirt;

/// <summary>Loads and starts libvirt's client library, once a process.</summary>
internal static unsafe partial class LibvirtLibrary
{
    // What a user who wants libvirt's log sets.
    private static readonly string[] LogVariables = ["LIBVIRT_LOG_OUTPUTS", "LIBVIRT_DEBUG"];
    private static readonly Lazy<Exception?> Started = new(Start);

    /// <summary>Makes sure that the library is loaded and its event loop turns.</summary>
    /// <exception cref="HypervisorException">The library is missing or does not start.</exception>
    public static void EnsureStarted()
    {
        if (Started.Value is { } failure)
        {
            throw HypervisorException.LibraryMissing(NativeMethods.Library, failure);
        }
    }

    private static Exception? Start()
    {
        try
        {
            SpeakEnglish();
            if (Initialize() < 0)
            {
                return new HypervisorException(LibvirtErrors.Last());
            }

            // Without a handler the library writes every error to the console as well.
            NativeMethods.SetErrorFunc(0, &Ignore);
            if (NativeMethods.EventRegisterDefaultImpl() < 0)
            {
                return new HypervisorException(LibvirtErrors.Last());
            }

            new Thread(TurnEventLoop) { IsBackground = true, Name = "libvirt event loop" }.Start();
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return e;
        }
    }

    // What the library logs goes to the console where nothing else is set, in the midst of what a shell shows there: that the end of a
    // post-copy "ignored that migration was cancelled", for one. It reads the variable once, while it starts.
    private static int Initialize()
    {
        var isQuiet = Array.TrueForAll(LogVariables, v => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(v))) &&
            Call(() => SetEnvironment(LogVariables[0], "4:file:/dev/null", 0));
        try
        {
            return NativeMethods.Initialize();
        }
        finally
        {
            _ = isQuiet && Call(() => UnsetEnvironment(LogVariables[0]));
        }
    }

    // Keepalive, events and closed connections are all noticed here; without this loop none of them is.
    private static void TurnEventLoop()
    {
        while (true)
        {
            if (NativeMethods.EventRunDefaultImpl() < 0)
            {
                // A broken loop would otherwise spin.
                Thread.Sleep(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    // Some kinds of trouble can be told apart by libvirt's text alone, and .NET has switched the process to the user's language.
    private static void SpeakEnglish()
    {
        // Where there is no libc by that name, the messages stay as they are.
        _ = Call(() => (int)SetLocale(OperatingSystem.IsMacOS() ? 6 : 5, "C"));
    }

    private static bool Call(Func<int> function)
    {
        try
        {
            _ = function();
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [UnmanagedCallersOnly]
    private static void Ignore(nint data, nint error)
    {
    }

    // .NET's own environment is a copy, which a native library does not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetEnvironment(string name);

    [LibraryImport("libc", EntryPoint = "setlocale", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint SetLocale(int category, string locale);
}

/// <summary>Reads the errors that libvirt's C API leaves behind on a thread.</summary>
internal static unsafe class LibvirtErrors
{
    /// <summary>Reads this thread's last error, which the thread's next call would overwrite.</summary>
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
    public static HypervisorException LastException(HostAddress host) => HypervisorErrors.Classify(Last(), host);

    /// <summary>The exception for this thread's last error while a connection was being opened.</summary>
    public static HypervisorException LastOpenException(HostAddress host) => HypervisorErrors.ClassifyOpening(Last(), host);

    private static string? Text(nint pointer) => pointer == 0 ? null : Marshal.PtrToStringUTF8(pointer);
}
