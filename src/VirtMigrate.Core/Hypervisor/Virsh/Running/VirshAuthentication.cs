using System.Text;

namespace VirtMigrate.Hypervisor.Virsh.Running;

/// <summary>
/// Gives virsh credentials in a file (libvirt's auth.conf, LIBVIRT_AUTH_FILE): others could read its arguments, and it has no terminal
/// to ask at.
/// </summary>
internal static class VirshAuthentication
{
    /// <summary>The file's name.</summary>
    public const string FileName = "auth.conf";

    /// <summary>Writes credentials down.</summary>
    /// <param name="credentials">The hosts and what to answer them.</param>
    /// <returns>The file's text.</returns>
    /// <exception cref="HypervisorException">A user name or password has more than one line, which the file can't hold.</exception>
    public static string Write(IReadOnlyList<(HostAddress Host, HostCredential Credential)> credentials)
    {
        var text = new StringBuilder();
        for (var i = 0; i < credentials.Count; i++)
        {
            var (host, credential) = credentials[i];
            if ($"{credential.UserName}{credential.Password}".Any(char.IsControl))
            {
                throw new HypervisorException("A user name or password for virsh can't hold line breaks or other control characters.") { Host = host };
            }

            var name = host.HostName is { Length: > 0 } server ? server : "localhost";
            // SASL asks for the name to log in by (authname), some mechanisms for the one to act as (username) as well.
            text.Append(FormattableString.Invariant(
                $"[credentials-{i}]\nauthname={credential.UserName}\nusername={credential.UserName}\npassword={credential.Password}\n[auth-libvirt-{name}]\ncredentials={i}\n"));
        }

        return text.ToString();
    }

    /// <summary>The environment that names the file.</summary>
    /// <param name="folder">The folder that it is in.</param>
    /// <returns>The variables.</returns>
    public static IReadOnlyDictionary<string, string?> Environment(string folder) =>
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["LIBVIRT_AUTH_FILE"] = Path.Combine(folder, FileName) };
}
