# What the checks see of disks and of the other ends of devices, and that libvirt sees it so too.

Describe 'Readiness of disks and devices' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        $ends = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2 }
        if (-not $lab.Obstacle) {
            # Where ssh leads to the hosts, their own shells are asked.
            $shells = @{ VmHost = $lab.Kvm1SSH; Destination = $lab.Kvm2SSH }
        }

        # libvirt refuses the migration in the words that were foretold.
        function Assert-Foretold([hashtable] $Ends, $Foretold, [hashtable] $Option = @{}) {
            $problem = Get-Problem { $script:result = Start-VmMigration empty @Ends @Option -SkipCheck All }
            $result.Outcome | Should -Be 'RolledBack'
            Assert-Contains ($problem -join "`n") $Foretold.LibvirtError
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Remove-EmptyVm $lab
            Restore-LabHost
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'has the hosts themselves say that storage is shared, and a disk there is not copied' {
        $image = [IO.Path]::Combine($lab.Shared, 'images', 'empty.qcow2')
        $null = Invoke-Lab exec kvm1 qemu-img create -q -f qcow2 $image 8M
        New-EmptyVm $lab -Devices (Get-DiskXml $image qcow2 writeback)
        $report = Get-Report $ends -Category Storage
        $null = Assert-Check $report SharedStorage NotVerified
        $null = Assert-Check $report DiskImages NotVerified
        $report.Checks.Where({ $_.Id -eq 'Checkpoints' }).Status | Should -BeIn 'Passed', 'NotApplicable'

        Invoke-Virsh $lab.Kvm1 checkpoint-create-as empty one | Should -BeLike '*created*'
        $report = Get-Report $shells -Category Storage, Devices
        $report.IsReady | Should -BeTrue -Because "these stand in the way: $($report.Obstacles)"
        @((Assert-Check $report SharedStorage).Evidence.Value) -like '*is on nfs' | Should -Not -BeNullOrEmpty
        $null = Assert-Check $report DiskImages
        $null = Assert-Check $report CacheModes Warning
        $null = Assert-Check $report Checkpoints Warning
        $null = Assert-Check (Get-Report $shells @{ CopyStorage = 'All' } Storage) CopyIntoItself Failed
        Assert-Moves $ends
    }

    It 'has them say that a disk is local, which has to be copied to where a pool takes it' {
        $image = "$Images/empty.raw"
        $null = Invoke-Lab exec kvm1 truncate -s 8M $image
        New-EmptyVm $lab -Devices (Get-DiskXml $image)
        $copy = @{ CopyStorage = 'All' }
        Edit-LabHost kvm2 'virsh -q pool-destroy default' 'virsh -q pool-start default || true'
        $null = Assert-Check (Get-Report $ends $copy Storage) CopyPools NotVerified
        Assert-Foretold $shells (Assert-Check (Get-Report $shells -Category Storage) SharedStorage Failed)
        $unsafe = @{ Unsafe = $true; Confirm = $false }
        Assert-Foretold $shells (Assert-Check (Get-Report $shells $unsafe Storage) DiskImages Failed) $unsafe
        $check = Assert-Check (Get-Report $shells $copy Storage) CopyPools Failed
        Assert-Foretold $shells $check $copy
        $check.Recommendation | Should -BeLike '*pool-start default*'

        Invoke-Virsh $lab.Kvm2 pool-start default | Should -BeLike '*started*'
        $report = Get-Report $shells $copy Storage, Devices
        $report.IsReady | Should -BeTrue -Because "these stand in the way: $($report.Obstacles)"
        $null = Assert-Check $report CopyPools
        $null = Assert-Check $report SharedStorage
        Assert-Moves $ends $copy
    }

    It 'finds that an image behind a copied one is not there' {
        $base, $overlay = "$Images/empty.base", "$Images/empty.over"
        $make = "qemu-img create -q -f qcow2 $base 8M; qemu-img create -q -f qcow2 -b $base -F qcow2 $overlay"
        $null = Invoke-Lab exec kvm1 sh -e -c $make
        $null = Invoke-Lab exec kvm2 sh -e -c "$make; rm $base"
        New-EmptyVm $lab -Devices (Get-DiskXml $overlay qcow2)
        $option = @{ CopyStorage = 'Incremental'; AssumeSeparateStorage = $true; Confirm = $false }
        Assert-Foretold $ends (Assert-Check (Get-Report $ends $option Storage) DiskImages Failed) $option

        $null = Invoke-Lab exec kvm2 rm $overlay
        $copy = @{ CopyStorage = 'All' }
        $report = Get-Report $ends $copy Storage, Devices
        $report.IsReady | Should -BeTrue -Because "these stand in the way: $($report.Obstacles)"
        $null = Assert-Check $report DiskImages Warning
        Assert-Moves $ends $copy
    }

    It 'finds what only the source has at the other end of a device, or as an address' {
        $folder = '/var/lib/libvirt/only'
        Edit-LabHost kvm1 "mkdir -p $folder" "rm -rf $folder"
        New-EmptyVm $lab -Devices @"
<serial type='file'><source path='$folder/serial.log'/><target port='0'/></serial>
<controller type='virtio-serial'/>
<channel type='unix'><source mode='bind' path='$folder/agent.sock'/><target type='virtio' name='agent'/></channel>
<rng model='virtio'><backend model='random'>/dev/random</backend></rng>
<interface type='user'><model type='virtio'/></interface>
<filesystem type='mount'><source dir='/tmp'/><target dir='tmp'/></filesystem>
<video><model type='vga'/></video><graphics type='vnc' autoport='yes' listen='$($lab.Kvm1ADDRESS)'/>
"@
        $report = Get-Report $ends -Category Devices
        Assert-Checks $report CharacterDevices, SlirpHelper NotVerified
        $null = Assert-Check $report GraphicsListen Warning
        $report = Get-Report $shells -Category Devices
        $null = Assert-Check $report SlirpHelper
        $null = Assert-Check $report Filesystems NotVerified
        Assert-Foretold $shells (Assert-Check $report CharacterDevices Failed)

        Edit-LabHost kvm2 "mkdir -p $folder" "rm -rf $folder"
        $report = Get-Report $shells -Category Devices
        $null = Assert-Check $report CharacterDevices
        Assert-Foretold $shells (Assert-Check $report GraphicsListen Failed)
        $option = @{ DestinationXml = (Invoke-Virsh $lab.Kvm1 dumpxml empty --migratable).Replace("'$($lab.Kvm1ADDRESS)'", "'0.0.0.0'") }
        $null = Assert-Check (Get-Report $shells $option Devices) GraphicsListen
        Assert-Moves $ends $option
    }
}
