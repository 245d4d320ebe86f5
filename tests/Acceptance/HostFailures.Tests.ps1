# Why a migration fails whose destination can't run the VM: in libvirt's words, and what to do.

Describe 'Host failures' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        $ends = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2 }

        # What a daemon remembers of its emulators.
        $cache = '/var/cache/libvirt/qemu/capabilities/*.xml'

        # The VM's definition with one change, for -DestinationXml.
        function Get-Changed([string] $Old, [string] $New) {
            $xml = Invoke-Virsh $lab.Kvm1 dumpxml empty --migratable
            $xml | Should -Match $Old
            $xml -replace $Old, $New
        }

        if (-not $lab.Obstacle) {
            New-EmptyVm $lab
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A destination that can do less' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $machine = 'pc-i440fx-6.2'
                $cpu = '<cpu mode="custom" match="exact" check="partial"><model>qemu64</model><feature policy="require" name="pclmuldq"/></cpu>'
                New-EmptyVm $lab empty-cpu -Elements $cpu
                New-EmptyVm $lab empty-machine -Machine $machine
                New-EmptyVm $lab empty-tpm -Devices '<tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm>'
                $before = Get-Report $ends -Name empty-cpu

                # A daemon writes its cache when it is first asked: of the lab's emulator, and of the machine's own.
                $known = Invoke-Virsh $lab.Kvm2 domcapabilities --emulatorbin $lab.Emulator --virttype qemu
                $known | Should -Match "<path>$($lab.Emulator)</path>"
                Invoke-Virsh $lab.Kvm2 capabilities | Should -Match '<emulator>'

                # Its QEMU has no pclmulqdq and no such machine type, as the daemon remembers it too, it has no emulator of TPMs, and a hook
                # lets one VM not in.
                $emulator, $hook = "$Images/other-qemu", '/etc/libvirt/hooks/qemu'
                $other = @"
before=`$(stat -c %Z '$($lab.Emulator)')
sed 's/^for argument; do/&\n argument=`${argument\/,pclmulqdq=on\/,pclmulqdq=off}/' '$($lab.Emulator)' > $emulator
chmod +x $emulator
mount --bind $emulator '$($lab.Emulator)'
sed -i -e "/name='pclmulqdq'/s/value='true'/value='false'/" -e /$machine/d $cache
sed -i "s/<qemuctime>`$before</<qemuctime>`$(stat -c %Z '$($lab.Emulator)')</" $cache
mount --bind /dev/null /usr/bin/swtpm
mkdir -p /etc/libvirt/hooks
printf '#!/bin/sh\necho not here >&2\ntest "`$1.`$2" != empty.migrate\n' > $hook
chmod +x $hook
"@
                $undo = "umount '$($lab.Emulator)'", "rm -f $emulator $cache", 'umount /usr/bin/swtpm', "rm -f $hook"
                Edit-LabHost kvm2 $other $undo -Restart
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Restore-LabHost
                Remove-EmptyVm $lab empty-cpu, empty-machine, empty-tpm
            }
        }

        It 'has a processor without what the guest has seen, as was foretold' {
            $null = Assert-Check $before CpuModel
            $message, $action = 'missing features: pclmuldq', 'hypervisor-cpu-baseline'
            Assert-Failure $ends CpuIncompatible NotImplemented $message $action CpuModel -Name empty-cpu
        }

        It 'does not know the machine type, as was foretold' {
            # That of the other VM is known.
            $null = Assert-Check $before MachineType
            $message, $action = "does not support machine type '$machine'", 'capabilities'
            Assert-Failure $ends MachineTypeUnsupported NotImplemented $message $action MachineType -Name empty-machine
        }

        It 'has no emulator of TPMs, as was foretold' {
            $message, $action = "TPM version '2.0' is not supported", 'apt install swtpm'
            Assert-Failure $ends TpmEmulatorMissing ObjectNotFound $message $action Tpm -Name empty-tpm
        }

        It 'has a hook that refuses the VM' {
            Assert-Failure $ends HookRefused PermissionDenied 'not here' '/etc/libvirt/hooks/qemu'
        }
    }

    Context 'A file that only the source has' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Remove-EmptyVm $lab empty-file
                Restore-LabHost
            }
        }

        It 'is the emulator, as was foretold' {
            $own = "$Images/own-qemu"
            Edit-LabHost kvm1 "cp '$($lab.Emulator)' $own" "rm -f $own"
            New-EmptyVm $lab empty-file -Emulator $own
            $message = "Cannot check QEMU binary $own"
            Assert-Failure $ends EmulatorMissing ObjectNotFound $message '-DestinationXml' Emulator -Name empty-file
        }

        It 'is the firmware' {
            $own = "$Images/own-bios.bin"
            Edit-LabHost kvm1 "cp /usr/share/seabios/bios-256k.bin $own" "rm -f $own"
            New-EmptyVm $lab empty-file -Firmware "<loader type='rom'>$own</loader>"
            Assert-Failure $ends FirmwareMissing ObjectNotFound "could not load PC BIOS '$own'" 'ovmf' -Name empty-file
        }

        It 'is the firmware''s store of variables' {
            $code, $variables = "$Images/own-code.fd", "$Images/own-vars.fd"
            Edit-LabHost kvm1 "truncate -s 2M $code; truncate -s 128K $variables" "rm -f $code $variables"
            New-EmptyVm $lab empty-file -Firmware "<loader readonly='yes' type='pflash'>$code</loader><nvram template='$variables'/>"
            Assert-Failure $ends FirmwareMissing ObjectNotFound "Failed to open file '$variables'" 'edk2-ovmf' -Name empty-file
        }
    }

    Context 'What the VM needs of its destination' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Restore-LabHost
            }
        }

        It 'is not there: <What>' -ForEach @(
            @{
                What = 'huge pages'
                Element = '<memoryBacking><hugepages/></memoryBacking>'
                Id = 'HugePagesMissing'
                Message = 'hugetlbfs filesystem is not mounted'
                Action = 'allocpages'
                Check = ''
            }
            @{
                What = 'a NUMA node'
                Element = '<numatune><memory mode="strict" nodeset="63"/></numatune>'
                Id = 'NumaNodeMissing'
                Message = 'NUMA node 63'
                Action = 'numatune'
                Check = 'NumaPinning'
            }
            @{
                What = 'a processor'
                Element = '<cputune><vcpupin vcpu="0" cpuset="1023"/></cputune>'
                Id = 'PinnedCpuMissing'
                Message = 'cannot set CPU affinity'
                Action = 'vcpupin'
                Check = 'CpuPinning'
            }
        ) {
            $option = @{ DestinationXml = Get-Changed '<os>' "$Element<os>" }
            Assert-Failure $ends $Id ObjectNotFound $Message $Action $Check -Option $option
        }

        It 'is not what the VM has: a definition of another machine' {
            $option = @{ DestinationXml = Get-Changed '<vcpu placement=.static.>1<' '<vcpu>2<' }
            Assert-Failure $ends DefinitionIncompatible InvalidData 'does not match source' '--migratable' -Option $option
        }

        It 'is more than it gives: memory' {
            New-EmptyVm $lab empty-large -Memory 2048
            $limit = 'prlimit --pid $(cat /run/libvirtd.pid) --as='
            Edit-LabHost kvm2 "${limit}1500000000:unlimited" "${limit}unlimited"
            Assert-Failure $ends MemoryInsufficient ResourceUnavailable 'Cannot allocate memory' 'nodememstats' -Name empty-large -CanRetry
        }

        It 'is an emulator that understands its state' {
            $other, $emulator = "$Images/other-qemu", $lab.Emulator
            $change = "sed 's/^extra=8192/extra=16384/' '$emulator' > $other; chmod +x $other; mount --bind $other '$emulator'"
            Edit-LabHost kvm2 $change "umount '$emulator'", "rm -f $other"
            $result = Start-VmMigration empty @ends -SkipCheck All -ErrorAction SilentlyContinue -ErrorVariable problem

            # Which of both ends is heard first is a race within libvirt.
            $problem | Should -HaveCount 1
            $problem[0].FullyQualifiedErrorId | Should -Match '^MigrationStream(Incompatible|Broken),VirtMigrate\.'
            $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*tail /var/log/libvirt/qemu/empty.log*'
            $result | Should -HaveCount 1
            $result.Outcome | Should -Be 'RolledBack'
            $result.CanRetry | Should -Not -BeTrue
            $result.Errors.Host | Should -Contain 'kvm2'
        }
    }
}
