<#
.SYNOPSIS
VMs that boot nothing: libvirt's domain and a real QEMU, which is all that most refusals need, within half a second.

.DESCRIPTION
Such a VM is called 'empty' where no other name is given; its images are called like it.
#>
Set-StrictMode -Version 3.0

# Where each host keeps images of its own.
$Images = '/var/lib/libvirt/images'

# A disk, as libvirt's XML.
function Get-DiskXml([string] $File, [string] $Format = 'raw', [string] $Cache = 'none', [string] $Target = 'vda', [string] $Element) {
    $mode = $Cache ? "cache='$Cache'" : ''
    "<disk type='file' device='disk'><driver name='qemu' type='$Format' $mode/><source file='$File'/>" +
        "<target dev='$Target' bus='virtio'/>$Element</disk>"
}

# A CD-ROM drive with an image in it, as libvirt's XML.
function Get-CdromXml([string] $File, [string] $Target = 'hda') {
    "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$File'/>" +
        "<target dev='$Target' bus='ide'/><readonly/></disk>"
}

# Starts a VM, or only defines it, in place of one of that name that this file has made before. Its UUID is the one by which the lab knows
# its guests, so that it is found and removed on whichever host it is.
function New-EmptyVm {
    param(
        $Lab,
        [string] $Name = 'empty',
        [string] $Devices,
        # Beside its devices.
        [string] $Elements,
        [string] $Firmware,
        [string] $Machine = 'pc',
        [string] $Emulator = $Lab.Emulator,
        [int] $Memory = 64,
        [string] $Uri = $Lab.Kvm1,
        [switch] $Off
    )

    if (-not $Lab.Guests.Add($Name)) {
        $null = Invoke-Lab destroy $Name
    }
    $sum = [Security.Cryptography.MD5]::HashData([Text.Encoding]::UTF8.GetBytes("virtmigrate-lab $Name"))
    $digits = [Convert]::ToHexString($sum).ToLowerInvariant()
    $uuid = $digits -replace '^(.{8})(.{4}).(...).(...)(.{12})$', '$1-$2-4$3-8$4-$5'
    Invoke-VirshXml $Uri define @"
<domain type='qemu'>
  <name>$Name</name>
  <uuid>$uuid</uuid>
  <memory unit='MiB'>$Memory</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='$Machine'>hvm</type>$Firmware</os>
  <features><acpi/></features>
  $Elements
  <devices>
    <emulator>$Emulator</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    $Devices
  </devices>
</domain>
"@
    if (-not $Off) {
        $said = Invoke-Virsh $Uri start $Name
        if ($said -notlike '*started*') {
            throw "'$Name': $said"
        }
    }
}

# Takes VMs away from wherever they are, and all images that are called like them.
function Remove-EmptyVm($Lab, [string[]] $Name = 'empty') {
    Remove-LabGuest $Lab $Name
    $files = $Name.ForEach({ "$Images/$_.* '$($Lab.Shared)/images/$_'.*" })
    foreach ($number in 1, 2) {
        # The pool remembers what it has seen.
        $null = Invoke-Lab exec "kvm$number" sh -c "rm -f $files; virsh -q pool-refresh default"
    }
}

Export-ModuleMember -Function * -Variable Images
