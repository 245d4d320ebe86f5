# The chapter of the administrator's guide on migrating VMs with virsh, step by step, as about_VmMigration has it: each step by
# the command of this module, on the source host, and looked at by virsh afterwards, as the guide does.

Describe 'The administrator''s guide' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab web1 -Option --dirty, 10, --working-set, 60
            New-LabGuest $lab web-off -Option --off
        }

        # What the guide reads: the line of a VM in virsh list --all.
        function Get-Line([string] $Uri, [string] $Name) {
            (Invoke-Virsh $Uri list --all) -split "`n" | Where-Object { $_ -match "\b$Name\b" } | ForEach-Object { $_ -replace '\s+', ' ' }
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
        # On the source host, with the destination connected so that kvm2 names it.
        $env:LIBVIRT_DEFAULT_URI = $lab.Kvm1
        $null = Connect-VmHost $lab.Kvm2
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Get-Job | Where-Object PSJobTypeName -EQ VmMigration | Remove-Job -Force
            Reset-LabGuest $lab web1
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'Prerequisites' {
        It 'are checked: both hosts run the hypervisor and reach each other, and ports, CPU, storage and bridges are as they should be' {
            $report = Test-VmMigrationReadiness web1 -Destination kvm2
            $report.IsReady | Should -BeTrue -Because "these stand in the way: $($report.Obstacles)"
            foreach ($category in 'Hypervisor', 'Network', 'Ports', 'Protocol', 'Cpu', 'Storage', 'Bandwidth') {
                $report.Checks.Category | Should -Contain $category -Because 'the guide lists it'
            }
        }

        It 'include a dirty page rate below the bandwidth, and the same that virsh shows' {
            $rate = Measure-VmDirtyRate web1 -Period 2
            Invoke-Virsh $lab.Kvm1 domstats web1 --dirtyrate |
                Should -Match "dirtyrate.calc_status=2[\s\S]*dirtyrate.megabytes_per_second=$($rate.BytesPerSecond / 1MB)(\D|$)"
            $estimate = $rate | Get-VmMigrationEstimate -Destination kvm2 -Bandwidth 1GB
            $estimate.Verdict | Should -Be 'Converges'
            $estimate.MinimumBandwidth | Should -BeLessThan $estimate.Bandwidth
        }
    }

    Context 'Offline migration' {
        It 'leaves the VM shut off in the list of the destination' {
            $result = Start-VmMigration web-off -Destination kvm2 -Offline
            $result.Command | Should -BeLike '*migrate --offline --persistent*'
            Get-Line $lab.Kvm2 web-off | Should -BeLike '* web-off shut off*'
            $result | Test-VmMigrationResult -Quiet | Should -BeTrue
            # Two definitions that are shut off tell nobody which way one of them went.
            (Test-VmMigrationResult web-off -Destination kvm2).Outcome | Should -Be 'Unknown'
        }
    }

    Context 'Live migration' {
        It 'leaves the VM running in the list of the destination, and shut off in that of the source' {
            $result = Start-VmMigration web1 -Destination kvm2 -Live
            $result.Command | Should -BeLike '*migrate --live --persistent*'
            Get-Line $lab.Kvm2 web1 | Should -Match '^ \d+ web1 running'
            Get-Line $lab.Kvm1 web1 | Should -BeLike '* web1 shut off*'
            Test-VmMigrationResult web1 -Destination kvm2 -Quiet | Should -BeTrue
            Assert-Whole web1 -On kvm2
        }

        It 'is watched while it lasts; the destination''s half is paused until then' {
            Set-LabLink 100mbit
            $job = Start-VmMigration web1 -Destination kvm2 -Live -AsJob
            Wait-Moving $lab web1
            $seen = Get-VmMigrationJob web1
            $seen.Status | Should -Be 'Running'
            $seen.Remaining | Should -BeGreaterThan 0
            Invoke-Virsh $lab.Kvm1 domjobinfo web1 | Should -Match 'Data remaining'
            Get-Line $lab.Kvm2 web1 | Should -BeLike '* web1 paused*'
            (Test-VmMigrationResult web1 -Destination kvm2).IsInProgress | Should -BeTrue
            Clear-LabLink
            (Wait-VmMigrationJob web1).Status | Should -Be 'Completed'
            ($job | Receive-Job -Wait).Outcome | Should -Be 'Completed'
            Assert-Whole web1 -On kvm2
        }

        It 'goes over four connections (Multi-FD), which the destination''s sockets show' {
            Set-LabLink 100mbit
            $job = Start-VmMigration web1 -Destination kvm2 -Live -Parallel 4 -AsJob
            Wait-Moving $lab web1
            $sockets = @((Invoke-Lab exec kvm2 ss -Htn state established '( sport >= :49152 and sport <= :49215 )') -split "`n")
            Clear-LabLink
            # One for the control of the stream, and four for the pages.
            $sockets | Should -HaveCount 5
            $result = $job | Receive-Job -Wait
            $result.Connections | Should -Be 4
            Assert-Whole web1 -On kvm2
        }

        It 'is allowed a longer downtime while it runs, which virsh reads back' {
            Set-LabLink 60mbit
            $job = Start-VmMigration web1 -Destination kvm2 -Live -AsJob
            Wait-Moving $lab web1
            $null = Set-VmMigrationJob web1 -MaxDowntime 1000
            Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime web1 | Should -Be '1000'
            Clear-LabLink
            ($job | Receive-Job -Wait).Outcome | Should -Be 'Completed'
            Invoke-Virsh $lab.Kvm2 migrate-setmaxdowntime web1 300 | Should -Not -Match error
        }

        It 'is helped by auto-converge where the guest is busy' {
            $result = Start-VmMigration web1 -Destination kvm2 -Live -AutoConverge
            $result.Outcome | Should -Be 'Completed'
            $result.Command | Should -BeLike '*--auto-converge*'
        }
    }

    Context 'Post-copy' {
        It 'follows when the live migration does not end in time: shut off on the source, running on the destination' {
            Set-LabLink 100mbit
            $result = Start-VmMigration web1 -Destination kvm2 -Live -PostCopy -Timeout 3 -OnTimeout PostCopy
            $result.Outcome | Should -Be 'Completed'
            $result.Command | Should -BeLike '*--postcopy*--timeout 3 --timeout-postcopy*'
            $result.Phases.Phase | Should -Contain 'PostCopy'
            ($result.Decisions | Where-Object Action -EQ PostCopy).Reason | Should -Be 'the timeout of 3 s has expired: switch to post-copy'
            @($result.Samples)[-1].PostCopyRequests | Should -BeGreaterThan 0
            Get-Line $lab.Kvm1 web1 | Should -BeLike '* web1 shut off*'
            Get-Line $lab.Kvm2 web1 | Should -Match '^ \d+ web1 running'
            Test-VmMigrationResult web1 -Destination kvm2 -Quiet | Should -BeTrue
            Assert-Whole web1 -On kvm2
        }
    }

    Context 'The page about it' {
        It 'names a command and parameters that there are in every row of its table' {
            $page = Get-Content "$PSScriptRoot/../../docs/en-US/about_VmMigration.md" -Raw
            $table = ($page -split '## The administrator''s guide, step by step')[1] -split "`n" | Where-Object { $_ -match '^\|' }
            $rows = @($table | Select-Object -Skip 2)
            $rows.Count | Should -BeGreaterThan 8
            $lines = foreach ($row in $rows) {
                [regex]::Matches($row.Trim('| ').Split(' | ')[-1], '`([A-Z][a-z]+-Vm[^`]*)`') | ForEach-Object { $_.Groups[1].Value }
            }
            $lines.Count | Should -BeGreaterOrEqual $rows.Count
            foreach ($line in $lines) {
                $call = [Management.Automation.Language.Parser]::ParseInput($line, [ref] $null, [ref] $null).Find(
                    { $args[0] -is [Management.Automation.Language.CommandAst] }, $true)
                $known = (Get-Command $call.GetCommandName() -Module VirtMigrate -ErrorAction Stop).Parameters.Keys
                foreach ($given in $call.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] }) {
                    $known | Should -Contain $given.ParameterName -Because $line
                }
            }
        }
    }
}
