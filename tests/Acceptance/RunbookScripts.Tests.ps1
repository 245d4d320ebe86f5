# The scripts of docs/runbooks, run as a timer runs them.

Describe 'The runbooks' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
        $folder = (Resolve-Path "$PSScriptRoot/../../docs/runbooks").Path
        $files = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid()))).FullName
        $kvm1, $kvm2 = $lab.Obstacle ? $null : ($lab.Kvm1, $lab.Kvm2)

        function Invoke-Script([string] $Line) {
            Invoke-Runbook "& '$folder/$($Line -replace '\.ps1', '.ps1''')`nexit `$LASTEXITCODE"
        }

        function Get-Report([string] $Name) {
            Get-Content -Raw "$files/$Name" | ConvertFrom-Json
        }

        # Where virsh sees a guest run.
        function Get-Place([string] $Name) {
            foreach ($one in @{ Name = 'kvm1'; Uri = $kvm1 }, @{ Name = 'kvm2'; Uri = $kvm2 }) {
                if ((Invoke-Virsh $one.Uri domstate $Name) -match '^running') {
                    $one.Name
                }
            }
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Remove-Item -Recurse $files
        Close-Lab $lab
    }

    Context 'Clear-VmHost' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-LabGuest $lab drain-1, drain-2
                New-LabGuest $lab drain-off -Option --off
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-LabGuest $lab drain-1, drain-2, drain-off
            }
        }

        It 'shows what it would do, and does nothing, with -WhatIf' {
            $run = Invoke-Script "Clear-VmHost.ps1 '$kvm1' '$kvm2' -WhatIf"
            $run.ExitCode | Should -Be 0 -Because "$($run.Output)$($run.Error)"
            $run.Output | Should -BeLike '*What if:*drain-1*'
            Get-Place drain-1 | Should -Be kvm1
        }

        It 'leaves a VM that is not ready where it is, moves the others, and ends with 2' {
            New-LabGuest $lab drain-local -Option --disk, local
            $run = Invoke-Script "Clear-VmHost.ps1 '$kvm1' '$kvm2' -ReportPath '$files/drained.json'"
            $run.ExitCode | Should -Be 2 -Because "$($run.Output)$($run.Error)"
            $run.Output | Should -BeLike "*WARNING: Left on 'kvm1': drain-local*"
            Get-Place drain-local | Should -Be kvm1
            Assert-Whole drain-1 kvm2
            Assert-Whole drain-2 kvm2
            Get-Place drain-off | Should -BeNullOrEmpty
            $report = (Get-Report drained.json) | Sort-Object Vm
            $report.Vm | Should -Be drain-1, drain-2, drain-local
            $report.Outcome | Should -Be Completed, Completed, NotBegun
            $report[2].ErrorId | Should -Be VmNotReady
            Remove-LabGuest $lab drain-local
        }

        It 'ends with 0 when no VM runs on the host' {
            (Invoke-Script "Clear-VmHost.ps1 '$kvm2' '$kvm1' -ThrottleLimit 2").ExitCode | Should -Be 0
            Assert-Whole drain-1 kvm1
            Assert-Whole drain-2 kvm1
        }

        It 'ends with 1 when it could not begin' {
            $run = Invoke-Script "Clear-VmHost.ps1 'qemu+tcp://127.0.0.1:1/system' '$kvm2'"
            $run.ExitCode | Should -Be 1
            $run.Error | Should -BeLike '*127.0.0.1*'
        }
    }

    Context 'Invoke-VmRebalance' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-LabGuest $lab even-1, even-2
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-LabGuest $lab even-1, even-2
            }
        }

        It 'moves a VM to the emptier host, and then nothing any more' {
            $run = Invoke-Script "Invoke-VmRebalance.ps1 '$kvm1,$kvm2' -Tolerance 0.001 -Period 1 -MaxMoves 3"
            $run.ExitCode | Should -Be 0 -Because "$($run.Output)$($run.Error)"
            @(Get-Place even-1; Get-Place even-2) | Sort-Object | Should -Be kvm1, kvm2
            $again = Invoke-Script "Invoke-VmRebalance.ps1 '$kvm1,$kvm2' -Tolerance 0.001 -Period 1 -Verbose"
            $again.ExitCode | Should -Be 0
            $again.Output | Should -Not -BeLike '*Completed*'
        }
    }

    Context 'Plans' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-LabGuest $lab plan-1
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-LabGuest $lab plan-1
            }
        }

        It 'are written, approved and carried out, each by a process of its own' {
            (Invoke-Script "New-VmMigrationPlan.ps1 'plan-*' '$kvm1' '$kvm2' -Path '$files/plan.json' -Option @{ Parallel = 2 }").ExitCode | Should -Be 0
            (Get-Report plan.json).Moves[0].Vm | Should -Be plan-1

            $early = Invoke-Script "Invoke-VmMigrationPlan.ps1 '$files/plan.json'"
            $early.ExitCode | Should -Be 1
            $early.Error | Should -BeLike '*is not approved*'

            $unasked = Invoke-Script "Approve-VmMigrationPlan.ps1 '$files/plan.json'"
            $unasked.ExitCode | Should -Be 1
            $unasked.Error | Should -BeLike '*this session can''t ask*'
            (Get-Report plan.json).Approval | Should -BeNullOrEmpty

            (Invoke-Script "Approve-VmMigrationPlan.ps1 '$files/plan.json' -By me -Confirm:`$false").Error | Should -BeNullOrEmpty
            (Get-Report plan.json).Approval.By | Should -Be me
            Get-Place plan-1 | Should -Be kvm1

            $run = Invoke-Script "Invoke-VmMigrationPlan.ps1 '$files/plan.json'"
            $run.ExitCode | Should -Be 0 -Because "$($run.Output)$($run.Error)"
            Assert-Whole plan-1 kvm2
        }

        It 'that were changed after they were approved are refused' {
            (Get-Content -Raw "$files/plan.json") -replace 'plan-1', 'plan-2' | Set-Content "$files/changed.json"
            $run = Invoke-Script "Invoke-VmMigrationPlan.ps1 '$files/changed.json'"
            $run.ExitCode | Should -Be 1
            $run.Error -replace '\s*\|?\s+', ' ' | Should -BeLike '*was changed after me approved it*'
        }

        It 'whose VM is no longer where they say move nothing and end with 2' {
            $run = Invoke-Script "Invoke-VmMigrationPlan.ps1 '$files/plan.json'"
            $run.ExitCode | Should -Be 2
            Assert-Whole plan-1 kvm2
        }
    }

    Context 'Repair-VmMigration' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-LabGuest $lab fix-1, fix-2 -Option --memory, 256, --dirty, 4, --working-set, 100
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Clear-LabLink
                Remove-LabGuest $lab fix-1, fix-2
            }
        }

        It 'finds nothing to mend where nothing is wrong' {
            $run = Invoke-Script "Repair-VmMigration.ps1 '$kvm1,$kvm2'"
            $run.ExitCode | Should -Be 0 -Because "$($run.Output)$($run.Error)"
        }

        It 'tells what still moves, and waits for it when asked' {
            Set-LabLink 100mbit
            $other = Start-VirshMigration $lab fix-1
            Wait-Moving $lab fix-1
            $run = Invoke-Script "Repair-VmMigration.ps1 '$kvm1,$kvm2'"
            $run.ExitCode | Should -Be 2
            $run.Output | Should -BeLike '*fix-1*Running*It moves from*'
            (Invoke-Script "Repair-VmMigration.ps1 '$kvm1,$kvm2' -Wait").ExitCode | Should -Be 0
            $null = $other.WaitForExit(60000)
            Assert-Whole fix-1 kvm2
        }

        It 'resumes a post-copy that broke, when asked' {
            Set-LabLink 60mbit
            $other = Start-VirshMigration $lab fix-2 --postcopy
            Wait-Moving $lab fix-2
            $null = Invoke-Virsh $kvm1 migrate-postcopy fix-2
            Wait-Fetching $lab fix-2
            $null = Invoke-Virsh $kvm1 domjobabort fix-2 --postcopy
            $null = $other.WaitForExit(60000)
            Clear-LabLink

            $run = Invoke-Script "Repair-VmMigration.ps1 '$kvm1,$kvm2'"
            $run.ExitCode | Should -Be 3 -Because "$($run.Output)$($run.Error)"
            $run.Output | Should -BeLike '*fix-2*PostCopyPaused*Destroy neither*'
            (Invoke-Script "Repair-VmMigration.ps1 '$kvm1,$kvm2' -Resume").ExitCode | Should -Be 0
            Assert-Whole fix-2 kvm2
        }

        It 'says that a host which it can''t see may have anything' {
            $run = Invoke-Script "Repair-VmMigration.ps1 '$kvm1,qemu+tcp://127.0.0.1:1/system'"
            $run.ExitCode | Should -Be 3
            $run.Output | Should -BeLike '*Not all hosts answered*'
        }
    }

    Context 'A process that is asked to end' {
        It 'takes its VM back first: <_>' -ForEach 'TERM', 'HUP' {
            New-LabGuest $lab asked -Option --dirty, 5
            Set-LabLink 60mbit
            try {
                $module = (Get-Module VirtMigrate).Path
                # What runs the tests, such as nohup, may ignore these signals.
                $start = [Diagnostics.ProcessStartInfo]::new('env')
                foreach ($argument in @('--default-signal=TERM,HUP') + (Get-PowerShellCommand) + @('-NoProfile', '-NonInteractive', '-Command',
                    "Import-Module '$module'; Start-VmMigration asked -VmHost '$kvm1' -Destination '$kvm2' -Parallel 4; 'went on'")) {
                    $start.ArgumentList.Add($argument)
                }
                $start.RedirectStandardOutput = $start.RedirectStandardError = $true
                $process = [Diagnostics.Process]::Start($start)
                Wait-Moving $lab asked
                & kill "-$_" $process.Id
                $process.WaitForExit(60000) | Should -BeTrue
                $process.ExitCode | Should -Not -Be 0
                $process.StandardOutput.ReadToEnd() | Should -Not -BeLike '*went on*'
                Assert-Whole asked kvm1
                Invoke-Virsh $kvm2 domstate asked | Should -BeLike '*failed to get domain*'
            }
            finally {
                Clear-LabLink
                Remove-LabGuest $lab asked
            }
        }
    }
}
