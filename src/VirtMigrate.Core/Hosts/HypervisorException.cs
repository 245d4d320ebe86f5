namespace VirtMigrate.Hosts;

/// <summary>A host, or the way to it, refused what was asked. Kinds that a caller can act on have types of their own.</summary>
public class HypervisorException : Exception
{
    /// <summary>Makes an exception without a library's error behind it.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">What caused it.</param>
    public HypervisorException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception of a library's error.</summary>
    /// <param name="error">The error.</param>
    /// <param name="host">The host that it concerns.</param>
    public HypervisorException(HypervisorError error, HostAddress? host = null)
        : base(Message(error))
    {
        Error = error;
        Host = host;
    }

    /// <summary>The library's error; null where the trouble arose on this side.</summary>
    public HypervisorError? Error { get; }

    /// <summary>The host that it concerns; null where it concerns none.</summary>
    public HostAddress? Host { get; init; }

    private static new string Message(HypervisorError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.Message;
    }
}
