using VirtMigrate.LabSupport;

namespace VirtMigrate.ContractTests.Transports.Names;

/// <summary>Names that libvirt takes and that name nothing but a VM, whatever else they look like.</summary>
internal static class HostileNames
{
    /// <summary>The file that would be there if any of them were run as a command, in the folder where that command ran.</summary>
    public const string Marker = "virtmigrate-was-here";

    /// <summary>
    /// The names. Libvirt takes no slash and no line break in them, and XML 1.0 no escape character: the control sequence that
    /// one byte of Latin 1 begins is all that is left of those that steer a terminal.
    /// </summary>
    public static readonly IReadOnlyList<string> All =
    [
        "--help",
        "-oProxyCommand=touch " + Marker,
        $"$(touch {Marker})",
        $"`touch {Marker}`",
        $"a; touch {Marker}",
        $"a | touch {Marker} & touch {Marker} > {Marker}",
        "it's \"quoted\" \\ 'twice'",
        "  two  blanks  ",
        "имя 名前 \u202ename",
        "\u009b31m red",
        "$HOME ~ * ? {a,b} !1 #",
        "%s%n <&> ]]>",
        "7",
        "error: ",
    ];

    /// <summary>Some of them, for what is asked once a name.</summary>
    public static IReadOnlyList<string> Some => [All[0], All[1], All[6], "7"];

    /// <summary>The marks that a command which one of them started has left, in this process's folders or where logins to a host begin.</summary>
    /// <param name="lab">The hosts.</param>
    /// <returns>The files.</returns>
    public static IEnumerable<string> Marks(Lab lab) =>
        new[] { Environment.CurrentDirectory, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "/", Path.GetTempPath(), Home(lab.Host1), Home(lab.Host2) }
            .Select(folder => Path.Combine(folder, Marker)).Where(File.Exists);

    private static string Home(LabHost host) => host.Root + "/var/lib/root";
}
