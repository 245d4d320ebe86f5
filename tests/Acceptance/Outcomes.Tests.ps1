# What a result says where the move is refused, hangs, or the guest itself ends on the way: what is true, and no more.

Describe 'Outcomes' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        $lab = Open-Lab

        # libvirt asks this script of kvm2 before anything arrives there. It has to be there when the daemon starts.
        function Set-Hook([string] $Body) {
            $script = "#!/bin/sh`n[ `"`$2`" = migrate ] || exit 0`ncat > /dev/null`n$Body"
            $encoded = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes($script))
            $null = Invoke-Lab exec kvm2 sh -c "mkdir -p /etc/libvirt/hooks && echo $encoded | base64 -d > /etc/libvirt/hooks/qemu && chmod +x /etc/libvirt/hooks/qemu"
            $null = Invoke-Lab kill kvm2 libvirtd
            $null = Invoke-Lab start kvm2
        }

        function Clear-Hook {
            $null = Invoke-Lab exec kvm2 rm -f /etc/libvirt/hooks/qemu
            $null = Invoke-Lab kill kvm2 libvirtd
            $null = Invoke-Lab start kvm2
        }

        if (-not $lab.Obstacle) {
            New-LabGuest $lab out-1, out-2 -Option --dirty, 5
            New-LabGuest $lab out-off -Option --off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A destination that refuses' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $null = Invoke-Virsh $lab.Kvm1 migrate --offline --persistent out-off $lab.Kvm2
                Set-Hook 'echo no room here >&2; exit 1'
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Clear-Hook
                $null = Invoke-Virsh $lab.Kvm2 undefine out-off
            }
        }

        It 'does not take an old definition for a VM that has moved' {
            $problem = Get-Problem { $script:result = Start-VmMigration out-off -VmHost kvm1 -Destination kvm2 -UndefineSource }
            $problem | Should -HaveCount 1
            $result.Outcome | Should -Be 'RolledBack'
            $result.Verification.Message | Should -BeLike "*as before the migration*'kvm2' has a definition of it*"
            $result | Test-VmMigrationResult -Quiet | Should -BeFalse
            $found = Test-VmMigrationResult out-off -VmHost kvm1 -Destination kvm2
            $found.Outcome | Should -Be 'Unknown' -Because 'who does not know of a migration can not tell either'
        }
    }

    Context 'A destination that hangs' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Clear-Hook
                Reset-LabGuest $lab out-1
            }
        }

        It 'is rolled back where the abort still comes in time, and does not move later' {
            Set-Hook 'sleep 20'
            $problem = Get-Problem { $script:result = Start-VmMigration out-1 -VmHost kvm1 -Destination kvm2 -Timeout 3 }
            Assert-Problem $problem MigrationTimedOut OperationTimeout "'out-1'*aborted after 3 s" '-Timeout'
            $result.Outcome | Should -Be 'RolledBack'
            $result.Duration.TotalSeconds | Should -BeGreaterThan 18 -Because 'nothing is rolled back while the call is out'
            Assert-Whole out-1 -On kvm1
        }

        It 'says that the move may still take effect where libvirt does not answer, and sees to it that it does not' {
            Set-Hook 'sleep 90'
            $problem = Get-Problem { $script:result = Start-VmMigration out-1 -VmHost kvm1 -Destination kvm2 -Timeout 3 }
            Assert-Problem $problem MigrationOutcomeUnknown InvalidResult 'may still take effect' 'until both have answered'
            $result.Outcome | Should -Be 'Unknown'
            $result.CanRetry | Should -BeFalse
            $result.Verification.MayTakeEffect | Should -BeTrue
            $result.Duration.TotalSeconds | Should -BeLessThan 95
            Wait-Until 'the hook has ended and the VM has stayed' {
                (Invoke-Virsh $lab.Kvm1 domjobinfo out-1) -match 'None' -and (Invoke-Virsh $lab.Kvm2 domstate out-1) -match 'failed to get domain'
            }
            Assert-Whole out-1 -On kvm1
        }

        It 'is found when the move has ended that only its source had shown to who follows it' {
            Set-Hook 'for i in $(seq 300); do [ -e /run/go ] && exit 0; sleep 0.1; done'
            $session = Open-Session $lab.Kvm1, $lab.Kvm2
            try {
                $virsh = Start-VirshMigration $lab out-1
                Wait-Until 'the source shows the job' { (Invoke-Virsh $lab.Kvm1 domjobinfo out-1) -match 'Outgoing migration' }
                (Get-VmMigrationJob out-1).Destination | Should -BeNullOrEmpty
                Start-Script $session 'Get-VmMigrationJob out-1 | Wait-VmMigrationJob'
                Wait-Until 'the job is followed' { Get-ScriptProgress $session }
                $null = Invoke-Lab exec kvm2 touch /run/go
                $ended = Wait-Script $session
                $virsh.WaitForExit(60000) | Should -BeTrue
            }
            finally {
                $null = Invoke-Lab exec kvm2 rm -f /run/go
                Close-Session $session
            }
            $ended.Errors | Should -BeNullOrEmpty
            $ended.Output.Status | Should -Be 'Completed'
            $ended.Output.Source.Name | Should -Be 'kvm1'
            $ended.Output.Destination.Name | Should -Be 'kvm2'
            Assert-Whole out-1 -On kvm2
        }
    }

    Context 'A guest that ends on the way' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                Set-LabLink 40mbit
            }
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Clear-LabLink
                New-LabGuest $lab out-1 -Option --dirty, 5
            }
        }

        It 'names the end of the guest: <Outcome>' -ForEach @(
            @{
                Outcome = 'GuestDestroyed'; How = { Invoke-Virsh $lab.Kvm1 destroy out-1 }
                Said = 'was destroyed'; Action = 'start it on the host that the message names, and on no other'
            }
            @{
                Outcome = 'GuestCrashed'; How = { Invoke-Lab kill kvm1 qemu out-1 }
                Said = 'crashed'; Action = 'Start the VM there, and on no other host'
            }
        ) {
            $job = Start-VmMigration out-1 -VmHost kvm1 -Destination kvm2 -AsJob
            Wait-Moving $lab out-1
            $null = & $How
            $problem = @(Get-Problem { $script:result = Receive-Job $job -Wait -AutoRemoveJob })
            $problem | Should -HaveCount 1
            $problem[0].FullyQualifiedErrorId | Should -Be $Outcome
            $problem[0].CategoryInfo.Category | Should -Be 'OperationStopped'
            "$($problem[0])" | Should -BeLike "*$Said on 'kvm1' before it had moved*"
            $problem[0].ErrorDetails.RecommendedAction | Should -BeLike "*$Action*"
            $result.Outcome | Should -Be $Outcome
            $result.CanRetry | Should -BeFalse
        }

        It 'is not called a success where somebody else moved it and an old definition is on the destination' {
            $xml = Invoke-Virsh $lab.Kvm1 dumpxml --inactive --security-info out-1
            $file = [IO.Path]::GetTempFileName()
            Set-Content $file $xml
            $null = Invoke-Virsh $lab.Kvm2 define $file
            $virsh = Start-VirshMigration $lab out-1
            Wait-Moving $lab out-1
            $info = Get-VmMigrationJob out-1
            $null = Invoke-Lab kill kvm1 qemu out-1
            $ended = $info | Wait-VmMigrationJob -ErrorAction SilentlyContinue
            $virsh.WaitForExit()
            $null = Invoke-Virsh $lab.Kvm2 undefine out-1
            Remove-Item $file
            $ended.Status | Should -Be 'Failed'
            $ended.PercentComplete | Should -BeLessThan 100
            $ended.Error | Should -Match 'crashed'
        }
    }

    Context 'Several VMs, and an error that ends the command' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Clear-Hook
                Reset-LabGuest $lab out-1
                Reset-LabGuest $lab out-2
            }
        }

        It 'lets those that move come to their end, and throws then' {
            Set-Hook '[ "$1" = out-2 ] || exit 0; exit 1'
            Set-LabLink 60mbit
            $results = [Collections.Generic.List[object]]::new()
            $thrown = try {
                Start-VmMigration out-1, out-2 -VmHost kvm1 -Destination kvm2 -ErrorAction Stop | ForEach-Object { $results.Add($_) }
            }
            catch {
                $_
            }
            Clear-LabLink
            "$($thrown.TargetObject)" | Should -Be 'out-2'
            ($results | Where-Object Vm -eq 'out-1').Outcome | Should -Be 'Completed'
            ($results | Where-Object Vm -eq 'out-2').Outcome | Should -Be 'RolledBack'
            Assert-Whole out-1 -On kvm2
            Assert-Whole out-2 -On kvm1
        }
    }
}
