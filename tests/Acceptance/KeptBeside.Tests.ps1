# What libvirt keeps beside a VM's definition: saved memory, autostart, the state of an emulated TPM, a firmware's variables.

Describe 'Kept beside a definition' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab kept-1
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }

        # Whether a host starts the VM when it boots, by virsh.
        function Get-Autostart([string] $Uri, [string] $Name) {
            (Invoke-Virsh $Uri dominfo $Name) -match 'Autostart: +enable'
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'Memory that was saved' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-LabGuest $lab kept-saved
                $null = Invoke-Virsh $lab.Kvm1 managedsave kept-saved
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                $null = Invoke-Virsh $lab.Kvm1 managedsave-remove kept-saved
                $null = Invoke-Virsh $lab.Kvm2 undefine kept-saved
                Remove-LabGuest $lab kept-saved
            }
        }

        It 'keeps its VM where it is<as>' -ForEach @(
            @{ As = ''; Parameters = @{} }
            @{ As = ', whatever is skipped'; Parameters = @{ SkipCheck = 'All' } }
            @{ As = ', also where it is only asked what would be done'; Parameters = @{ WhatIf = $true } }
        ) {
            $problem = @(Get-Problem { Start-VmMigration kept-saved -VmHost kvm1 -Destination kvm2 @Parameters -WarningAction SilentlyContinue })
            Assert-Problem $problem VmDataAtRisk PermissionDenied "memory is saved on 'kvm1' and does not move with the definition" 'managedsave-remove kept-saved*-LeaveManagedSave'
            $problem[0].Exception.Readiness.Obstacles.Id | Should -Be 'ManagedSave'
            Invoke-Virsh $lab.Kvm2 domstate kept-saved | Should -Match 'failed to get domain'
            Invoke-Virsh $lab.Kvm1 list --all --with-managed-save --name | Should -Be 'kept-saved'
        }

        It 'is left behind where that is asked for, with a warning' {
            $result = Start-VmMigration kept-saved -VmHost kvm1 -Destination kvm2 -LeaveManagedSave -Confirm:$false -WarningVariable warnings -WarningAction SilentlyContinue
            $result.Outcome | Should -Be 'Completed'
            $result.Warnings | Should -BeLike "*memory stays saved on 'kvm1'*after the VM has run on 'kvm2'*"
            $warnings | Should -Be $result.Warnings
            Invoke-Virsh $lab.Kvm1 list --all --with-managed-save --name | Should -Be 'kept-saved'
            Invoke-Virsh $lab.Kvm2 list --all --name | Should -Match 'kept-saved'
        }

        It 'keeps a running VM from a host where a start would go on from it' {
            # The VM runs where it has just arrived, and wants back to where its older memory lies.
            $null = Invoke-Virsh $lab.Kvm2 start kept-saved
            $problem = @(Get-Problem { Start-VmMigration kept-saved -VmHost kvm2 -Destination kvm1 -SkipCheck All -WarningAction SilentlyContinue })
            Assert-Problem $problem VmDataAtRisk PermissionDenied "is still saved on 'kvm1', from before" 'managedsave-remove kept-saved'
            Invoke-Virsh $lab.Kvm2 domstate kept-saved | Should -Be 'running'
            $null = Invoke-Virsh $lab.Kvm2 destroy kept-saved
        }
    }

    Context 'Autostart' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                $null = Invoke-Virsh $lab.Kvm1 autostart kept-1
            }
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Reset-LabGuest $lab kept-1
            }
        }

        It 'goes along, and is told where it stays armed' {
            $result = Start-VmMigration kept-1 -VmHost kvm1 -Destination kvm2 -WarningVariable warnings -WarningAction SilentlyContinue
            $result.Outcome | Should -Be 'Completed'
            Get-Autostart $lab.Kvm2 kept-1 | Should -BeTrue
            $result.Verification.DestinationInstance.Autostart | Should -BeTrue
            Get-Autostart $lab.Kvm1 kept-1 | Should -BeTrue -Because 'nothing on the source is changed'
            $result.Warnings | Should -HaveCount 1
            $result.Warnings | Should -BeLike "'kvm1' still has autostart on for 'kept-1': at its next boot it would start a second instance beside the one on 'kvm2'.*"
            $warnings | Should -Be $result.Warnings

            $null = bash -c ($result.Warnings[0] -replace '^.*(?=virsh -c )')
            Get-Autostart $lab.Kvm1 kept-1 | Should -BeFalse -Because 'the command in the warning does what it says'
        }

        It 'goes along without a word where the source keeps nothing' {
            $result = Start-VmMigration kept-1 -VmHost kvm1 -Destination kvm2 -UndefineSource
            Get-Autostart $lab.Kvm2 kept-1 | Should -BeTrue
            $result.Warnings | Should -BeNullOrEmpty
        }

        It 'is dropped where the destination keeps no definition, and that is told' {
            $result = Start-VmMigration kept-1 -VmHost kvm1 -Destination kvm2 -Persistent:$false -WarningAction SilentlyContinue
            $result.Warnings | Should -HaveCount 2
            $result.Warnings[1] | Should -BeLike "*'kvm2' does not have it, because it keeps no definition of the VM."
        }

        It 'is said beforehand' {
            $check = (Test-VmMigrationReadiness kept-1 -VmHost kvm1 -Destination kvm2 -Category Identity).Checks | Where-Object Id -eq Autostart
            $check.Status | Should -Be 'Warning'
            $check.Recommendation | Should -BeLike "*virsh -c $($lab.Kvm1) autostart --disable kept-1*-UndefineSource*"
        }
    }

    Context 'Checkpoints of incremental backups' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-LabGuest $lab kept-cp -Option --disk, shared, --disk-format, qcow2
                $null = Invoke-Virsh $lab.Kvm1 checkpoint-create-as kept-cp one
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                $null = Invoke-Virsh $lab.Kvm2 checkpoint-delete kept-cp one
                Remove-LabGuest $lab kept-cp
            }
        }

        It 'are dropped with the definition, which is told, and can be made known to the destination' {
            $check = (Test-VmMigrationReadiness kept-cp -VmHost kvm1 -Destination kvm2 -UndefineSource -Category Storage).Checks | Where-Object Id -eq Checkpoints
            $check.Recommendation | Should -BeLike '*checkpoint-dumpxml*checkpoint-create*--redefine*'
            $file = [IO.Path]::Combine($lab.Shared, 'kept-cp.xml')
            Set-Content -Path $file -Value (Invoke-Virsh $lab.Kvm1 checkpoint-dumpxml kept-cp one)

            $result = Start-VmMigration kept-cp -VmHost kvm1 -Destination kvm2 -UndefineSource -WarningVariable warnings -WarningAction SilentlyContinue
            $result.Outcome | Should -Be 'Completed'
            $result.Warnings | Should -BeLike "With -UndefineSource 'kvm1' drops the VM's checkpoints*"
            $warnings | Should -Be $result.Warnings
            Invoke-Virsh $lab.Kvm2 checkpoint-list kept-cp --name | Should -BeNullOrEmpty

            $null = Invoke-Virsh $lab.Kvm2 checkpoint-create kept-cp $file --redefine
            Remove-Item $file
            Invoke-Virsh $lab.Kvm2 checkpoint-list kept-cp --name | Should -Be 'one'
        }
    }

    Context 'An emulated TPM and a firmware of a VM that is shut off' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $uuid = [guid]::NewGuid()
                $emulator = ((Invoke-Lab env) -split "`n" -match '^export LAB_EMULATOR=') -replace '^.*='
                $file = [IO.Path]::Combine($lab.Shared, 'kept-tpm.xml')
                Set-Content -Path $file -Value @"
