# Get-, Wait-, Set- and Stop-VmMigrationJob: migrations are seen and steered by any session, whoever started them.

Describe 'Steering' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            # It writes faster than the limited link moves memory: its migration goes round until something is done about it.
            New-LabGuest $lab steer-1 -Option --dirty, 25, --working-set, 25
            New-LabGuest $lab steer-off -Option --off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }

        # Ends what virsh has under way, if it has, and brings the guest back.
        function Reset-Guest($Virsh) {
            if ($Virsh -and -not $Virsh.HasExited) {
                $null = Invoke-Virsh $lab.Kvm1 domjobabort steer-1
                $Virsh.WaitForExit()
            }
            Reset-LabGuest $lab steer-1
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A migration that virsh started' {
        BeforeAll {
            $virsh = $null
            if (-not $lab.Obstacle) {
                Set-LabLink 150mbit
                $virsh = Start-VirshMigration $lab steer-1
                Wait-Moving $lab steer-1
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Reset-Guest $virsh
            }
        }

        It 'is shown with what virsh domjobinfo tells' {
            $job = Get-VmMigrationJob steer-1
            Assert-Declared $job Get-VmMigrationJob
            $job.Status | Should -Be 'Running'
            $job.Phase | Should -Be 'Copying'
            $job.Source.Name | Should -Be 'kvm1'
            $job.Destination.Name | Should -Be 'kvm2'
            $job.Transferred | Should -BeGreaterThan 0
            $job.PercentComplete | Should -BeIn (0..99)
            Invoke-Virsh $lab.Kvm1 domjobinfo steer-1 | Should -Match 'Operation: +Outgoing migration'
            $job.MaxDowntime.TotalMilliseconds | Should -Be 300 -Because 'that is what QEMU begins with'
            $job.MaxDowntime.TotalMilliseconds | Should -Be (Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime steer-1)
            Get-Shown $job | Should -Match "steer-1.*Running.*kvm1.*kvm2.* $($job.PercentComplete)\b"
        }

        It 'is found by wildcard, by object and among all, and on the host that is asked' {
            (Get-VmMigrationJob 'steer-*' | Where-Object Status -EQ Running).Vm | Should -Be 'steer-1'
            (Get-Vm steer-1 -VmHost kvm1 | Get-VmMigrationJob).Status | Should -Be 'Running'
            (Get-VmMigrationJob | Where-Object Status -EQ Running).Vm | Should -Be 'steer-1'
            (Get-VmMigrationJob steer-1 -VmHost kvm1).Source.Name | Should -Be 'kvm1'
            Get-VmMigrationJob 'nothing-*' | Should -BeNullOrEmpty
        }

        It 'is listed by its destination without waiting for the lock that it holds there' {
            $begun = [Diagnostics.Stopwatch]::StartNew()
            $jobs = @(Get-VmMigrationJob -VmHost kvm2 -ErrorVariable problems | Where-Object Vm -EQ steer-1)
            $begun.Elapsed.TotalSeconds | Should -BeLessThan 20 -Because 'libvirt waits 30 s for a lock'
            $problems | Should -BeNullOrEmpty
            $jobs.Status | Should -Be 'Running'
            $virsh.HasExited | Should -BeFalse
        }

        It 'is left as it is by -WhatIf' {
            $before = Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime steer-1
            Set-VmMigrationJob steer-1 -MaxDowntime 777 -WhatIf | Should -BeNullOrEmpty
            Stop-VmMigration steer-1 -WhatIf | Should -BeNullOrEmpty
            Switch-VmMigrationPostCopy steer-1 -WhatIf | Should -BeNullOrEmpty
            Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime steer-1 | Should -Be $before
            (Get-VmMigrationJob steer-1).Status | Should -Be 'Running'
        }

        It 'goes on when the time of waiting is up' {
            $problem = Get-Problem { Get-VmMigrationJob steer-1 | Wait-VmMigrationJob -Timeout 1 }
            Assert-Problem $problem MigrationNotFinished OperationTimeout "'steer-1'" 'Wait-VmMigrationJob'
            $problem.TargetObject.Vm | Should -Be 'steer-1'
            (Get-VmMigrationJob steer-1).Status | Should -Be 'Running'
            $virsh.HasExited | Should -BeFalse
        }

        It 'keeps others from migrating or measuring the VM' {
            $problem = Get-Problem { Start-VmMigration steer-1 -VmHost kvm1 -Destination kvm2 }
            Assert-Problem $problem VmAlreadyMigrating ResourceBusy "'steer-1'" 'Wait-VmMigrationJob steer-1'
            $problem = Get-Problem { Measure-VmDirtyRate steer-1 -VmHost kvm1 -Period 1 }
            Assert-Problem $problem VmAlreadyMigrating ResourceBusy "'steer-1'" 'Stop-VmMigration steer-1'
        }

        It 'is neither switched to post-copy, which it was not started with, nor resumed, and goes on' {
            $problem = Get-Problem { Get-VmMigrationJob steer-1 | Switch-VmMigrationPostCopy }
            Assert-Problem $problem PostCopyNotEnabled InvalidOperation "'steer-1'" 'Start-VmMigration steer-1 -VmHost * -PostCopy'
            $problem = Get-Problem { Resume-VmMigration steer-1 }
            Assert-Problem $problem NotPostCopyPaused InvalidOperation "'steer-1'*is Running" 'Get-VmMigrationJob steer-1'
            (Get-VmMigrationJob steer-1).Status | Should -Be 'Running'
            $virsh.HasExited | Should -BeFalse
        }
    }

    Context 'A migration that is steered' {
        BeforeAll {
            # Waits until libvirt sends for the so manieth time what the guest has written since, by virsh's account.
            function Wait-Pass([int] $Pass) {
                Wait-Until "'steer-1' is in pass $Pass" {
                    (Invoke-Virsh $lab.Kvm1 domjobinfo steer-1 --rawstats) -match 'memory_iteration: *(\d+)' -and [int] $Matches[1] -ge $Pass
                }
            }

            # The migration has ended, and nothing of it is left.
            function Assert-Stayed($Virsh) {
                $Virsh.WaitForExit(60000) | Should -BeTrue
                $Virsh.ExitCode | Should -Not -Be 0
                Invoke-Virsh $lab.Kvm1 domstate steer-1 | Should -Be 'running'
                Invoke-Virsh $lab.Kvm2 domstate steer-1 | Should -Match 'failed to get domain'
                Assert-Whole steer-1 -On kvm1
            }

            # The daemon of the destination says nothing, or goes on.
            function Send-Daemon([string] $Signal) {
                $null = Invoke-Lab exec kvm2 sh -c "kill -$Signal `$(pgrep -x libvirtd)"
            }
        }

        BeforeEach {
            $virsh = $session = $null
            if (-not $lab.Obstacle) {
                Set-LabLink 150mbit
            }
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Close-Session $session
                Reset-Guest $virsh
            }
        }

        It 'has in QEMU what was set, and its suspended guest runs again when it is stopped' {
            $virsh = Start-VirshMigration $lab steer-1 --postcopy, --compressed, --comp-methods, xbzrle
            Wait-Moving $lab steer-1
            $set = Get-VmMigrationJob steer-1 | Set-VmMigrationJob -MaxDowntime 20 -Bandwidth 9MB -PostCopyBandwidth 7MB -CompressionXbzrleCache 32MB
            Assert-Declared $set Set-VmMigrationJob
            $set.MaxDowntime.TotalMilliseconds | Should -Be 20
            Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime steer-1 | Should -Be '20'
            Invoke-Virsh $lab.Kvm1 migrate-getspeed steer-1 | Should -Be '9'
            Invoke-Virsh $lab.Kvm1 migrate-getspeed steer-1 --postcopy | Should -Be '7'
            $parameters = Invoke-Virsh $lab.Kvm1 qemu-monitor-command steer-1 '{"execute":"query-migrate-parameters"}'
            $parameters | Should -Match '"max-postcopy-bandwidth":7340032\b'
            $parameters | Should -Match '"xbzrle-cache-size":33554432\b'

            $suspended = Set-VmMigrationJob steer-1 -SuspendGuest
            $suspended.Status | Should -Be 'Running'
            Invoke-Virsh $lab.Kvm1 domstate steer-1 --reason | Should -Be 'paused (migrating)'
            (Stop-VmMigration steer-1).Status | Should -Be 'Failed'
            Assert-Stayed $virsh
            # libvirt keeps the rate for the next one.
            $null = Invoke-Virsh $lab.Kvm1 migrate-setspeed steer-1 8796093022207
        }

        It 'ends when its guest is suspended, is waited for, and the guest runs on its destination' {
            $virsh = Start-VirshMigration $lab steer-1
            Wait-Pass 3
            $ended = Get-VmMigrationJob steer-1 | Set-VmMigrationJob -SuspendGuest | Wait-VmMigrationJob -Timeout 60
            Assert-Declared $ended Wait-VmMigrationJob
            $virsh.WaitForExit(60000) | Should -BeTrue
            $virsh.ExitCode | Should -Be 0
            # What ended last is still shown.
            foreach ($one in $ended, (Get-VmMigrationJob steer-1)) {
                $one.Status | Should -Be 'Completed'
                $one.PercentComplete | Should -Be 100
                $one.Destination.Name | Should -Be 'kvm2'
                $one.Downtime | Should -BeGreaterThan ([timespan]::Zero)
            }
            Invoke-Virsh $lab.Kvm2 domstate steer-1 --reason | Should -Be 'running (migrated)'
            Assert-Whole steer-1 -On kvm2
            $problem = Get-Problem { Get-Vm steer-1 -VmHost kvm2 | Switch-VmMigrationPostCopy }
            Assert-Problem $problem NoMigrationJob ObjectNotFound "'steer-1'" 'Get-VmMigrationJob'
        }

        It 'of another session takes its new bandwidth, and ends when a longer downtime is allowed' {
            $session = Open-Session
            Start-Script $session "Start-VmMigration steer-1 -VmHost '$($lab.Kvm1)' -Destination '$($lab.Kvm2)' -Live -MaxDowntime 20"
            Wait-Pass 3
            $null = Set-VmMigrationJob steer-1 -VmHost $lab.Kvm1 -Bandwidth 3MB
            Invoke-Virsh $lab.Kvm1 migrate-getspeed steer-1 | Should -Be '3'
            $set = Get-VmMigrationJob steer-1 | Set-VmMigrationJob -Bandwidth 300MB -MaxDowntime 20000
            $set.MaxDowntime.TotalSeconds | Should -Be 20
            $ended = $set | Wait-VmMigrationJob -Timeout 60
            $ended.Status | Should -Be 'Completed'
            $ended.PercentComplete | Should -Be 100
            $moved = Wait-Script $session
            $moved.Errors | Should -BeNullOrEmpty
            $moved.Output.Outcome | Should -Be 'Completed'
            Assert-Whole steer-1 -On kvm2
        }

        It 'is stopped before its first byte, and the VM has never left' {
            # That needs nothing of the destination, which can't be asked meanwhile.
            $session = Open-Session $lab.Kvm1
            $virsh = Start-VirshMigration $lab steer-1
            try {
                # A daemon that does not answer keeps libvirt from sending anything. It has to answer until libvirt has begun, and takes
                # several such turns to start the QEMU that is to receive.
                Wait-Until 'libvirt has begun, and waits for the destination' {
                    Send-Daemon STOP
                    $hasBegun = (Invoke-Virsh $lab.Kvm1 domjobinfo steer-1) -match 'Outgoing migration'
                    if (-not $hasBegun) {
                        Send-Daemon CONT
                    }
                    $hasBegun
                }
                (Invoke-Script $session 'Get-VmMigrationJob steer-1').Output.Transferred | Should -Be 0
                Start-Script $session 'Stop-VmMigration steer-1'
                # Nothing tells that it has asked; where it has not, the stop comes a little after the first byte.
                $null = $session.Running.AsyncWaitHandle.WaitOne(1000)
            }
            finally {
                Send-Daemon CONT
            }
            $stopped = Wait-Script $session
            $stopped.Errors | Should -BeNullOrEmpty
            $stopped.Output.Status | Should -Be 'Failed'
            Assert-Stayed $virsh
        }

        It 'is stopped in a later pass, and the VM has never left' {
            $virsh = Start-VirshMigration $lab steer-1
            Wait-Pass 3
            $stopped = Get-VmMigrationJob steer-1 | Stop-VmMigration
            Assert-Declared $stopped Stop-VmMigration
            $stopped.Status | Should -Be 'Failed'
            Assert-Stayed $virsh
        }

        It 'ends on one side when it is stopped as it switches over' {
            # With a downtime this long allowed QEMU stops the guest at once and then has much left to send. It hears of the request
            # when it has sent it, and then either takes the guest back or has just handed it over.
            $null = Invoke-Virsh $lab.Kvm1 migrate-setmaxdowntime steer-1 5000
            try {
                $virsh = Start-VirshMigration $lab steer-1
                Wait-Until 'QEMU switches over' { (Invoke-Virsh $lab.Kvm1 domstate steer-1 --reason) -eq 'paused (migrating)' }
                $stopped = Stop-VmMigration steer-1
                $virsh.WaitForExit(60000) | Should -BeTrue
                $hasMoved = $virsh.ExitCode -eq 0
                $stopped.Status | Should -Be ($hasMoved ? 'Completed' : 'Failed')
                Assert-Whole steer-1 -On ($hasMoved ? 'kvm2' : 'kvm1')
            }
            finally {
                $null = Invoke-Virsh $lab.Kvm1 migrate-setmaxdowntime steer-1 300
            }
        }
    }

    Context 'No migration' {
        It 'has nothing for <Command>' -ForEach @{ Command = 'Stop-VmMigration' }, @{ Command = 'Wait-VmMigrationJob' },
            @{ Command = 'Switch-VmMigrationPostCopy' } {
            $problem = Get-Problem { & $Command steer-off -VmHost kvm1 }
            Assert-Problem $problem NoMigrationJob ObjectNotFound "VM 'steer-off'" 'Get-VmMigrationJob'
            "$($problem.TargetObject)" | Should -Be 'steer-off'
        }

        It 'has nothing for Set-VmMigrationJob' {
            $problem = Get-Problem { Set-VmMigrationJob steer-off -VmHost kvm1 -MaxDowntime 100 }
            Assert-Problem $problem NoMigrationJob ObjectNotFound "VM 'steer-off'" 'Get-VmMigrationJob'
        }

        It 'is not looked for where nothing is to be set' {
            $problem = Get-Problem { Set-VmMigrationJob steer-1 -VmHost kvm1 }
            Assert-Problem $problem NothingToSet InvalidArgument 'No setting to change was given' '-MaxDowntime'
        }

        It 'is not looked for where the rate is one that libvirt can not count' {
            { Set-VmMigrationJob steer-1 -Bandwidth 1000 } |
                Should -Throw -ErrorId 'ParameterArgumentValidationError,VirtMigrate.Cmdlets.SetVmMigrationJobCommand'
        }

        It 'is silent where a wildcard fits nothing' {
            Get-Problem { 'nothing-*' | Stop-VmMigration; 'nothing-*' | Wait-VmMigrationJob } | Should -BeNullOrEmpty
        }
    }
}
