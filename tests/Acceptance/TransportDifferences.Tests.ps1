# What can't be the same over all transports, as about_VirtMigrateHosts lists it, and what of an address ssh heeds.

Describe 'Transport differences' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            $byKeys = (Get-LabVariable).LAB_HOST1_LIBSSH2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Disconnect-VmHost *
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A destination that its source does not reach' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-EmptyVm $lab reached
                $rule = "add rule inet lab in ip saddr $($lab.Kvm1ADDRESS) tcp dport 22 reject"
                $change = "nft 'add table inet lab; add chain inet lab in { type filter hook input priority 0; }; $rule'"
                Edit-LabHost kvm2 $change 'nft delete table inet lab'
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Restore-LabHost
                Remove-EmptyVm $lab reached
            }
        }

        # In this order: the VM stays at first.
        It 'is not reached by ssh to the source' {
            $null = Connect-VmHost $lab.Kvm1SSH, $lab.Kvm2SSH -Transport Ssh
            $problem = Get-Problem { $script:result = Start-VmMigration reached -VmHost $lab.Kvm1SSH -Destination $lab.Kvm2SSH -SkipCheck All }
            Assert-Problem $problem SourceCannotConnect ConnectionError 'Connection refused' 'virsh -c'
            "$problem" | Should -BeLike "*'reached' is *, and only there."
            $result | Should -HaveCount 1
            $result.Outcome | Should -Be 'RolledBack'
            $result.ErrorId | Should -Be 'SourceCannotConnect'
            $result.CanRetry | Should -BeFalse
            $result.Errors[0].Message | Should -BeLike '*Connection refused*'
        }

        It 'is reached from this machine by virsh' {
            $null = Connect-VmHost $lab.Kvm1SSH, $lab.Kvm2SSH -Transport Virsh
            $result = Start-VmMigration reached -VmHost $lab.Kvm1SSH -Destination $lab.Kvm2SSH -SkipCheck All
            $result.Outcome | Should -Be 'Completed'
        }
    }

    Context 'A path with a line break in it' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                Edit-LabHost kvm1 "truncate -s 1M `"`$(printf '/var/lib/libvirt/images/two\nlines.img')`"" 'rm /var/lib/libvirt/images/two*lines.img'
                $source = '<source file="/var/lib/libvirt/images/two&#10;lines.img"/>'
                New-EmptyVm $lab lines -Devices "<disk type='file' device='disk'><driver name='qemu' type='raw'/>$source<target dev='vda' bus='virtio'/></disk>"
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-EmptyVm $lab lines
                Restore-LabHost
            }
        }

        It 'leaves statistics readable by libvirt''s library, and by virsh not, which the check says: <Transport>' -ForEach @(
            @{ Transport = 'Libvirt'; Status = 'Passed'; Message = '*' }
            @{ Transport = 'Virsh'; Status = 'NotVerified'; Message = "*not a statistic: 'lines.img'*" }
        ) {
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2 -Transport $Transport
            $report = Test-VmMigrationReadiness lines -VmHost kvm1 -Destination kvm2 -WarningAction SilentlyContinue
            $check = $report.Checks | Where-Object Id -EQ Memory
            $check | Should -HaveCount 1
            $check.Status | Should -Be $Status
            $check.Message | Should -BeLike $Message
            $check.Message -like '*not a statistic*' | Should -Be ($Transport -eq 'Virsh')
        }
    }

    Context 'An address for ssh' {
        It 'has its keys used: <_>' -ForEach 'Libvirt', 'Virsh', 'Ssh' {
            (Connect-VmHost $byKeys -Transport $_).Name | Should -Be 'kvm1'
        }

        It 'is not trusted where its host is not among the keys that it names' {
            $problem = Get-Problem { Connect-VmHost $byKeys.Replace('/ssh/known_hosts', '/ssh/no_hosts') -Transport Ssh }
            Assert-Problem $problem HostCertificateInvalid SecurityError 'Host key verification failed' "fingerprint of the host's key, then accept it once"
        }

        It 'is made of one over tcp where ssh is asked for' {
            # Nobody has accepted the host's key for that.
            $problem = Get-Problem { Connect-VmHost $lab.Kvm1 -Transport Ssh }
            Assert-Problem $problem HostCertificateInvalid SecurityError 'Host key verification failed' "fingerprint of the host's key, then accept it once"
        }
    }
}
