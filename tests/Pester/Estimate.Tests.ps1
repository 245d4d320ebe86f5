# Get-VmMigrationEstimate and Get-VmMigrationBandwidth, and the migration that follows an estimate.

Describe 'Estimate' {
    BeforeAll {
        Import-Module "$PSScriptRoot/Lab.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab guess-1 -Option --dirty, 25, --working-set, 60
            New-LabGuest $lab guess-off -Option --off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            # A full estimate measures for a minute and a half; two readings do for what is tested here.
            $rate = Measure-VmDirtyRate guess-1 -VmHost kvm1 -Period 1, 2
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

    It 'says that it does not move over one that is too slow, and with which options it does' {
        $estimate = $rate | Get-VmMigrationEstimate -Destination kvm2 -Bandwidth 5MB
        $estimate.Verdict | Should -Be 'WillNotConverge'
        $estimate.Duration | Should -BeNullOrEmpty
        $estimate.MinimumBandwidth | Should -BeGreaterThan 5MB
        $estimate.Recommendation.Added | Should -Match '^-\w+'
        $estimate.Recommendation.Reason | Should -Not -BeNullOrEmpty
        $estimate.Recommendation.Forecast.Verdict | Should -Be 'Converges'
    }

    It 'takes longer over a slower link' {
        $fast, $slow = 400MB, 100MB | ForEach-Object { $rate | Get-VmMigrationEstimate -Destination kvm2 -Bandwidth $_ }
        $slow.Duration | Should -BeGreaterThan $fast.Duration
    }

    It 'goes on to Start-VmMigration with its options, and the result is held to it' {
        $estimate = $rate | Get-VmMigrationEstimate -Destination kvm2 -Bandwidth 200MB
        $result = $estimate | Start-VmMigration
        $result.Outcome | Should -Be 'Completed'
        $result.Options['Bandwidth'] | Should -Be 200MB
        $result.Estimate.Time | Should -Be $estimate.Time
        Assert-Whole guess-1 -On kvm2
    }

    It 'knows of a VM that is shut off without measuring it' {
        $estimate = Get-VmMigrationEstimate guess-off -VmHost kvm1 -Destination kvm2 -Bandwidth 100MB
        $estimate.Verdict | Should -Be 'Converges'
        $estimate.DirtyRate | Should -BeNullOrEmpty
        $estimate.ResidentMemory | Should -Be 0
    }

    It 'says that there is no such VM, and estimates the others' {
        $problem = Get-Problem { $script:found = Get-VmMigrationEstimate guess-none, guess-off -VmHost kvm1 -Destination kvm2 -Bandwidth 1GB }
        Assert-Problem $problem VmNotFound ObjectNotFound "'guess-none'" 'Get-Vm'
        $found.Vm | Should -Be 'guess-off'
    }

    It 'says that options do not go together' {
        $problem = Get-Problem { Get-VmMigrationEstimate guess-1 -VmHost kvm1 -Destination kvm2 -Tunnelled -Parallel 4 }
        Assert-Problem $problem MigrationOptionInvalid InvalidArgument "don't go together" 'Get-Help'
    }

    Context 'What was achieved' {
        It 'is kept of each migration of the session, and estimates of later ones go by it' {
            Set-LabLink 300mbit
            $result = Start-VmMigration guess-1 -VmHost kvm1 -Destination kvm2 -MaxDowntime 20000
            Clear-LabLink
            $record = Get-VmMigrationBandwidth -Source kvm1 -Destination $lab.Kvm2 | Sort-Object StartTime | Select-Object -Last 1
            Assert-Declared $record Get-VmMigrationBandwidth
            $record.Vm | Should -Be 'guess-1'
            $record.Transferred | Should -Be $result.Statistics.MemoryProcessed
            $record.BytesPerSecond | Should -BeLessThan (300MB / 4)
            Get-VmMigrationBandwidth -Source kvm3 | Should -BeNullOrEmpty
            Get-Shown $record | Should -Match 'kvm1.*kvm2.*MB/s'
        }

        It 'goes to another session by a CSV file' {
            $records = @(Get-VmMigrationBandwidth -Source kvm1)
            $records | Should -Not -BeNullOrEmpty
            $file = Join-Path $TestDrive links.csv
            $records | Export-Csv $file
            $back = Import-Csv $file
            $back | Should -HaveCount $records.Count
            # The module begins anew, as in another session, and knows of nothing that was achieved.
            Import-Subject
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            ($rate | Get-VmMigrationEstimate -Destination kvm2).BandwidthSource | Should -Be 'LinkSpeed'
            ($rate | Get-VmMigrationEstimate -Destination kvm2 -History $back).BandwidthSource | Should -Be 'Achieved'
        }
    }
}
