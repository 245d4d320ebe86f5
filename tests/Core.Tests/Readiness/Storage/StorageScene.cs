using VirtMigrate.Xml;

namespace VirtMigrate.Tests.Readiness.Storage;

/// <summary>Disks and pools for scenes.</summary>
internal static class StorageScene
{
    public const string Images = "/var/lib/libvirt/images";
    public const string Image = Images + "/db.qcow2";

    public static string Disk(string path = Image, string more = "", string target = "vda", string format = "qcow2", string source = "", string cache = "none") =>
        $"<disk type='file' device='disk'><driver name='qemu' type='{format}' cache='{cache}'/><source file='{path}'{source}/>" +
        $"<target dev='{target}' bus='virtio'/>{more}</disk>";

    public static string Block(string path, string target = "vda") =>
        $"<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none'/><source dev='{path}'/><target dev='{target}'/></disk>";

    public static string Cdrom(string path, string source = "") =>
        $"<disk type='file' device='cdrom'><source file='{path}'{source}/><target dev='sda'/><readonly/></disk>";

    public static StoragePool Pool(string type = "dir", string path = Images, string name = "default", bool isActive = true, long available = 100L << 30) =>
        new(name, type, isActive, path, null, available);

    /// <summary>Gives a host one pool with these images.</summary>
    public static void Fill(this KnownHost host, StoragePool pool, params string[] paths)
    {
        host.Pools = [.. host.Pools ?? [], pool];
        host.VolumePaths[pool.Name] = new HashSet<string>(paths, StringComparer.Ordinal);
    }

    /// <summary>Tells the sizes of the VM's image.</summary>
    public static void Measure(this ReadinessScene scene, long capacity, long allocation, string target = "vda") =>
        scene.Source.Inspections[scene.Vm.Uuid] = new(scene.Vm.Uuid) { Images = [new(target, 0, Image, capacity, allocation)] };
}
