namespace VirtMigrate.Tests.Virsh;

/// <summary>A host of libvirt's test driver with VMs, networks, interfaces and pools whose names are as awkward as libvirt lets them be.</summary>
internal sealed class TestNode : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    /// <summary>Makes one.</summary>
    /// <param name="moreVms">How many VMs with plain names it has besides.</param>
    /// <param name="names">Other names for the VMs than <see cref="Names"/>.</param>
    public TestNode(int moreVms = 0, IReadOnlyList<string>? names = null)
    {
        LibvirtTools.Require();
        names ??= Names;
        File.WriteAllText(_file, $"""
            <node>
              {string.Concat(Enumerable.Range(0, names.Count + moreVms).Select(n => Vm(n, n < names.Count ? names[n] : $"vm{n}")))}
              {string.Concat(Networks.Select(Network))}
              <interface type='ethernet' name='eth1'><start mode='onboot'/><mtu size='9000'/><mac address='aa:bb:cc:dd:ee:f1'/></interface>
              <interface type='ethernet' name='eth0.17'><start mode='none'/><mac address='aa:bb:cc:dd:ee:f0'/></interface>
              <interface type='ethernet' name='tun0'><start mode='none'/></interface>
              <pool type='netfs'>
                <name>shared   pool</name><uuid>{Uuid(500)}</uuid>
                <source><host name='nas'/><dir path='/export/vms'/><format type='nfs'/></source><target><path>/vms</path></target>
                {string.Concat(Volumes.Select(v => Volume("/vms", v)))}
              </pool>
              <pool type='dir'><name>{Uuid(500)}</name><uuid>{Uuid(501)}</uuid><target><path>/a b</path></target>{Volume("/a b", "x")}</pool>
              <pool type='dir'><name>--a name of more than twenty characters</name><uuid>{Uuid(502)}</uuid><target><path>/long</path></target></pool>
            </node>
            """);
    }

    /// <summary>The VMs' names; the last is the UUID of the first.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "web", " two  spaces ", "it's \"quoted\"", "$(reboot) `id` ; echo", "--all", "a:b\\n", "Bücher 書庫 ☃", "Domain: 'x'", "  state.state=5",
        "-", "12", "<xml> & co", Uuid(0),
    ];

    /// <summary>The volumes' names.</summary>
    public static IReadOnlyList<string> Volumes { get; } = ["web.qcow2", "two   gaps   here", "back\\x41slash", "it's $(x)", "--x", "two\nlines"];

    /// <summary>The host's URI.</summary>
    public string Uri => $"test://{_file}";

    private static IReadOnlyList<string> Networks { get; } = ["default", "it's $(x)", "--all", Uuid(399)];

    /// <summary>A UUID that is the same every time.</summary>
    /// <param name="number">Which one.</param>
    /// <returns>The UUID.</returns>
    public static string Uuid(int number) => $"{number:x8}-1111-4222-8333-444444444444";

    /// <inheritdoc/>
    public void Dispose() => File.Delete(_file);

    // Every second one is shut off.
    private static string Vm(int number, string name) => $"""
        <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
          <name>{Escape(name)}</name><uuid>{Uuid(number)}</uuid>
          <memory unit='KiB'>{524288 + number}</memory><currentMemory unit='KiB'>{262144 + number}</currentMemory><vcpu>{1 + (number % 4)}</vcpu>
          <os><type arch='x86_64'>hvm</type></os>
          <test:runstate>{(number % 2 == 1 ? 5 : number % 4 == 2 ? 3 : 1)}</test:runstate>
          {(number == 0 ? "<test:domainsnapshot><name>before</name><state>running</state><creationTime>1</creationTime><domain type='test'>" +
            $"<name>{Escape(name)}</name><uuid>{Uuid(0)}</uuid><memory>524288</memory><os><type>hvm</type></os></domain><active>1</active></test:domainsnapshot>" : string.Empty)}
          {(number == 4 ? "<test:transient/>" : string.Empty)}
        </domain>
        """;

    private static string Network(string name, int number) => $"""
        <network><name>{Escape(name)}</name><uuid>{Uuid(400 - number - 1)}</uuid><forward mode='nat'/><bridge name='virbr{number}'/>
          {(number == 1 ? "<mtu size='9000'/>" : string.Empty)}<ip address='192.168.{number}.1' netmask='255.255.255.0'/></network>
        """;

    private static string Volume(string directory, string name) => $"""
        <volume><name>{Escape(name)}</name><capacity unit='GiB'>8</capacity><allocation unit='GiB'>2</allocation>
          <target><path>{directory}/{Escape(name)}</path></target></volume>
        """;

    private static string Escape(string text) => new System.Xml.Linq.XText(text).ToString();
}
