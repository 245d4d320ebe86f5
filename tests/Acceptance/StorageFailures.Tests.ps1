# Why a migration fails whose destination lacks a disk, or whose disk has something to do: as it was foretold, in libvirt's words, and
# what to do.

Describe 'Storage failures' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        $ends = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2 }
        $image = "$Images/empty.raw"

        function New-SharedImage([string] $Name) {
            $file = [IO.Path]::Combine($lab.Shared, 'images', "$Name.qcow2")
            $null = Invoke-Lab exec kvm1 qemu-img create -q -f qcow2 $file 8M
            $file
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A disk that only the source has' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $null = Invoke-Lab exec kvm1 truncate -s 8M $image
                New-EmptyVm $lab -Devices (Get-DiskXml $image)
            }
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Restore-LabHost
                # libvirt makes the image before it finds that nothing can be copied into it, and its pool remembers it.
                $null = Invoke-Lab exec kvm2 sh -c "rm -f $image; virsh -q pool-refresh default"
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-EmptyVm $lab
            }
        }

        It 'does not move by itself' {
            $message = 'Migration without shared storage is unsafe'
            Assert-Failure $ends StorageNotShared InvalidOperation $message '-CopyStorage All' SharedStorage
        }

        It 'is missed where its VM moves without it' {
            $expected = @{ Option = @{ Unsafe = $true; Confirm = $false }; Foretold = 'DiskImages' }
            Assert-Failure $ends DiskMissingOnDestination ObjectNotFound "Cannot access storage file '$image'" $image @expected
        }

        It 'is not the one that is to be copied' {
            $option = @{ CopyStorage = 'All'; MigrateDisk = 'vdz'; Unsafe = $true; Confirm = $false }
            $expected = @{ Option = $option; Foretold = 'MigrateDisks' }
            Assert-Failure $ends DiskTargetUnknown InvalidArgument 'disk target vdz not found' 'domblklist' @expected
        }

        It 'has nothing there that its changes could be copied onto' {
            $expected = @{ Option = @{ CopyStorage = 'Incremental' }; Foretold = 'CopyTargets' }
            $result = Assert-Failure $ends CopyTargetMissing ObjectNotFound 'pre-creation of storage targets' '-CopyStorage All' @expected
            $result.Errors[0].End | Should -Be 'Destination'
        }

        It 'is no obstacle where it is copied as a whole' {
            Assert-Checks (Get-Report $ends @{ CopyStorage = 'All' }) SharedStorage, CopyPools, CopySpace
        }

        It 'is not copied to where there is no pool for it' {
            # Without a pool nobody tells what is there.
            Edit-LabHost kvm2 'virsh -q pool-destroy default' 'virsh -q pool-start default'
            $option = @{ CopyStorage = 'All'; Overwrite = $true; AssumeSeparateStorage = $true; Confirm = $false }
            $message, $action = 'no storage pool with matching target path', "pool-create-as migrated dir --target $Images"
            Assert-Failure $ends StoragePoolMissing ObjectNotFound $message $action -Option $option
        }

        It 'is not copied over a port that is taken' {
            # Where the destination's daemon listens for encrypted connections.
            $option = @{ CopyStorage = 'All'; DisksPort = 16514; ListenAddress = $lab.Kvm2ADDRESS }
            $expected = @{ Option = $option; CanRetry = $true; Foretold = 'DisksPort' }
            Assert-Failure $ends MigrationPortTaken ResourceBusy 'Address already in use' '-DisksPort' @expected
        }

        It 'is not copied into an image of another size' {
            $null = Invoke-Lab exec kvm2 truncate -s 4M $image
            $option = @{ CopyStorage = 'All'; AssumeSeparateStorage = $true; Confirm = $false }
            $expected = @{ Option = $option; Foretold = 'CopySize' }
            Assert-Failure $ends DiskSizeMismatch InvalidData 'have different sizes' 'qemu-img resize' @expected
        }

        It 'is not copied to where there is no room for it' {
            $look = 'virsh -q pool-refresh default'
            Edit-LabHost kvm2 "mount -t tmpfs -o size=1m none $Images; $look" "umount $Images", $look
            $expected = @{ Option = @{ CopyStorage = 'All' }; Foretold = 'CopySpace' }
            $message, $action = 'No space left on device', 'pool-list --details'
            Assert-Failure $ends DestinationStorageFull ResourceUnavailable $message $action @expected
        }
    }

    Context 'A disc in a drive, that only the source has' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $iso = "$Images/empty.iso"
                $null = Invoke-Lab exec kvm1 truncate -s 4096 $iso
                New-EmptyVm $lab -Devices (Get-CdromXml $iso)
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-EmptyVm $lab
            }
        }

        It 'keeps its VM where it is until the destination has it too, and is never copied' {
            $expected = @{ Foretold = 'CdromImages' }
            Assert-Failure $ends CdromMissingOnDestination ObjectNotFound "Cannot access storage file '$iso'" '--eject' @expected

            $null = Invoke-Lab exec kvm2 truncate -s 4096 $iso
            $null = Assert-Check (Get-Report $ends) CdromImages
            $expected = @{ Option = @{ CopyStorage = 'All'; MigrateDisk = 'hda' }; Foretold = 'MigrateDisks' }
            Assert-Failure $ends DiskNotCopyable InvalidArgument 'read-only disk hda' '-MigrateDisk' @expected
        }
    }

    Context 'A disk that both hosts share' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $shared = New-SharedImage empty
                New-EmptyVm $lab -Devices (Get-DiskXml $shared qcow2)
                $copy = [IO.Path]::ChangeExtension($shared, 'copy')
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-EmptyVm $lab empty, empty-transient
            }
        }

        It 'keeps its VM where it is while it is copied, and no longer' {
            try {
                Invoke-Virsh $lab.Kvm1 blockcopy empty vda $copy --transient-job | Should -BeLike '*started*'
                $expected = @{ CanRetry = $true; Foretold = 'BlockJobs' }
                Assert-Failure $ends BlockJobActive ResourceBusy 'active block job' '--abort' @expected
            }
            finally {
                $null = Invoke-Virsh $lab.Kvm1 blockjob empty vda --abort
            }
            # The end of the job may still be under way.
            Wait-Until 'no job is found' { ((Get-Report $ends).Checks | Where-Object Id -EQ BlockJobs).Status -eq 'Passed' }
        }

        It 'keeps its VM where it is while it is backed up' {
            $file = [IO.Path]::GetTempFileName()
            Set-Content $file '<domainbackup mode="pull"><server transport="unix" socket="/run/backup.sock"/></domainbackup>'
            try {
                Invoke-Virsh $lab.Kvm1 backup-begin empty $file | Should -BeLike '*started*'
                $check = Assert-Check (Get-Report $ends) VmJob Failed
                Assert-Contains 'cannot acquire state change lock' $check.LibvirtError
                # Libvirt itself would wait for the backup's end, and give up after half a minute.
                $problem = Get-Problem { Start-VmMigration empty @ends }
                Assert-Problem $problem VmBusy ResourceBusy 'another job: Backup' 'try again when they have ended'
            }
            finally {
                Remove-Item $file
                $null = Invoke-Virsh $lab.Kvm1 domjobabort empty
            }
        }

        It 'keeps its VM where it is while libvirt knows a snapshot of it' {
            try {
                Invoke-Virsh $lab.Kvm1 snapshot-create-as empty one --disk-only | Should -BeLike '*created*'
                $expected = @{ Foretold = 'Snapshots' }
                Assert-Failure $ends SnapshotsPresent InvalidOperation 'with 1 snapshots' 'snapshot-delete empty' @expected
            }
            finally {
                $null = Invoke-Virsh $lab.Kvm1 snapshot-delete empty one --metadata
            }
            $null = Assert-Check (Get-Report $ends) Snapshots
        }

        It 'keeps its VM where it is when it forgets what was written' {
            New-EmptyVm $lab empty-transient -Devices (Get-DiskXml (New-SharedImage empty-transient) qcow2 -Element '<transient/>')
            $expected = @{ Foretold = 'TransientDisks'; Name = 'empty-transient' }
            Assert-Failure $ends TransientDiskNotMigratable InvalidOperation 'transient disk is not supported' '-Offline' @expected
        }
    }

    Context 'A disk with an error' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Remove-EmptyVm $lab
                Restore-LabHost
            }
        }

        It 'keeps its VM where it is, where that is asked for' {
            # A boot sector that writes one sector at 64 KiB by the BIOS (int 13h, function 43h); the file system has no room for it.
            $sector = [byte[]]::new(512)
            [Convert]::FromHexString('31C08ED8B80043BE107CCD13EBFE').CopyTo($sector, 0)
            [Convert]::FromHexString('10000100008000008000000000000000').CopyTo($sector, 16)
            [Convert]::FromHexString('55AA').CopyTo($sector, 510)
            $code = [Convert]::ToBase64String($sector)
            Edit-LabHost kvm1 "mount -t tmpfs -o size=4k none $Images; echo $code | base64 -d > $image; truncate -s 8M $image" "umount $Images"
            New-EmptyVm $lab -Devices (Get-DiskXml $image -Cache '')
            Wait-Until 'the VM stands still for its disk' { (Invoke-Virsh $lab.Kvm1 domstate empty --reason) -match 'I/O error' }
            $expected = @{ Option = @{ AbortOnError = $true } }
            Assert-Failure $ends DiskIoError ReadError 'cannot migrate domain with I/O error' 'domblkerror' @expected
        }
    }
}
