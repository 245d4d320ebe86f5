# -AsJob: migrations as jobs of PowerShell, with the job cmdlets that it has.

Describe 'Jobs' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab job-1, job-2 -Option --dirty, 5
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }

        # Ends what a test has under way, and brings the guests back.
        function Reset-Guest {
            Get-Job | Where-Object PSJobTypeName -EQ VmMigration | Remove-Job -Force
            Reset-LabGuest $lab job-1
            Reset-LabGuest $lab job-2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A job that runs' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                Set-LabLink 40mbit
                $job = Start-VmMigration job-1 -VmHost kvm1 -Destination kvm2 -Live -AsJob
                $state = $job.State
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Reset-Guest
            }
        }

        It 'is returned at once and is known to Get-Job' {
            Assert-Declared $job Start-VmMigration
            $state | Should -BeIn 'NotStarted', 'Running'
            (Get-Job -Id $job.Id).InstanceId | Should -Be $job.InstanceId
            $job.Vm | Should -Be 'job-1'
            $job.Source.Name | Should -Be 'kvm1'
            $job.Destination.Name | Should -Be 'kvm2'
            $job.PSJobTypeName | Should -Be 'VmMigration'
            $job.Command | Should -BeLike '*Start-VmMigration job-1*-AsJob*'
            Get-Shown $job | Should -Match "\b$($job.Id)\b.*job-1.*kvm1.*kvm2"
        }

        It 'keeps its hosts connected as long as it goes on' {
            Wait-Moving $lab job-1
            foreach ($name in 'kvm1', 'kvm2') {
                $problem = Get-Problem { Disconnect-VmHost $name }
                Assert-Problem $problem HostInUse ResourceBusy "'$name' stays connected*'job-1'" 'Wait-VmMigrationJob job-1'
                (Get-VmHost $name).IsConnected | Should -BeTrue
            }
        }

        It 'has a chart of what it has seen until now' {
            Wait-Until 'a fifth has moved' { $job.PercentComplete -ge 20 }
            $count = $job.Samples.Count
            $job.State | Should -Be 'Running'
            Get-Shown ($job | Format-List) | Should -Match '(?m)^Chart +: .{36}  rate .* MiB/s, over .* s\r?\n +.{36}  remaining .* MiB\r?$'
            Wait-Until 'more is seen' { $job.Samples.Count -gt $count }
        }

        It 'aborts the migration by Stop-Job and returns when the VM is back' {
            Wait-Moving $lab job-1
            Stop-Job $job
            $job.State | Should -Be 'Stopped'
            Invoke-Virsh $lab.Kvm1 domstate job-1 | Should -Be 'running'
            Invoke-Virsh $lab.Kvm2 domstate job-1 | Should -Match 'failed to get domain'
            Assert-Whole job-1 -On kvm1
        }
    }

    Context 'Jobs that end' {
        BeforeEach {
            $session = $null
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Close-Session $session
                Reset-Guest
            }
        }

        It 'are listed, waited for, received and removed, each with its result' {
            $jobs = Get-Vm job-1, job-2 -VmHost kvm1 | Start-VmMigration -Destination kvm2 -Live -AsJob
            $jobs | Should -HaveCount 2
            (Get-Job).Id | Should -Be $jobs.Id
            ($jobs | Wait-Job).State | Should -Be 'Completed', 'Completed'
            $jobs.PercentComplete | Should -Be 100, 100
            $results = $jobs | Receive-Job
            $results.Outcome | Should -Be 'Completed', 'Completed'
            $results.Vm | Should -Be $jobs.Vm
            $jobs | Remove-Job
            Get-Job | Should -BeNullOrEmpty
            Get-Shown ($results | Where-Object Vm -EQ job-1 | Format-List) |
                Should -Match '(?m)^Chart +: .{36}  rate .* MiB/s, over .* s\r?\n +.{36}  remaining by iteration .* MiB\r?$'
            Assert-Whole job-1 -On kvm2
            Assert-Whole job-2 -On kvm2
        }

        It 'fail with the error of the migration, and keep its result' {
            Set-LabLink 40mbit
            $job = Start-VmMigration job-1 -VmHost kvm1 -Destination kvm2 -Live -Timeout 2 -AsJob
            $null = $job | Wait-Job
            $job.State | Should -Be 'Failed'
            $problem = @(Get-Problem { $script:result = $job | Receive-Job })
            $problem | Should -HaveCount 1
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'MigrationTimedOut*'
            $result.Outcome | Should -Be 'RolledBack'
            Assert-Whole job-1 -On kvm1
        }

        It 'go on after the command that began them, use their hosts from the first moment, and show progress to who waits' {
            Set-LabLink 250mbit
            $session = Open-Session
            $begun = Invoke-Script $session @"
`$job = Start-VmMigration job-2 -VmHost '$($lab.Kvm1)' -Destination '$($lab.Kvm2)' -Live -AsJob
"`$(`$job.State)"
Disconnect-VmHost '$($lab.Kvm2)'
"@
            $begun.Output | Should -BeIn 'NotStarted', 'Running'
            Assert-Problem $begun.Errors HostInUse ResourceBusy "stays connected*'job-2'" 'Wait-VmMigrationJob job-2'
            $ended = Invoke-Script $session '$job | Receive-Job -Wait -AutoRemoveJob; @(Get-Job).Count'
            $ended.Errors | Should -BeNullOrEmpty
            $ended.Output[0].Outcome | Should -Be 'Completed'
            $ended.Output[1] | Should -Be 0
            $ended.Progress.Where({ $_.PercentComplete -gt 5 -and $_.PercentComplete -lt 100 }) | Should -Not -BeNullOrEmpty
            Assert-Whole job-2 -On kvm2
        }
    }
}
