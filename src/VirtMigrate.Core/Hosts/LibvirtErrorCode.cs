namespace VirtMigrate.Hosts;

/// <summary>The virErrorNumber values that decide over a reaction (virterror.h).</summary>
internal static class LibvirtErrorCode
{
    public const int InternalError = 1;
    public const int NoSupport = 3;
    public const int UnknownHost = 4;
    public const int InvalidConnection = 6;
    public const int InvalidArgument = 8;
    public const int OperationFailed = 9;
    public const int CallFailed = 26;
    public const int DomainExists = 28;
    public const int OperationDenied = 29;
    public const int SystemError = 38;
    public const int Rpc = 39;
    public const int GnuTls = 40;
    public const int NoDomain = 42;
    public const int NoNetwork = 43;
    public const int AuthenticationFailed = 45;
    public const int NoStoragePool = 49;
    public const int NoStorageVolume = 50;
    public const int NoNodeDevice = 53;
    public const int OperationInvalid = 55;
    public const int NoInterface = 57;
    public const int OperationTimeout = 68;
    public const int ArgumentUnsupported = 74;
    public const int OperationAborted = 78;
    public const int AuthenticationCancelled = 79;
    public const int OperationUnsupported = 84;
    public const int AccessDenied = 88;
    public const int CpuIncompatible = 91;
    public const int AuthenticationUnavailable = 94;
}