<domain type='qemu'><name>kept-tpm</name><uuid>$uuid</uuid><memory unit='MiB'>64</memory>
  <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
  <devices><emulator>$emulator</emulator><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm></devices></domain>
"@
                $null = Invoke-Virsh $lab.Kvm1 define $file
                $null = Invoke-Virsh $lab.Kvm1 start kept-tpm
                $null = Invoke-Virsh $lab.Kvm1 destroy kept-tpm
                Remove-Item $file
                $state = "/var/lib/libvirt/swtpm/$uuid/tpm2/tpm2-00.permall"
                $variables = '/var/lib/libvirt/qemu/nvram/kept-tpm_VARS.fd'
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                foreach ($uri in $lab.Kvm1, $lab.Kvm2) {
                    $null = Invoke-Virsh $uri undefine kept-tpm --nvram --tpm
                }
            }
        }

        It 'would be lost with -UndefineSource, which is refused' {
            $problem = @(Get-Problem { Start-VmMigration kept-tpm -VmHost kvm1 -Destination kvm2 -UndefineSource -SkipCheck All -WarningAction SilentlyContinue })
            Assert-Problem $problem VmDataAtRisk PermissionDenied "With -UndefineSource libvirt deletes the state of the TPM (tpm-crb) on 'kvm1'" "copy /var/lib/libvirt/swtpm/$uuid to 'kvm2'"
            $problem[0].Exception.Readiness.Obstacles.Id | Should -Be 'TpmState'
            { Invoke-Lab exec kvm1 test -s $state } | Should -Not -Throw
            Invoke-Virsh $lab.Kvm2 domstate kept-tpm | Should -Match 'failed to get domain'
        }

        It 'stay behind, and that is told' {
            $result = Start-VmMigration kept-tpm -VmHost kvm1 -Destination kvm2 -WarningVariable warnings -WarningAction SilentlyContinue
            $result.Outcome | Should -Be 'Completed'
            $result.Warnings | Should -HaveCount 2
            $result.Warnings -like "*not the NVRAM file $variables*" | Should -HaveCount 1
            $result.Warnings -like '*The state of the TPM (tpm-crb) does not move*' | Should -HaveCount 1
            $warnings | Should -Be $result.Warnings
            foreach ($kept in $state, $variables) {
                { Invoke-Lab exec kvm1 test -s $kept } | Should -Not -Throw
                { Invoke-Lab exec kvm2 test -e $kept } | Should -Throw
            }
        }
    }
}
