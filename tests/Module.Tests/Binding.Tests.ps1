# What parameters take and refuse before any host is asked. Needs no lab.

Describe 'What is bound to parameters' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Subject
        # Nobody is to be asked.
        $nowhere = 'qemu+tcp://no-such-host.invalid/system'

        # PowerShell refused the argument with this reason.
        function Assert-Refused([object[]] $Problem, [string] $Id, [string] $Command, [string] $Category, [string[]] $Reason) {
            $Problem | Should -HaveCount 1 -Because "the errors were: $($Problem -join '; ')"
            $Problem[0].FullyQualifiedErrorId | Should -Be "$Id,VirtMigrate.Cmdlets.$Command"
            $Problem[0].CategoryInfo.Category | Should -Be $Category
            foreach ($one in $Reason) {
                "$Problem" | Should -BeLike "*$([WildcardPattern]::Escape($one))*"
            }
        }
    }

    Context 'Measure-VmDirtyRate' {
        It 'takes no period beside -Curve' {
            $problem = Get-Problem { Measure-VmDirtyRate any -VmHost $nowhere -Curve -Period 5 }
            Assert-Refused $problem AmbiguousParameterSet MeasureVmDirtyRateCommand InvalidArgument 'Parameter set'
        }

        It 'takes periods of a second to a minute, not <Name>' -ForEach @(
            @{ Name = '0'; Period = 0 }
            @{ Name = '61'; Period = 61 }
            @{ Name = '90 among others'; Period = 1, 2, 90 }
        ) {
            $problem = Get-Problem { Measure-VmDirtyRate any -VmHost $nowhere -Period $Period }
            Assert-Refused $problem ParameterArgumentValidationError MeasureVmDirtyRateCommand InvalidData 'Period', 'allowed range of '
        }

        It 'takes at least one period' {
            $problem = Get-Problem { Measure-VmDirtyRate any -VmHost $nowhere -Period @() }
            Assert-Refused $problem ParameterArgumentValidationError MeasureVmDirtyRateCommand InvalidData 'Period'
        }

        It 'takes one of three modes' {
            $problem = Get-Problem { Measure-VmDirtyRate any -VmHost $nowhere -Mode Guess }
            Assert-Refused $problem CannotConvertArgumentNoMessage MeasureVmDirtyRateCommand InvalidArgument 'PageSampling, DirtyBitmap, DirtyRing'
        }
    }

    Context 'Start-VmMigration' {
        It 'takes no object that speaks of no VM, and says what to give' {
            $problem = Get-Problem { [datetime]::Now | Start-VmMigration -VmHost $nowhere -Destination $nowhere -WhatIf }
            $problem | Should -HaveCount 1
            $problem.FullyQualifiedErrorId | Should -BeLike '*,VirtMigrate.Cmdlets.StartVmMigrationCommand'
            $problem.CategoryInfo.Category | Should -Be 'InvalidData'
            "$problem" | Should -BeLike '*Get-Vm*'
        }

        It 'takes -Live or -Offline, and says so at once' {
            $command = { Start-VmMigration any -VmHost $nowhere -Destination $nowhere -Live -Offline }
            $problem = Get-Problem $command
            Assert-Problem $problem MigrationOptionInvalid InvalidArgument '-Live and -Offline exclude each other' 'Get-Help Start-VmMigration'
            # It ends the command.
            $command | Should -Throw -ErrorId 'MigrationOptionInvalid,VirtMigrate.Cmdlets.StartVmMigrationCommand'
        }
    }

    Context 'Records of what migrations achieved (Get-VmMigrationEstimate -History)' {
        BeforeAll {
            $full = [VirtMigrate.VmMigrationBandwidth] @{
                Source = 'kvm1'
                SourceUuid = New-Guid
                Destination = 'kvm2'
                DestinationUuid = New-Guid
                Vm = 'db1'
                StartTime = [DateTimeOffset]::new(2026, 1, 2, 3, 4, 5, [timespan]::FromHours(1))
                BytesPerSecond = 25000000
                Transferred = 300000000
                Duration = [timespan]::FromSeconds(12.345)
                Overhead = [timespan]::FromSeconds(1.5)
                Connections = 4
                Limit = 30000000
            }
            $sparse = [VirtMigrate.VmMigrationBandwidth] @{
                Source = 'kvm2'
                Destination = 'kvm1'
                Vm = 'web'
                StartTime = [DateTimeOffset]::new(2026, 1, 3, 0, 0, 0, [timespan]::Zero)
                BytesPerSecond = 1
                Transferred = 2
                Duration = [timespan]::FromDays(2)
            }
            $csv, $clixml, $json = "$TestDrive/records.csv", "$TestDrive/records.xml", "$TestDrive/records.json"
            $full, $sparse | Export-Csv $csv
            $full, $sparse | Export-Clixml $clixml
            $full, $sparse | ConvertTo-Json | Set-Content $json

            # What a parameter gets that takes such records as -History does.
            function Receive-History([VirtMigrate.Selection.BandwidthHistoryTransformation()] $History) {
                $History
            }

            function Assert-Same([object[]] $Taken, [object[]] $Expected) {
                $Taken | Should -HaveCount $Expected.Count
                foreach ($i in 0..($Expected.Count - 1)) {
                    $Taken[$i] | Should -BeOfType VirtMigrate.VmMigrationBandwidth
                    $Taken[$i].Equals($Expected[$i]) | Should -BeTrue -Because "it is $($Taken[$i] | ConvertTo-Json -Compress)"
                }
            }
        }

        It 'are taken as they come, alone and together' {
            Assert-Same (Receive-History $full) $full
            Assert-Same (Receive-History $full, $sparse) $full, $sparse
        }

        It 'are taken from a CSV file' {
            Assert-Same (Receive-History (Import-Csv $csv)) $full, $sparse
            Assert-Same (Receive-History (Import-Csv $csv)[0]) $full
        }

        It 'are taken as they were serialized' {
            Assert-Same (Receive-History (Import-Clixml $clixml)) $full, $sparse
            $serialized = [Management.Automation.PSSerializer]::Serialize(($full, $sparse), 3)
            Assert-Same (Receive-History ([Management.Automation.PSSerializer]::Deserialize($serialized))) $full, $sparse
        }

        It 'are taken as they were read from JSON' {
            # A time span is written in parts, and a time is read as one of another type.
            $read = Get-Content $json -Raw | ConvertFrom-Json
            $read[0].Duration.Ticks | Should -Be $full.Duration.Ticks
            $read[0].StartTime | Should -BeOfType datetime
            Assert-Same (Receive-History $read) $full, $sparse
        }

        It 'are refused with what is wrong: <Property> "<Value>"' -ForEach @(
            @{ Property = 'BytesPerSecond'; Value = 'fast'; Reason = "'fast' is not valid as the BytesPerSecond of a bandwidth record" }
            @{ Property = 'BytesPerSecond'; Value = '0'; Reason = "'0' is not valid as the BytesPerSecond of a bandwidth record" }
            @{ Property = 'Duration'; Value = 'a while'; Reason = "'a while' is not valid as the Duration of a bandwidth record" }
            @{ Property = 'StartTime'; Value = ''; Reason = 'has no StartTime' }
            @{ Property = 'Destination'; Value = ''; Reason = 'has no Destination' }
            @{ Property = 'SourceUuid'; Value = 'kvm1'; Reason = "'kvm1' is not valid as the SourceUuid of a bandwidth record" }
        ) {
            $rows = Import-Csv $csv
            $rows[0].$Property = $Value
            $problem = Get-Problem { Get-VmMigrationEstimate any -VmHost $nowhere -Destination $nowhere -History $rows }
            $reasons = $Reason, 'Give records of Get-VmMigrationBandwidth'
            Assert-Refused $problem ParameterArgumentTransformationError GetVmMigrationEstimateCommand InvalidData $reasons
        }

        It 'are refused where they are none: <Name>' -ForEach @(
            @{ Name = "a file's name"; Given = 'links.csv'; Reason = "The value can't be an object of type 'System.String'" }
            @{ Name = 'a row of something else'; Given = [pscustomobject] @{ Name = 'kvm1' }; Reason = 'A bandwidth record has no Source' }
        ) {
            $problem = Get-Problem { Get-VmMigrationEstimate any -VmHost $nowhere -Destination $nowhere -History $Given }
            $reasons = $Reason, 'Give records of Get-VmMigrationBandwidth'
            Assert-Refused $problem ParameterArgumentTransformationError GetVmMigrationEstimateCommand InvalidData $reasons
        }
    }
}
