# Get-VmMigrationEstimate and Get-VmMigrationBandwidth, and the migration that follows an estimate.

Describe 'Estimate' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab guess-1 -Option --dirty, 25, --working-set, 60
            New-EmptyVm $lab guess-off -Off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            # A full estimate measures for a minute and a half; three readings do for what is tested here.
            $rate = Measure-VmDirtyRate guess-1 -VmHost kvm1 -Period 1, 2, 5
            # Before anything has moved.
            $first = $rate | Get-VmMigrationEstimate -Destination kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Reset-LabGuest $lab guess-1
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'says that a guest moves over a link that is fast enough, when, and how long it stands still' {
        $estimate = $rate | Get-VmMigrationEstimate -Destination kvm2 -Bandwidth 500MB
        Assert-Declared $estimate Get-VmMigrationEstimate
        $estimate.Verdict | Should -Be 'Converges'
        $estimate.Bandwidth | Should -Be 500MB
        $estimate.BandwidthSource | Should -Be 'Given'
        $estimate.Duration | Should -BeGreaterThan ([timespan]::Zero)
        $estimate.Downtime | Should -BeLessThan $estimate.Duration
        $estimate.Transferred | Should -BeGreaterThan 0
        $estimate.Iterations | Should -BeGreaterOrEqual 1
        $estimate.DirtyRate.BytesPerSecond | Should -Be $rate.BytesPerSecond
        $estimate.Options['Bandwidth'] | Should -Be 500MB
        Get-Shown $estimate | Should -Match 'guess-1.*Converges'
    }

    It 'says that it does not move over one that is too slow, and with which options it does, which is true' {
        # Less than half of what the guest writes in a second.
        $slow = [Math]::Round(0.47 * ($rate.Readings[0..1].BytesPerSecond | Measure-Object -Average).Average / 1MB) * 1MB
        $estimate = $rate | Get-VmMigrationEstimate -Destination kvm2 -Bandwidth $slow
        $estimate.Verdict | Should -Be 'WillNotConverge'
        $estimate.BandwidthSource | Should -Be 'Given'
        $estimate.Duration | Should -BeNullOrEmpty
        $estimate.MinimumBandwidth | Should -BeGreaterThan $slow
        $estimate.MinimumBandwidth | Should -BeLessThan (3 * $rate.Readings[0].BytesPerSecond)
        $estimate.AutoConvergeThrottle | Should -BeIn (20..95)
        $estimate.MinimumMaxDowntime.TotalSeconds | Should -BeGreaterThan 0.5
        $estimate.MinimumMaxDowntime.TotalSeconds | Should -BeLessThan (1.3 * $estimate.ResidentMemory / $slow)
        $estimate.PostCopyDuration.TotalSeconds | Should -BeGreaterThan 5
        $estimate.Recommendation.Added | Should -Match '-AutoConverge'
        $estimate.Recommendation.Reason | Should -Not -BeNullOrEmpty
        $estimate.Recommendation.Forecast.Verdict | Should -Be 'Converges'

        $result = $estimate | Start-VmMigration -PostCopy -PostCopyAfterPrecopy
        $result.Outcome | Should -Be 'Completed'
        $result.Options['AutoConverge', 'PostCopy', 'Bandwidth'] | Should -Be $true, $true, $slow
        Assert-Whole guess-1 -On kvm2
    }

    It 'takes longer over a slower link' {
        $fast, $slow = 400MB, 100MB | ForEach-Object { $rate | Get-VmMigrationEstimate -Destination kvm2 -Bandwidth $_ }
        $slow.Duration | Should -BeGreaterThan $fast.Duration
    }

    It 'knows of a VM that is shut off, or paused, without measuring it' {
        $estimate = Get-VmMigrationEstimate guess-off -VmHost kvm1 -Destination kvm2 -Bandwidth 100MB
        $estimate.Verdict | Should -Be 'Converges'
        $estimate.DirtyRate | Should -BeNullOrEmpty
        $estimate.ResidentMemory | Should -Be 0

        $null = Invoke-Virsh $lab.Kvm1 start guess-off --paused
        try {
            $estimate = Get-VmMigrationEstimate guess-off -VmHost kvm1 -Destination kvm2
            $estimate.Verdict | Should -Be 'Converges'
            $estimate.DirtyRate | Should -BeNullOrEmpty
            "$($estimate.Recommendation)" | Should -Be 'as given'
        }
        finally {
            $null = Invoke-Virsh $lab.Kvm1 destroy guess-off
        }
    }

    It 'says that there is no such VM, and estimates the others' {
        $problem = Get-Problem { $script:found = Get-VmMigrationEstimate guess-none, guess-off -VmHost kvm1 -Destination kvm2 -Bandwidth 1GB }
        Assert-Problem $problem VmNotFound ObjectNotFound "'guess-none'" 'Get-Vm'
        $found.Vm | Should -Be 'guess-off'
    }

    It 'says that the destination can not be reached' {
        $problem = Get-Problem { Get-VmMigrationEstimate guess-off -VmHost kvm1 -Destination $lab.Kvm2.Replace('/system', ':1/system') }
        Assert-Problem $problem HostUnreachable ConnectionError ':1' 'Check that the host is up'
    }

    It 'says that options do not go together' {
        $problem = Get-Problem { Get-VmMigrationEstimate guess-1 -VmHost kvm1 -Destination kvm2 -Tunnelled -Parallel 4 }
        Assert-Problem $problem MigrationOptionInvalid InvalidArgument "don't go together" 'Get-Help'
    }

    Context 'What was achieved' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                # 200 Mbit/s are 24 MiB/s, which a busy machine may not fill.
                Set-LabLink 200mbit
                $moved = Start-VmMigration guess-1 -VmHost kvm1 -Destination kvm2 -MaxDowntime 20000
                $record = Get-VmMigrationBandwidth -Source kvm1 -Destination $lab.Kvm2 | Sort-Object StartTime | Select-Object -Last 1
                # What comes back by another way, where it may be faster, tells nothing of this one.
                Clear-LabLink
                $null = $moved | Start-VmMigration -Destination kvm1 -Bandwidth 500MB -MaxDowntime 20000
                Set-LabLink 200mbit
                $estimate = $rate | Get-VmMigrationEstimate -Destination kvm2 -MaxDowntime 6000
                $result = $estimate | Start-VmMigration
                $where = Invoke-Lab check guess-1
                Clear-LabLink
            }
        }

        It 'is kept of each migration of the session' {
            Assert-Declared $record Get-VmMigrationBandwidth
            $record.Vm | Should -Be 'guess-1'
            $record.Transferred | Should -Be $moved.Statistics.MemoryProcessed
            $record.BytesPerSecond | Should -BeLessThan 40MB
            Get-VmMigrationBandwidth -Source kvm3* | Should -BeNullOrEmpty
            Get-Shown $record | Should -Match 'kvm1.*kvm2.*MiB/s'
        }

        It 'is what estimates go by, and before that the speed of the link' {
            $first.BandwidthSource | Should -Be 'LinkSpeed'
            $first.BandwidthEvidence | Should -BeLike '*Gbit/s*'
            $estimate.BandwidthSource | Should -Be 'Achieved'
            $estimate.BandwidthEvidence | Should -BeLike '*migration*'
            $estimate.Bandwidth | Should -BeGreaterThan 10MB
            $estimate.Bandwidth | Should -BeLessThan 40MB
        }

        It 'makes an estimate that the migration after it keeps to' {
            $estimate.Verdict | Should -Be 'Converges'
            # Less than the guest's memory and QEMU's own together.
            $estimate.ResidentMemory | Should -BeGreaterThan 60MB
            $estimate.ResidentMemory | Should -BeLessThan 256MB
            $estimate.DirtyRate.Readings | Should -HaveCount 3
            $result.Outcome | Should -Be 'Completed'
            $result.Estimate.Time | Should -Be $estimate.Time
            "$($result.Options['MaxDowntime'])" | Should -Be 6000
            # All that the guest keeps writing crosses at least once. How close an estimate comes is the benchmark's: a busy machine slows both.
            $result.Transferred | Should -BeGreaterThan 40MB
            $result.Transferred | Should -BeLessThan (1.6 * $estimate.Transferred)
            $result.Duration / $estimate.Duration | Should -BeGreaterThan 0.25
            $result.Duration / $estimate.Duration | Should -BeLessThan 4
            $where | Should -BeLike "*guest 'guess-1' is whole on kvm2:*"
        }

        It 'goes to another session by a CSV file' {
            $records = @(Get-VmMigrationBandwidth -Source kvm1)
            $records | Should -Not -BeNullOrEmpty
            $file = Join-Path $TestDrive links.csv
            $records | Export-Csv $file
            $back = Import-Csv $file
            $back | Should -HaveCount $records.Count
            $here = $rate | Get-VmMigrationEstimate -Destination kvm2
            # The module starts fresh, as in another session, and knows of nothing that was achieved.
            Import-Subject
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            ($rate | Get-VmMigrationEstimate -Destination kvm2).BandwidthSource | Should -Be 'LinkSpeed'
            $there = $rate | Get-VmMigrationEstimate -Destination kvm2 -History $back
            $there.BandwidthSource | Should -Be 'Achieved'
            $there.Bandwidth | Should -Be $here.Bandwidth
        }

        It 'is told apart from what was copied of disks, and from what a limit allowed' {
            New-LabGuest $lab guess-disk -Option --dirty, 2, --disk, local
            Set-LabLink 400mbit
            $there = Start-VmMigration guess-disk -VmHost kvm1 -Destination kvm2 -Live -CopyStorage All
            $copy = @{ CopyStorage = 'All'; AssumeSeparateStorage = $true; Confirm = $false; Bandwidth = 20MB }
            $back = Start-VmMigration guess-disk -VmHost kvm2 -Destination kvm1 -Live @copy -AsJob | Receive-Job -Wait -AutoRemoveJob
            $there.Outcome, $back.Outcome | Should -Be 'Completed', 'Completed'
            Get-VmMigrationBandwidth | Where-Object Vm -EQ guess-disk | Should -HaveCount 2

            $record = Get-VmMigrationBandwidth -Source kvm1 | Where-Object Vm -EQ guess-disk
            "$($record.Source) $($record.Destination)" | Should -Be 'kvm1 kvm2'
            $record.IsLimited | Should -BeFalse
            # libvirt's own figures of the whole job count the disk's time, but not its bytes. 400 Mbit/s are 46 MiB/s.
            $record.BytesPerSecond | Should -BeGreaterThan $there.Throughput
            $record.BytesPerSecond | Should -BeLessThan 60MB

            $record = Get-VmMigrationBandwidth * $lab.Kvm1 | Where-Object Vm -EQ guess-disk
            "$($record.Source) $($record.Destination)" | Should -Be 'kvm2 kvm1'
            $record.IsLimited | Should -BeTrue
            $record.Limit | Should -Be 20MB
            $record.BytesPerSecond | Should -BeGreaterThan 1MB
            $record.BytesPerSecond | Should -BeLessThan 22MB
            Assert-Whole guess-disk -On kvm1
        }
    }
}
