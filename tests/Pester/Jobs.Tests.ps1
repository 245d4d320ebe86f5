# Migrations under way: -AsJob with the in-box job cmdlets, and Get-, Wait-, Set- and Stop-VmMigrationJob for what anybody started.

Describe 'Migrations under way' {
    BeforeAll {
        Import-Module "$PSScriptRoot/Lab.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            # It writes faster than the limited link moves memory: its migration goes round until something is done about it.
            New-LabGuest $lab job-1 -Option --dirty, 25, --working-set, 60
            New-LabGuest $lab job-off -Option --off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
        $virsh = $null
        Set-LabLink 150mbit
    }

    AfterEach {
        if ($lab.Obstacle) {
            return
        }
        Get-Job | Where-Object PSJobTypeName -EQ VmMigration | Remove-Job -Force
        if ($virsh -and -not $virsh.HasExited) {
            $null = Invoke-Virsh $lab.Kvm1 domjobabort job-1
            $virsh.WaitForExit()
        }
        Reset-LabGuest $lab job-1
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A job of PowerShell' {
        It 'is returned at once and is known to Get-Job' {
            $job = Start-VmMigration job-1 -VmHost kvm1 -Destination kvm2 -Live -AsJob
            Assert-Declared $job Start-VmMigration
            $job.State | Should -BeIn 'NotStarted', 'Running'
            (Get-Job -Id $job.Id).InstanceId | Should -Be $job.InstanceId
            $job.Vm | Should -Be 'job-1'
            $job.Source.Name | Should -Be 'kvm1'
            $job.Destination.Name | Should -Be 'kvm2'
            $job.PSJobTypeName | Should -Be 'VmMigration'
            $job.Command | Should -BeLike '*Start-VmMigration job-1*-AsJob*'
            Get-Shown $job | Should -Match "\b$($job.Id)\b.*job-1.*kvm1.*kvm2"
        }

        It 'gives its result and its progress to Receive-Job' {
            Clear-LabLink
            $job = Start-VmMigration job-1 -VmHost kvm1 -Destination kvm2 -Live -AsJob
            $result = $job | Wait-Job | Receive-Job
            $job.State | Should -Be 'Completed'
            $result.Outcome | Should -Be 'Completed'
            $result.Vm | Should -Be 'job-1'
            $job.PercentComplete | Should -Be 100
            Assert-Whole job-1 -On kvm2
        }

        It 'aborts the migration by Stop-Job and returns when the VM is back' {
            $job = Start-VmMigration job-1 -VmHost kvm1 -Destination kvm2 -Live -AsJob
            Wait-Moving $lab job-1
            Stop-Job $job
            $job.State | Should -Be 'Stopped'
            Invoke-Virsh $lab.Kvm1 domstate job-1 | Should -Be 'running'
            Invoke-Virsh $lab.Kvm2 domstate job-1 | Should -Match 'failed to get domain'
            Assert-Whole job-1 -On kvm1
        }

        It 'fails with the error of the migration, and keeps its result' {
            $job = Start-VmMigration job-1 -VmHost kvm1 -Destination kvm2 -Live -Timeout 2 -AsJob
            $null = $job | Wait-Job
            $job.State | Should -Be 'Failed'
            $problem = Get-Problem { $script:result = $job | Receive-Job }
            $problem.FullyQualifiedErrorId | Should -BeLike 'MigrationTimedOut*'
            $result.Outcome | Should -Be 'RolledBack'
        }

        It 'keeps its host connected as long as it goes on' {
            $job = Start-VmMigration job-1 -VmHost kvm1 -Destination kvm2 -Live -AsJob
            Wait-Moving $lab job-1
            $problem = Get-Problem { Disconnect-VmHost kvm1 }
            Assert-Problem $problem HostInUse ResourceBusy "'kvm1' stays connected" 'Wait-VmMigrationJob job-1'
            (Get-VmHost kvm1).IsConnected | Should -BeTrue
            Stop-Job $job
        }
    }

    Context 'A migration that virsh started' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                $virsh = Start-VirshMigration $lab job-1
                Wait-Moving $lab job-1
            }
        }

        It 'is shown with what virsh domjobinfo tells' {
            $job = Get-VmMigrationJob job-1
            Assert-Declared $job Get-VmMigrationJob
            $job.Status | Should -Be 'Running'
            $job.Phase | Should -Be 'Copying'
            $job.Source.Name | Should -Be 'kvm1'
            $job.Destination.Name | Should -Be 'kvm2'
            $job.Transferred | Should -BeGreaterThan 0
            $job.PercentComplete | Should -BeIn (0..99)
            Invoke-Virsh $lab.Kvm1 domjobinfo job-1 | Should -Match 'Operation: +Outgoing migration'
            $job.MaxDowntime.TotalMilliseconds | Should -Be (Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime job-1)
            Get-Shown $job | Should -Match "job-1.*Running.*kvm1.*kvm2.* $($job.PercentComplete)\b"
        }

        It 'is found by wildcard, by object and among all, and on the host that is asked' {
            (Get-VmMigrationJob 'job-*' | Where-Object Status -EQ Running).Vm | Should -Be 'job-1'
            (Get-Vm job-1 -VmHost kvm1 | Get-VmMigrationJob).Status | Should -Be 'Running'
            (Get-VmMigrationJob | Where-Object Status -EQ Running).Vm | Should -Be 'job-1'
            (Get-VmMigrationJob job-1 -VmHost kvm1).Source.Name | Should -Be 'kvm1'
            Get-VmMigrationJob 'nothing-*' | Should -BeNullOrEmpty
        }

        It 'is changed, and QEMU has what was set' {
            $set = Get-VmMigrationJob job-1 | Set-VmMigrationJob -MaxDowntime 20 -Bandwidth 9MB
            Assert-Declared $set Set-VmMigrationJob
            $set.MaxDowntime.TotalMilliseconds | Should -Be 20
            Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime job-1 | Should -Be '20'
            Invoke-Virsh $lab.Kvm1 migrate-getspeed job-1 | Should -Be '9'
        }

        It 'ends when a longer standstill is allowed, and is waited for' {
            $set = Set-VmMigrationJob job-1 -MaxDowntime 20000
            $set.MaxDowntime.TotalSeconds | Should -Be 20
            $ended = Wait-VmMigrationJob job-1
            Assert-Declared $ended Wait-VmMigrationJob
            $ended.Status | Should -Be 'Completed'
            $ended.PercentComplete | Should -Be 100
            $ended.Downtime | Should -BeGreaterThan ([timespan]::Zero)
            $virsh.WaitForExit()
            $virsh.ExitCode | Should -Be 0
            Assert-Whole job-1 -On kvm2
            # What ended last is still shown.
            (Get-VmMigrationJob job-1).Status | Should -Be 'Completed'
            $null = Invoke-Virsh $lab.Kvm2 migrate-setmaxdowntime job-1 300
        }

        It 'is left as it is by -WhatIf' {
            $before = Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime job-1
            Set-VmMigrationJob job-1 -MaxDowntime 777 -WhatIf | Should -BeNullOrEmpty
            Stop-VmMigration job-1 -WhatIf | Should -BeNullOrEmpty
            Switch-VmMigrationPostCopy job-1 -WhatIf | Should -BeNullOrEmpty
            Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime job-1 | Should -Be $before
            (Get-VmMigrationJob job-1).Status | Should -Be 'Running'
        }

        It 'is stopped, and the VM has never left' {
            $stopped = Get-VmMigrationJob job-1 | Stop-VmMigration
            Assert-Declared $stopped Stop-VmMigration
            $stopped.Status | Should -Be 'Failed'
            $virsh.WaitForExit()
            $virsh.ExitCode | Should -Not -Be 0
            Invoke-Virsh $lab.Kvm2 domstate job-1 | Should -Match 'failed to get domain'
            Assert-Whole job-1 -On kvm1
        }

        It 'goes on when the time of waiting is up' {
            $problem = Get-Problem { Wait-VmMigrationJob job-1 -Timeout 1 }
            Assert-Problem $problem MigrationNotFinished OperationTimeout "'job-1'" 'Wait-VmMigrationJob'
            $problem.TargetObject.Vm | Should -Be 'job-1'
            (Get-VmMigrationJob job-1).Status | Should -Be 'Running'
        }

        It 'keeps others from migrating or measuring the VM' {
            $problem = Get-Problem { Start-VmMigration job-1 -VmHost kvm1 -Destination kvm2 }
            Assert-Problem $problem VmAlreadyMigrating ResourceBusy "'job-1'" 'Wait-VmMigrationJob job-1'
            $problem = Get-Problem { Measure-VmDirtyRate job-1 -VmHost kvm1 -Period 1 }
            Assert-Problem $problem VmAlreadyMigrating ResourceBusy "'job-1'" 'Stop-VmMigration job-1'
        }

        It 'is not switched to post-copy, which it was not started with' {
            $problem = Get-Problem { Get-VmMigrationJob job-1 | Switch-VmMigrationPostCopy }
            Assert-Problem $problem PostCopyNotEnabled InvalidOperation "'job-1'" 'Start-VmMigration job-1 -PostCopy'
        }
    }

    Context 'No migration' {
        It 'has nothing for <Command>' -ForEach @{ Command = 'Stop-VmMigration' }, @{ Command = 'Wait-VmMigrationJob' },
            @{ Command = 'Switch-VmMigrationPostCopy' } {
            $problem = Get-Problem { & $Command job-off -VmHost kvm1 }
            Assert-Problem $problem NoMigrationJob ObjectNotFound "VM 'job-off'" 'Get-VmMigrationJob'
            "$($problem.TargetObject)" | Should -Be 'job-off'
        }

        It 'has nothing for Set-VmMigrationJob' {
            $problem = Get-Problem { Set-VmMigrationJob job-off -VmHost kvm1 -MaxDowntime 100 }
            Assert-Problem $problem NoMigrationJob ObjectNotFound "VM 'job-off'" 'Get-VmMigrationJob'
        }

        It 'is not looked for where nothing is to be set' {
            $problem = Get-Problem { Set-VmMigrationJob job-1 -VmHost kvm1 }
            Assert-Problem $problem NothingToSet InvalidArgument 'No setting to change was given' '-MaxDowntime'
        }

        It 'is not looked for where the rate is one that libvirt can not count' {
            { Set-VmMigrationJob job-1 -Bandwidth 1000 } |
                Should -Throw -ErrorId 'ParameterArgumentValidationError,VirtMigrate.Cmdlets.SetVmMigrationJobCommand'
        }

        It 'is silent where a wildcard fits nothing' {
            Get-Problem { 'nothing-*' | Stop-VmMigration; 'nothing-*' | Wait-VmMigrationJob } | Should -BeNullOrEmpty
        }
    }
}
