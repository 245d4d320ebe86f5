using System.Runtime.InteropServices;
using System.Text;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>
/// Answers what libvirt asks while it opens a connection (virConnectAuth), from a credential and never from the console.
/// </summary>
internal static unsafe class LibvirtAuthentication
{
    private const int UserName = 1;
    private const int AuthenticationName = 2;
    private const int PassPhrase = 5;
    private const int EchoPrompt = 6;
    private const int NoEchoPrompt = 7;
    private const int Realm = 8;

    /// <summary>Opens a connection (virConnectOpenAuth).</summary>
    /// <param name="uri">The libvirt URI.</param>
    /// <param name="credential">What to answer; null to have nothing to say.</param>
    /// <returns>The connection, invalid when it did not open.</returns>
    public static ConnectionHandle Open(string uri, HostCredential? credential)
    {
        var types = stackalloc int[] { UserName, AuthenticationName, PassPhrase, EchoPrompt, NoEchoPrompt, Realm };
        var self = GCHandle.Alloc(credential);
        try
        {
            var authentication = new NativeAuthentication
            {
                CredentialTypes = types,
                CredentialTypeCount = 6,
                Callback = &Answer,
                Data = GCHandle.ToIntPtr(self),
            };
            return NativeMethods.ConnectOpenAuth(uri, &authentication, 0);
        }
        finally
        {
            self.Free();
        }
    }

    [UnmanagedCallersOnly]
    private static int Answer(NativeCredential* questions, uint count, nint data)
    {
        try
        {
            return GCHandle.FromIntPtr(data).Target is HostCredential credential ? Answer(questions, count, credential) : -1;
        }
        catch (Exception)
        {
            // Nothing may get back into libvirt but that there is no answer.
            return -1;
        }
    }

    private static int Answer(NativeCredential* questions, uint count, HostCredential credential)
    {
        for (var i = 0; i < count; i++)
        {
            var answer = questions[i].Type switch
            {
                UserName or AuthenticationName or EchoPrompt => credential.UserName,
                PassPhrase or NoEchoPrompt => credential.Password,
                _ => questions[i].Default == 0 ? string.Empty : Marshal.PtrToStringUTF8(questions[i].Default) ?? string.Empty,
            };
            Reply(&questions[i], answer);
        }

        return 0;
    }

    // Libvirt frees the answer with free().
    private static void Reply(NativeCredential* question, string answer)
    {
        var length = Encoding.UTF8.GetByteCount(answer);
        var buffer = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(answer, new Span<byte>(buffer, length));
        buffer[length] = 0;
        question->Result = (nint)buffer;
        question->ResultLength = (uint)length;
    }
}
