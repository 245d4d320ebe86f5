# What a copied disk must not destroy: another VM's image, data that nobody named, and storage that both hosts reach.

Describe 'Copied disks' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
        $image = '/var/lib/libvirt/images/copy-1.raw'

        # What is at a path on a host, as a number that tells whether it was changed.
        function Get-Hash([string] $On, [string] $Path = $image) {
            (Invoke-Lab exec $On sha256sum $Path) -replace ' .*'
        }

        # Nobody's data, or another VM's.
        function Set-Image([string] $On) {
            $null = Invoke-Lab exec $On sh -c "head -c 67108864 /dev/urandom > $image"
        }

        # A VM that is shut off on the second host and whose disk has the same path there, as on cloned hosts.
        function New-Namesake {
            $xml = [IO.Path]::GetTempFileName()
            Set-Content -Path $xml -Value @"
<domain type='qemu'><name>copy-other's</name><memory>65536</memory><os><type arch='x86_64'>hvm</type></os>
<devices><disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$image'/><target dev='vda' bus='virtio'/></disk></devices></domain>
"@
            Invoke-Virsh $lab.Kvm2 define $xml | Should -Match 'defined'
            Remove-Item $xml
        }

        # Refused as it is said, and the VM stays where it is.
        function Assert-Refused([hashtable] $With, [string] $Message, [string] $Action) {
            $problem = Get-Problem { Start-VmMigration copy-1 @With }
            Assert-Problem $problem VmDataAtRisk PermissionDenied $Message $Action
            $problem.TargetObject.Name | Should -Be 'copy-1'
            (Get-Vm copy-1 -VmHost $With.VmHost).State | Should -Be 'Running'
        }

        if (-not $lab.Obstacle) {
            New-LabGuest $lab copy-1 -Option --disk, local
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2, $lab.Kvm1SSH, $lab.Kvm2SSH
            $tcp = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2; CopyStorage = 'All' }
            $ssh = @{ VmHost = $lab.Kvm1SSH; Destination = $lab.Kvm2SSH; CopyStorage = 'All' }
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        if (-not $lab.Obstacle) {
            $null = Invoke-Virsh $lab.Kvm2 undefine "copy-other's"
            $null = Invoke-Lab exec kvm2 rm -f $image
        }
        Close-Lab $lab
    }

    Context 'onto the image of another VM' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                Set-Image kvm2
                New-Namesake
                $before = Get-Hash kvm2
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                $null = Invoke-Virsh $lab.Kvm2 undefine "copy-other's"
            }
        }

        It 'are not ready, and it is said whose image it is' {
            $report = Test-VmMigrationReadiness copy-1 @tcp
            $report.IsReady | Should -BeFalse
            $check = $report.Checks | Where-Object Id -EQ CopyOverwrites
            $check.Status | Should -Be 'Failed'
            $check.ProtectsData | Should -BeTrue
            $check.Message | Should -BeLike "*vda ($image)*copy-other's*"
            $check.Recommendation | Should -BeLike '*-DestinationXml*No option overrides this*'
            $check.Evidence.Value -join ' ' | Should -BeLike "*copy-other's*"
        }

        It 'are refused, whatever is skipped, overwritten or thought of only: <_>' -ForEach 'plain', 'skipped', 'overwritten', 'unsafe', 'what if' {
            $how = switch ($_) {
                'plain' { @{} }
                'skipped' { @{ SkipCheck = 'All' } }
                'overwritten' { @{ Overwrite = $true; AssumeSeparateStorage = $true; Confirm = $false } }
                'unsafe' { @{ Unsafe = $true; SkipCheck = 'All'; Confirm = $false } }
                'what if' { @{ WhatIf = $true } }
            }
            Assert-Refused ($tcp + $how) "vda ($image) on kvm2 is used by the definition of another VM*copy-other's" '-DestinationXml*No option overrides this*'
            Get-Hash kvm2 | Should -Be $before
            Assert-Whole copy-1 kvm1
        }
    }

    Context 'onto an image that becomes another VM''s after it was looked at' {
        It 'are refused at the moment of the move, though the report said that they are ready' {
            $null = Invoke-Lab exec kvm2 rm -f $image
            $report = Test-VmMigrationReadiness copy-1 @tcp
            $report.IsReady | Should -BeTrue -Because "$($report.Obstacles)"
            Set-Image kvm2
            New-Namesake
            $before = Get-Hash kvm2
            $problem = Get-Problem { $report | Start-VmMigration -SkipCheck All }
            Assert-Problem $problem VmDataAtRisk PermissionDenied "copy-other's" 'No option overrides this'
            $job = $report | Start-VmMigration -AsJob
            $null = Wait-Job $job
            $job.State | Should -Be 'Failed'
            $problem = Get-Problem { Receive-Job $job }
            Remove-Job $job
            $problem.FullyQualifiedErrorId | Should -Be 'VmDataAtRisk'
            $problem.ErrorDetails.RecommendedAction | Should -BeLike '*No option overrides this*'
            Get-Hash kvm2 | Should -Be $before
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                $null = Invoke-Virsh $lab.Kvm2 undefine "copy-other's"
            }
        }
    }

    Context 'onto data that no VM names' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                Set-Image kvm2
                $before = Get-Hash kvm2
            }
        }

        It 'are refused until that is asked for, and then ask first' {
            Assert-Refused $ssh "vda ($image) on kvm2 already holds data, and no VM there uses it" '-Overwrite'
            $asked = Invoke-Runbook "Start-VmMigration copy-1 -VmHost '$($lab.Kvm1SSH)' -Destination '$($lab.Kvm2SSH)' -CopyStorage All -Overwrite -ErrorAction SilentlyContinue; `$Error[0].FullyQualifiedErrorId"
            $asked.Output | Should -BeLike '*ConfirmationNeeded*'
            Get-Hash kvm2 | Should -Be $before
        }

        It 'overwrite it then, and say so on the result and in a warning' {
            $result = Start-VmMigration copy-1 @ssh -Overwrite -Confirm:$false -WarningVariable said -WarningAction SilentlyContinue
            $result.Outcome | Should -Be 'Completed'
            $result.Warnings | Should -BeLike "*overwrites vda ($image) on kvm2 because of -Overwrite*"
            "$said" | Should -BeLike '*because of -Overwrite*'
            Get-Shown ($result | Format-List) | Should -Match 'because of -Overwrite'
            Get-Hash kvm2 | Should -Not -Be $before
            Assert-Whole copy-1 kvm2
        }

        It 'go back onto what the VM itself left behind, and say so' {
            $back = @{ VmHost = $lab.Kvm2SSH; Destination = $lab.Kvm1SSH; CopyStorage = 'All' }
            $result = Start-VmMigration copy-1 @back -WarningAction SilentlyContinue
            $result.Outcome | Should -Be 'Completed'
            $result.Warnings | Should -BeLike "*overwrites vda ($image) on kvm1. Only the definition of 'copy-1' there uses it*"
            Assert-Whole copy-1 kvm1
        }

        It 'are refused where it can''t be told whether both hosts share it, until the user says so' {
            Assert-Refused $tcp "Whether both hosts reach the same storage for vda ($image) is unknown" '-AssumeSeparateStorage'
            Assert-Refused ($tcp + @{ Overwrite = $true; SkipCheck = 'All'; Confirm = $false }) "is unknown" '-AssumeSeparateStorage'
            $result = Start-VmMigration copy-1 @tcp -AssumeSeparateStorage -Confirm:$false -WarningAction SilentlyContinue
            $result.Outcome | Should -Be 'Completed'
            $result.Warnings -join ' ' | Should -BeLike '*-AssumeSeparateStorage treats it as separate*'
            Assert-Whole copy-1 kvm2
            (Start-VmMigration copy-1 -VmHost $lab.Kvm2SSH -Destination $lab.Kvm1SSH -CopyStorage All -WarningAction SilentlyContinue).Outcome | Should -Be 'Completed'
        }
    }

    Context 'of storage that both hosts reach' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $file = [IO.Path]::Combine($lab.Shared, 'images', 'copy-device.raw')
                [IO.File]::WriteAllBytes($file, [byte[]]::new(8MB))

                # One storage, a device node of its own on each host: no lock of this machine's kernel keeps the second QEMU from it.
                $device = (& losetup --find --show $file).Trim()
                $other = (& losetup --find --show $file).Trim()
                $null = Invoke-Lab exec kvm2 mount --bind $other $device
                $null = Invoke-Virsh $lab.Kvm1 attach-disk copy-1 $device vdb --sourcetype block --subdriver raw --live
                New-LabGuest $lab copy-2 -Option --disk, shared, --disk-format, qcow2
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                $null = Invoke-Virsh $lab.Kvm1 detach-disk copy-1 vdb --live
                $null = Invoke-Lab exec kvm2 umount $device
                & losetup --detach $device $other
                Remove-Item $file
            }
        }

        It 'are refused where it is a device, whatever is asked for, and the others are named' {
            Assert-Refused $ssh "Both hosts reach the same storage for vdb ($device)" '-MigrateDisk vda'
            Assert-Refused ($ssh + @{ AssumeSeparateStorage = $true; Overwrite = $true; SkipCheck = 'All'; Confirm = $false }) "Both hosts reach the same storage for vdb ($device)" '-MigrateDisk vda'
            Assert-Refused $tcp "vdb ($device) is unknown" '-AssumeSeparateStorage'
            Assert-Whole copy-1 kvm1
        }

        It 'are refused where it is an image that grows while it is looked at' {
            1..3 | ForEach-Object {
                $check = (Test-VmMigrationReadiness copy-2 @ssh).Checks | Where-Object Id -EQ CopyIntoItself
                $check.Status | Should -Be 'Failed'
                $check.Message | Should -BeLike '*Both hosts reach the same storage for vda*'
            }
            $problem = Get-Problem { Start-VmMigration copy-2 @ssh -SkipCheck All }
            Assert-Problem $problem VmDataAtRisk PermissionDenied 'Both hosts reach the same storage for vda' 'Leave -CopyStorage out'
            Assert-Whole copy-2 kvm1
        }

        It 'pass once only the others are copied' {
            $null = Invoke-Lab exec kvm2 rm -f $image
            $null = Invoke-Virsh $lab.Kvm2 undefine copy-1
            $report = Test-VmMigrationReadiness copy-1 @ssh -MigrateDisk vda
            ($report.Checks | Where-Object Id -In CopyIntoItself, CopyOverwrites).Status | Should -Be 'Passed', 'Passed'
        }
    }
}
