<#
.SYNOPSIS
A VM that boots nothing, what the checks say of it, how libvirt refuses it, and changes of hosts that are taken back.

.DESCRIPTION
libvirt's domain and a real QEMU are all that most refusals need, and they are there within half a second. The VM is called 'empty'
where no other name is given; its images are called like it.
#>
Set-StrictMode -Version 3.0

# Where each host keeps images of its own.
$Images = '/var/lib/libvirt/images'

# A disk, as libvirt's XML.
function Get-DiskXml([string] $File, [string] $Format = 'raw', [string] $Cache = 'none', [string] $Target = 'vda') {
    "<disk type='file' device='disk'><driver name='qemu' type='$Format' cache='$Cache'/><source file='$File'/>" +
        "<target dev='$Target' bus='virtio'/></disk>"
}

# A CD-ROM drive with an image in it, as libvirt's XML.
function Get-CdromXml([string] $File, [string] $Target = 'hda') {
    "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$File'/>" +
        "<target dev='$Target' bus='ide'/><readonly/></disk>"
}

# Has virsh define or create something of XML.
function Invoke-VirshXml([string] $Uri, [string] $Command, [string] $Xml) {
    $file = [IO.Path]::GetTempFileName()
    try {
        Set-Content $file $Xml
        $said = Invoke-Virsh $Uri $Command $file
        if ($said -match '(?m)^error:') {
            throw "virsh $Command on ${Uri}: $said`n$Xml"
        }
    }
    finally {
        Remove-Item $file
    }
}

# Defines a VM on the first host, in place of one of that name, and starts it.
function New-EmptyVm {
    param(
        $Lab,
        [string] $Name = 'empty',
        [string] $Devices,
        # Beside its devices.
        [string] $Elements,
        [string] $Firmware,
        [string] $Machine = 'pc',
        [string] $Emulator = (Get-LabVariable).LAB_EMULATOR,
        [int] $Memory = 64,
        [switch] $Off
    )
    Clear-EmptyVm $Lab $Name
    Invoke-VirshXml $Lab.Kvm1 define @"
<domain type='qemu'>
  <name>$Name</name>
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
        Invoke-Virsh $Lab.Kvm1 start $Name | Should -BeLike '*started*'
    }
}

function Clear-EmptyVm($Lab, [string] $Name) {
    foreach ($uri in $Lab.Kvm1, $Lab.Kvm2) {
        $null = Invoke-Virsh $uri "destroy $Name; undefine $Name --nvram --snapshots-metadata --checkpoints-metadata"
    }
}

# Takes VMs away, and all images that are called like them.
function Remove-EmptyVm($Lab, [string[]] $Name = 'empty') {
    foreach ($one in $Name) {
        Clear-EmptyVm $Lab $one
    }
    $files = $Name.ForEach({ "$Images/$_.* '$($Lab.Shared)/images/$_'.*" })
    foreach ($number in 1, 2) {
        # The pool remembers what it has seen.
        $null = Invoke-Lab exec "kvm$number" sh -c "rm -f $files; virsh -q pool-refresh default"
    }
}

# Runs shell commands on a host, which must succeed.
function Invoke-OnHost([string] $VmHost, [string] $Command) {
    $null = Invoke-Lab exec $VmHost sh -e -c $Command
}

# Runs a step that takes something back, and says why it failed, so that the others are run as well.
function Invoke-Step([scriptblock] $Step) {
    try {
        $null = & $Step
    }
    catch {
        "$_"
    }
}

# Changes a host by a shell command while the body runs, and takes that back by others, all of which are run, whatever came of the rest.
# With -Restart the host's daemon is started again to notice; the VMs outlive that.
function Use-Change([string] $VmHost, [string] $Change, [string[]] $Undo, [scriptblock] $Body, [switch] $Restart) {
    try {
        if ($Restart) {
            $null = Invoke-Lab kill $VmHost libvirtd
        }
        Invoke-OnHost $VmHost $Change
        if ($Restart) {
            $null = Invoke-Lab start $VmHost
        }
        & $Body
    }
    finally {
        $problems = @(
            if ($Restart) {
                Invoke-Step { Invoke-Lab kill $VmHost libvirtd }
            }
            foreach ($command in $Undo) {
                Invoke-Step { Invoke-OnHost $VmHost $command }
            }
            if ($Restart) {
                Invoke-Step { Invoke-Lab start $VmHost }
            }
        )
        # Beside what the body failed of, which is not to be hidden.
        $problems | Write-Warning
    }
    if ($problems) {
        throw $problems -join "`n"
    }
}

