using System.Runtime.InteropServices;
using System.Text;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;

namespace VirtMigrate.Libvirt;

/// <summary>Libvirt's C API in this process, for every URI that libvirt knows.</summary>
internal sealed class LibvirtTransport : ITransport
{
    /// <inheritdoc/>
    public async Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken)
    {
        // Name look-ups, ssh and TCP's own patience can't be interrupted from outside.
        var opening = NativeCall.Start(
            address, call => Open(address, credential, call), HostDeadlines.Open, TimeProvider.System).Task;
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = CloseLateAsync(opening);
            throw;
        }
    }

    private static LibvirtHypervisor Open(HostAddress address, HostCredential? credential, NativeCall call)
    {
        var connection = LibvirtConnector.Open(address, credential);
        try
        {
            var host = LibvirtHostReader.Read(connection, address, nameof(HostTransport.Libvirt));
            call.ThrowIfAbandoned();
            return new LibvirtHypervisor(address, credential, connection, host);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static async Task CloseLateAsync(Task<LibvirtHypervisor> opening)
    {
        try
        {
            var late = await opening.ConfigureAwait(false);
            await late.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            // Nobody waits for this attempt any more.
        }
    }
}

/// <summary>Opens libvirt connections that notice a dead host.</summary>
internal static unsafe class LibvirtConnector
{
    // Five probes, five seconds apart: a dead host is noticed within half a minute, as with virsh.
    private const int KeepAliveSeconds = 5;
    private const uint KeepAliveProbes = 5;

    // virConnectCredentialType.
    private const int UserName = 1;
    private const int AuthenticationName = 2;
    private const int PassPhrase = 5;
    private const int EchoPrompt = 6;
    private const int NoEchoPrompt = 7;
    private const int Realm = 8;

    /// <summary>Opens a connection. Blocks for as long as name look-ups, ssh and TCP do.</summary>
    public static ConnectionHandle Open(HostAddress address, HostCredential? credential)
    {
        LibvirtLibrary.EnsureStarted();
        var connection = OpenAuth(address.ConnectUri, credential);
        if (connection.IsInvalid)
        {
            var exception = LibvirtErrors.LastOpenException(address);
            connection.Dispose();
            throw exception;
        }

        // Drivers in this process, such as test:///, have no connection to keep alive and say so.
        _ = NativeMethods.ConnectSetKeepAlive(connection, KeepAliveSeconds, KeepAliveProbes);
        return connection;
    }

    // What libvirt asks meanwhile (virConnectAuth) is answered from a credential and never from the console.
    private static ConnectionHandle OpenAuth(string uri, HostCredential? credential)
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
