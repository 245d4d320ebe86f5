# Measure-VmDirtyRate, held to what guests do and to what virsh domdirtyrate-calc and domstats --dirtyrate say.

Describe 'Dirty rate' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        $lab = Open-Lab
        $workingSet = 120
        if (-not $lab.Obstacle) {
            New-LabGuest $lab rate-busy -Option --dirty, 40, --working-set, $workingSet, --memory, 256
            # They run and write nothing.
            New-EmptyVm $lab rate-idle
            New-EmptyVm $lab rate-other
            New-EmptyVm $lab rate-off -Off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            # Later it is known.
            $unmeasured = Test-VmMigrationReadiness rate-busy -VmHost kvm1 -Destination kvm2 -Category Bandwidth
        }

        # What virsh domstats says of the last measurement, by the names after "dirtyrate.".
        function Get-Statistic([string] $Name) {
            $figures = @{}
            foreach ($line in (Invoke-Virsh $lab.Kvm1 domstats $Name --dirtyrate) -split "`n") {
                if ($line -match 'dirtyrate\.(\w+)=(\S+)') {
                    $figures[$Matches[1]] = $Matches[2]
                }
            }
            $figures
        }

        function Test-Measured([string] $Name, [int] $Seconds) {
            $figures = Get-Statistic $Name
            $figures.calc_status -eq 1 -and (-not $Seconds -or $figures.calc_period -eq $Seconds)
        }

        # What the guest says of itself: its clock in seconds, and how much it has written, in MiB.
        function Get-Writing([string] $Name) {
            $console = [IO.Path]::Combine($lab.Shared, 'consoles', "$Name.log")
            $line = (Select-String -Path $console -Pattern '^tick .* written=\d+ ' | Select-Object -Last 1).Line
            $null = $line -match ' t=([\d.]+) .* written=(\d+) '
            @{ Time = [double] $Matches[1]; Written = [double] $Matches[2] * 4KB / 1MB }
        }

        # Measures a VM in another session, and has virsh do something meanwhile.
        function Measure-Meanwhile([int] $Seconds, [string[]] $Command) {
            $session = Open-Session $lab.Kvm1
            try {
                Start-Script $session "Measure-VmDirtyRate rate-brief -VmHost kvm1 -Period $Seconds"
                Wait-Until 'the VM is measured' { Test-Measured rate-brief }
                $null = Invoke-Virsh $lab.Kvm1 @Command
                Wait-Script $session
            }
            finally {
                Close-Session $session
            }
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'Of a guest that writes a known rate' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $before = Get-Writing rate-busy
                $session = Open-Session $lab.Kvm1
                try {
                    $received = Invoke-Script $session 'Measure-VmDirtyRate rate-busy -VmHost kvm1 -Period 1, 2, 10'
                }
                finally {
                    Close-Session $session
                }
                $after = Get-Writing rate-busy
                $statistics = Get-Statistic rate-busy
                $rate = $received.Output[0]
                # On a busy machine the guest does less than it is to.
                $own = ($after.Written - $before.Written) / ($after.Time - $before.Time)
            }
        }

        It 'is measured without an error, with a bar that ends' {
            $received.Errors | Should -BeNullOrEmpty
            $received.Output | Should -HaveCount 1
            Assert-Declared $rate Measure-VmDirtyRate
            $received.Progress.Activity | Should -Contain "Measuring the dirty rate of 'rate-busy'"
            $received.Progress[-1].RecordType | Should -Be 'Completed'
        }

        It 'is what virsh has of the same measurement' {
            # The last figure is the one that QEMU keeps.
            $statistics.megabytes_per_second | Should -Be ($rate.BytesPerSecond / 1MB)
            $statistics.calc_period | Should -Be 10
            $statistics.calc_mode | Should -Be 'page-sampling'
            $rate.Period.TotalSeconds | Should -Be 10
            $rate.Mode | Should -Be 'PageSampling'
            $rate.Vm | Should -Be 'rate-busy'
            $rate.VmHost.Name | Should -Be 'kvm1'
            Get-Shown $rate | Should -Match "rate-busy.*\b$($rate.BytesPerSecond / 1MB) MiB/s"
        }

        It 'is what the guest writes, and flattens at its working set, over <_> s' -ForEach 1, 2, 10 {
            $seconds = $_
            $distinct = ($rate.Readings | Where-Object { $_.Period.TotalSeconds -eq $seconds }).DistinctBytes / 1MB
            # 128 pages stand for the guest's memory, so that chance has its share in the figures.
            $least = $workingSet * (1 - [Math]::Exp(-$own * $seconds / $workingSet))
            $most = [Math]::Min($own * $seconds, $workingSet)
            $distinct | Should -BeGreaterThan ($least * 0.55 - 8) -Because "the guest wrote $own MiB/s"
            $distinct | Should -BeLessThan ($most * 1.4 + 16) -Because "the guest wrote $own MiB/s"
        }

        It 'has a reading for each period, in their order, and a curve' {
            $rate.Readings.Period.TotalSeconds | Should -Be 1, 2, 10
            $rate.BytesPerSecond | Should -Be $rate.Readings[2].BytesPerSecond -Because 'the longest period is the one that counts'
            $rate.DistinctBytes | Should -Be ($rate.BytesPerSecond * 10)
            $rate.Readings[0].Start | Should -BeLessOrEqual $rate.Readings[1].Start
            Get-Shown $rate.Readings | Should -Match 'MiB/s'
            $rate.Curve | Should -Not -BeNullOrEmpty
        }

        It 'is what virsh measures of this guest' {
            $before = Get-Writing rate-busy
            Invoke-Virsh $lab.Kvm1 domdirtyrate-calc rate-busy 2 | Should -BeLike '*successfully*'
            Wait-Until 'virsh has measured' { (Get-Statistic rate-busy).calc_status -eq 2 }
            $after = Get-Writing rate-busy
            $own = ($after.Written - $before.Written) / ($after.Time - $before.Time)
            $figure = [int] (Get-Statistic rate-busy).megabytes_per_second
            $figure | Should -BeGreaterThan ($own * 0.45 - 4)
            $figure | Should -BeLessThan ($own * 1.4 + 8)
        }

        It 'speaks of its VM to other commands' {
            ($rate | Get-Vm).Name | Should -Be 'rate-busy'
        }
    }

    It 'tells a guest that writes from one that does not, both measured at once' {
        $rates = Get-Vm rate-busy, rate-idle -VmHost kvm1 | Measure-VmDirtyRate -Period 1
        $rates.Vm | Should -Be 'rate-busy', 'rate-idle'
        $rates[0].BytesPerSecond | Should -BeGreaterThan 0
        $rates[1].BytesPerSecond | Should -Be 0
    }

    It 'counts the longest period also where a shorter one is measured after it' {
        $rate = Measure-VmDirtyRate rate-busy -VmHost kvm1 -Period 2, 1
        $rate.Readings.Period.TotalSeconds | Should -Be 2, 1
        $rate.BytesPerSecond | Should -Be $rate.Readings[0].BytesPerSecond
        $rate.DistinctBytes | Should -Be ($rate.BytesPerSecond * 2)
    }

    Context 'Of a VM that can not be measured' {
        It 'is not measured of one that is shut off, and the others are' {
            $problem = Get-Problem { $script:rates = Measure-VmDirtyRate rate-off, rate-idle -VmHost kvm1 -Period 1 }
            Assert-Problem $problem VmNotRunning InvalidOperation "'rate-off' is shut off" "(virsh -c $($lab.Kvm1) start rate-off)"
            $problem.TargetObject.Name | Should -Be 'rate-off'
            $rates.Vm | Should -Be 'rate-idle'
        }

        It 'is not measured of one that is paused' {
            $null = Invoke-Virsh $lab.Kvm1 suspend rate-other
            try {
                $problem = Get-Problem { Measure-VmDirtyRate rate-other -VmHost kvm1 -Period 1 }
                Assert-Problem $problem VmNotRunning InvalidOperation 'does not run writes nothing' 'resume rate-other'
            }
            finally {
                $null = Invoke-Virsh $lab.Kvm1 resume rate-other
            }
        }

        It 'is not measured of one that has nothing to compare' {
            New-EmptyVm $lab rate-brief -Memory 1
            try {
                $problem = Get-Problem { Measure-VmDirtyRate rate-brief -VmHost kvm1 -Period 1 }
                $reason = "'rate-brief' can't be measured: QEMU compares one page of every 2 MiB"
                Assert-Problem $problem DirtyRateNotMeasurable InvalidOperation $reason 'Start-VmMigration rate-brief'
                # So says QEMU.
                (Get-Statistic rate-brief).megabytes_per_second | Should -Be '-1'
            }
            finally {
                Remove-EmptyVm $lab rate-brief
            }
        }

        It 'is not tried in mode <Mode>' -ForEach @(
            @{ Mode = 'DirtyRing'; Reason = 'in mode DirtyRing: the VM does not run with KVM' }
            @{ Mode = 'DirtyBitmap'; Reason = 'QEMU before 9.1 would crash' }
        ) {
            $problem = Get-Problem { Measure-VmDirtyRate rate-idle -VmHost kvm1 -Period 1 -Mode $Mode }
            Assert-Problem $problem DirtyRateModeUnsupported NotImplemented $Reason '-Mode PageSampling'
            Invoke-Virsh $lab.Kvm1 domstate rate-idle --reason | Should -Be 'running (booted)'
        }
    }

    Context 'Of a VM to which something happens meanwhile' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                New-EmptyVm $lab rate-brief
            }
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Remove-EmptyVm $lab rate-brief
            }
        }

        It 'says that it is <State> now' -ForEach @(
            @{ State = 'paused (user)'; Command = 'suspend'; Action = 'Get-VmHost | Get-Vm rate-brief' }
            @{ State = 'shut off (destroyed)'; Command = 'destroy'; Action = 'Get-Vm rate-brief' }
        ) {
            $received = Measure-Meanwhile 2 $Command, 'rate-brief'
            Assert-Problem $received.Errors DirtyRateInterrupted OperationStopped "it is $State now" $Action
            $received.Output | Should -BeNullOrEmpty
        }

        It 'says that it has left, long before the period is over' {
            $received = Measure-Meanwhile 60 'migrate', 'rate-brief', '--live', '--p2p', $lab.Kvm2
            Assert-Problem $received.Errors DirtyRateInterrupted OperationStopped "was migrated away from 'kvm1'" 'Measure-VmDirtyRate'
            $bars = @($received.Progress | Where-Object RecordType -EQ Processing)
            $bars | Should -Not -BeNullOrEmpty
            ($bars.SecondsRemaining | Measure-Object -Minimum).Minimum | Should -BeGreaterThan 20
        }
    }

    Context 'Until somebody has had enough' {
        It 'is measured again and again until the pipeline has had enough' {
            $rates = Measure-VmDirtyRate rate-idle -VmHost kvm1 -Period 1 -Watch | Select-Object -First 2
            $rates | Should -HaveCount 2
            $rates[1].StartTime | Should -BeGreaterThan $rates[0].StartTime
        }

        It 'is measured side by side, round by round, until Ctrl+C' {
            $session = Open-Session $lab.Kvm1
            try {
                Start-Script $session 'Get-Vm rate-idle, rate-other -VmHost kvm1 | Measure-VmDirtyRate -Period 1 -Watch'
                Wait-Until 'two rounds are through' { $session.Output.Count -ge 4 -or $session.Running.IsCompleted }
                Stop-Script $session
                (Wait-Script $session).Output.Vm | Select-Object -First 4 | Should -Be 'rate-idle', 'rate-other', 'rate-idle', 'rate-other'
            }
            finally {
                Close-Session $session
            }
            Wait-Until 'QEMU has ended what was left' { -not (Test-Measured rate-idle) -and -not (Test-Measured rate-other) }
        }

        It 'takes most of a minute for a curve, as its bar says' {
            $session = Open-Session $lab.Kvm1
            try {
                Start-Script $session 'Measure-VmDirtyRate rate-idle -VmHost kvm1 -Curve'
                Wait-Until 'it begins with most of a minute before it' { @(Get-ScriptProgress $session).SecondsRemaining -gt 45 }
                Stop-Script $session
            }
            finally {
                Close-Session $session
            }
        }

        It 'has one bar for several VMs, and who leaves does not wait for QEMU' {
            foreach ($name in 'side-1', 'side-2') {
                New-EmptyVm $lab $name
            }
            $session = Open-Session $lab.Kvm1
            try {
                Start-Script $session "Get-Vm 'side-?' -VmHost kvm1 | Measure-VmDirtyRate -Period 1, 40"
                Wait-Until 'both are measured at the same time' { (Test-Measured side-1 40) -and (Test-Measured side-2 40) }
                Wait-Until 'the bar has moved on' {
                    @(Get-ScriptProgress $session).Where({ $_.SecondsRemaining -ge 0 -and $_.SecondsRemaining -lt 39 })
                }
                Stop-Script $session
                (Test-Measured side-1 40) -and (Test-Measured side-2 40) | Should -BeTrue
                $received = Wait-Script $session
                $received.Output | Should -BeNullOrEmpty
                $received.Errors | Should -BeNullOrEmpty
                $progress = $received.Progress
                $progress.Activity | Sort-Object -Unique | Should -Be 'Measuring the dirty rates of 2 VMs'
                $progress | Where-Object { $_.SecondsRemaining -gt 39 -and $_.StatusDescription -eq '0 of 2 done' } | Should -Not -BeNullOrEmpty
                $progress.PercentComplete | Should -Be @($progress.PercentComplete | Sort-Object)
            }
            finally {
                Close-Session $session
                Remove-EmptyVm $lab side-1, side-2
            }
        }
    }

    Context 'And what follows for a migration' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Clear-LabLink
            }
        }

        It 'is not measured of a VM that is being migrated' {
            Set-LabLink 40mbit
            $job = Start-VmMigration rate-busy -VmHost kvm1 -Destination kvm2 -SkipCheck All -AsJob
            try {
                Wait-Moving $lab rate-busy
                $session = Open-Session $lab.Kvm1
                try {
                    $received = Invoke-Script $session 'Measure-VmDirtyRate rate-busy -VmHost kvm1'
                    $reason = "'rate-busy' is already being migrated from 'kvm1'"
                    Assert-Problem $received.Errors VmAlreadyMigrating ResourceBusy $reason 'Wait-VmMigrationJob rate-busy'
                }
                finally {
                    Close-Session $session
                }
                Invoke-Virsh $lab.Kvm1 domjobinfo rate-busy --rawstats | Should -Match 'data_remaining'
            }
            finally {
                $job | Remove-Job -Force
            }
        }

        It 'foretells whether the VM moves where only so much may be sent, as it then does, or does not' {
            $ends = @{ VmHost = 'kvm1'; Destination = 'kvm2' }
            $null = Assert-Check $unmeasured DirtyRate NotVerified
            $measure = @{ Bandwidth = 8MB; MeasureDirtyRate = $true }
            $check = Assert-Check (Get-Report $ends $measure Bandwidth -Name rate-busy) DirtyRate Failed
            $check.Recommendation | Should -BeLike '*-AutoConverge*'
            $problem = Get-Problem { Start-VmMigration rate-busy @ends -Bandwidth 8MB -Timeout 5 -SkipCheck All }
            Assert-Problem $problem MigrationTimedOut OperationTimeout 'aborted after 5 s' '-Timeout'

            # By now it is known, and the same guest moves where more may be sent.
            $null = Assert-Check (Get-Report $ends @{ Bandwidth = 8MB; AutoConverge = $true } Bandwidth -Name rate-busy) DirtyRate Warning
            $null = Assert-Check (Get-Report $ends @{ Bandwidth = 200MB } Bandwidth -Name rate-busy) DirtyRate
            Assert-Moves $ends @{ Bandwidth = 200MB } rate-busy
            Assert-Whole rate-busy -On kvm2
        }
    }
}
