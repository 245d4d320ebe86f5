namespace VirtMigrate.LabSupport;

/// <summary>One host of the lab.</summary>
/// <param name="Name">Its host name.</param>
/// <param name="Tcp">Its URI over TCP.</param>
/// <param name="Tls">Its URI over TLS.</param>
/// <param name="Ssh">Its URI over ssh, by a command that knows the lab's keys.</param>
/// <param name="Libssh2">Its URI over ssh that names the lab's keys itself.</param>
/// <param name="Address">Its address.</param>
/// <param name="Root">The folder that holds its directories.</param>
public sealed record LabHost(string Name, string Tcp, string Tls, string Ssh, string Libssh2, string Address, string Root)
{
    /// <summary>Reads a host from what <c>lab env</c> printed.</summary>
    /// <param name="variables">The variables.</param>
    /// <param name="number">The host's number.</param>
    /// <returns>The host.</returns>
    public static LabHost From(IReadOnlyDictionary<string, string> variables, int number)
    {
        string Get(string name) => variables[$"LAB_HOST{number}_{name}"];
        return new(Get("NAME"), Get("TCP"), Get("TLS"), Get("SSH"), Get("LIBSSH2"), Get("ADDRESS"), Get("ROOT"));
    }

    /// <summary>Its URI over its daemon's own socket, as on the host itself.</summary>
    public string Unix => $"qemu+unix:///system?socket={Root}/run/libvirt/libvirt-sock";

    /// <summary>The URI over one transport.</summary>
    /// <param name="transport"><c>tcp</c>, <c>tls</c>, <c>ssh</c>, <c>libssh2</c> or <c>unix</c>.</param>
    /// <returns>The URI.</returns>
    public string Uri(string transport) => transport switch
    {
        "tcp" => Tcp,
        "tls" => Tls,
        "ssh" => Ssh,
        "libssh2" => Libssh2,
        "unix" => Unix,
        _ => throw new ArgumentOutOfRangeException(nameof(transport), transport, "The lab's hosts listen on tcp, tls, ssh and unix."),
    };
}
