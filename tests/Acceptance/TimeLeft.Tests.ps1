# What is ahead of a migration that runs, held to what came of it and to what virsh tells at the same moment.

Describe 'Time left' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }

        # What virsh domjobinfo counts; it also prints what is no number.
        function Get-Account([string] $Uri, [string] $Name, [string[]] $Option = @()) {
            $figures = @{}
            foreach ($line in (Invoke-Virsh $Uri domjobinfo $Name --rawstats @Option) -split "`n") {
                if ($line -match '^(\w+): *(\d+)$') {
                    $figures[$Matches[1]] = [double] $Matches[2]
                }
            }
            $figures
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'Of a migration that converges' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-LabGuest $lab left-time -Option --dirty, 8, --working-set, 80
                # 23 MiB/s.
                Set-LabLink 200mbit
                $job = Start-VmMigration left-time -VmHost kvm1 -Destination kvm2 -Live -AsJob
                $seen = while (-not $job.Finished.WaitOne(200)) {
                    Get-VmMigrationJob left-time
                }
                $result = Receive-Job $job
                Clear-LabLink
                $job | Remove-Job -Force
                $looks = @($seen | Where-Object Iteration -GT 0)
                $told = @($looks | Where-Object { $null -ne $_.TimeLeft })
                $last = Get-Account $lab.Kvm2 left-time --completed
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-LabGuest $lab left-time
            }
        }

        It 'is told most of the time, and falls' {
            $looks.IsEndless | Should -Not -Contain $true
            $told.Count | Should -BeGreaterThan 10
            $told.Count | Should -BeGreaterThan ($looks.Count / 2)
            $told[-1].TimeLeft | Should -BeLessThan ($told[0].TimeLeft / 3)
        }

        It 'is what was left, once the first iteration has shown how much of the memory is zeroes' {
            $later = @($told | Where-Object Iteration -GT 1)
            $later | Should -Not -BeNullOrEmpty
            foreach ($look in $later) {
                $truth = $last.time_elapsed / 1000 - $look.Duration.TotalSeconds
                $off = [Math]::Abs($look.TimeLeft.TotalSeconds - $truth)
                $off | Should -BeLessThan (1.5 + 0.3 * $truth) -Because "$truth s were left, and $($look.TimeLeft) was told"
                $look.ImpliedDowntime | Should -Not -BeNullOrEmpty
            }
        }

        It 'leaves what was achieved, of the time in which memory moved' {
            $result.Outcome | Should -Be 'Completed'
            $achieved = Get-VmMigrationBandwidth | Where-Object Vm -EQ left-time
            "$($achieved.Source) $($achieved.Destination)" | Should -Be 'kvm1 kvm2'
            $achieved.Transferred | Should -Be $last.memory_processed
            # libvirt's time begins with the preparation of the destination, and its rate may be that of the last moment.
            $moving = $last.time_elapsed / 1000 - ($result.Phases | Where-Object Phase -EQ Copying).Start.TotalSeconds
            $achieved.Duration.TotalSeconds / $moving | Should -BeGreaterThan 0.93
            $achieved.Duration.TotalSeconds / $moving | Should -BeLessThan 1.07
            $achieved.BytesPerSecond / ($last.memory_processed / $moving) | Should -BeGreaterThan 0.93
            $achieved.BytesPerSecond / ($last.memory_processed / $moving) | Should -BeLessThan 1.07
            $all = ($achieved.Duration + $achieved.Overhead).TotalSeconds
            [Math]::Abs($all - $result.Duration.TotalSeconds) | Should -BeLessThan 0.001
        }

        It 'was that of a guest that has lost nothing' {
            Assert-Whole left-time -On kvm2
        }
    }

    Context 'Of a migration that does not converge' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                # Each iteration finds all of the working set changed.
                New-LabGuest $lab left-none -Option --dirty, 60, --working-set, 30
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Clear-LabLink
                Remove-LabGuest $lab left-none
            }
        }

        It 'is not told, neither to who drives it nor to another session, but the downtime that what remains implies' {
            # 17 MiB/s.
            Set-LabLink 150mbit
            $session = Open-Session $lab.Kvm1, $lab.Kvm2
            try {
                Start-Script $session 'Start-VmMigration left-none -VmHost kvm1 -Destination kvm2 -Live'
                # It has seen all iterations.
                $isTold = { @(Get-ScriptProgress $session) | Where-Object StatusDescription -Like '*does not converge*' }
                Wait-Until 'the session that drives it tells that nothing is gained any more' $isTold
                (& $isTold | Select-Object -Last 1).SecondsRemaining | Should -Be -1

                # This one sees a single moment, at which a part of the iteration has been sent.
                $seen = @{}
                Wait-Until 'another session tells so as well' {
                    $seen.Before = Get-Account $lab.Kvm1 left-none
                    $seen.Job = Get-VmMigrationJob left-none
                    $seen.After = Get-Account $lab.Kvm1 left-none
                    $null -eq $seen.Job.TimeLeft -and $seen.Job.Iteration -eq $seen.Before.memory_iteration
                }
                Stop-Script $session
                $achieved = Invoke-Script $session Get-VmMigrationBandwidth
            }
            finally {
                Close-Session $session
            }
            $seen.Before.memory_iteration | Should -BeIn (3..9)
            $seen.Job.IsEndless | Should -BeTrue
            $rates = $seen.Before.memory_bps, $seen.After.memory_bps | Measure-Object -Minimum -Maximum
            $remaining = $seen.Before.memory_remaining, $seen.After.memory_remaining, $seen.Job.Remaining | Measure-Object -Minimum -Maximum
            $implied = $seen.Job.ImpliedDowntime.TotalSeconds
            $implied | Should -BeGreaterThan ($remaining.Minimum / $rates.Maximum * 0.7)
            $implied | Should -BeLessThan ($remaining.Maximum / $rates.Minimum * 1.3)
            $achieved.Errors | Should -BeNullOrEmpty
            $achieved.Output | Should -BeNullOrEmpty -Because 'it did not come to its end'
            Assert-Whole left-none -On kvm1
        }
    }
}