# Has a firewall of the second host look at what comes in, by a rule of nftables, while the body runs.
function Use-Firewall([string] $Rule, [scriptblock] $Body) {
    $change = "nft 'add table inet lab; add chain inet lab in { type filter hook input priority 0; }; add rule inet lab in $Rule'"
    Use-Change kvm2 $change 'nft delete table inet lab' $Body
}

# What the checks say. What only Start-VmMigration asks for is left out: nothing is changed, and so nothing is to be confirmed.
function Get-Report([hashtable] $Ends, [hashtable] $Option = @{}, [string[]] $Category, [string] $Name = 'empty') {
    $asked = $Option.Clone()
    $asked.Remove('Confirm')
    if ($Category) {
        $asked.Category = $Category
    }
    Test-VmMigrationReadiness $Name @Ends @asked
}

# A check of a report came to this, and one that failed says why and what to do.
function Assert-Check($Report, [string] $Id, [string] $Status = 'Passed') {
    $check = @($Report.Checks | Where-Object Id -EQ $Id)
    $check | Should -HaveCount 1 -Because "the check $Id is to be there once"
    "$($check[0].Status)" | Should -Be $Status -Because "the check says: $($check[0]) | $($check[0].Evidence -join ' | ')"
    if ($Status -eq 'Failed') {
        $check[0].Evidence | Should -Not -BeNullOrEmpty
        $check[0].Recommendation | Should -Not -BeNullOrEmpty
    }
    $check[0]
}

# The same of several checks.
function Assert-Checks($Report, [string[]] $Id, [string] $Status = 'Passed') {
    foreach ($one in $Id) {
        $null = Assert-Check $Report $one $Status
    }
}

# A text has another in it, as it is written.
function Assert-Contains([string] $Text, [string] $Part) {
    $Part | Should -Not -BeNullOrEmpty
    $Text.Contains($Part, [StringComparison]::Ordinal) | Should -BeTrue -Because "'$Part' is to be in: $Text"
}

# The migration begins, libvirt refuses it in the words of the check that foretold it, and a user sees all that matters of why the VM stayed.
function Assert-Refused {
    param(
        [hashtable] $Ends, [string] $Id, [string] $Category, [string] $Message, [string] $Action,
        # What came of the check; null where none foretells it.
        $Foretold,
        [hashtable] $Option = @{},
        [switch] $CanRetry,
        # Emits the result.
        [switch] $PassThru
    )
    $script:result = $null
    $problem = Get-Problem { $script:result = Start-VmMigration empty @Ends @Option -SkipCheck All }
    Assert-Problem $problem $Id $Category ([WildcardPattern]::Escape($Message)) ([WildcardPattern]::Escape($Action))
    if ($Foretold) {
        Assert-Contains "$problem" $Foretold.LibvirtError
    }
    "$problem" | Should -BeLike "*'empty' is *, and only there."
    $result | Should -HaveCount 1
    $result.Outcome | Should -Be 'RolledBack'
    $result.ErrorId | Should -Be $Id
    $result.CanRetry | Should -Be $CanRetry.IsPresent
    $result.Errors[0].Message | Should -BeLike "*$([WildcardPattern]::Escape($Message))*"
    if ($PassThru) {
        $result
    }
}

function Assert-Moves([hashtable] $Ends, [hashtable] $Option = @{}, [string] $Name = 'empty') {
    $result = Start-VmMigration $Name @Ends @Option
    $result.Outcome | Should -Be 'Completed'
}

Export-ModuleMember -Function * -Variable Images
