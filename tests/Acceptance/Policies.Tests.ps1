# Migrations under a policy. What the cmdlets of policies do without a host is in PolicyCmdlets.Tests.ps1.

Describe 'Policies' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Subject
    }

    Context 'On the lab' {
        BeforeAll {
            $lab = Open-Lab
            if (-not $lab.Obstacle) {
                New-LabGuest $lab policy-1 -Option --dirty, 40, --working-set, 60
                $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            }
        }

        BeforeEach {
            Skip-WithoutLab $lab
        }

        AfterAll {
            Close-Lab $lab
        }

        It 'ends a migration that goes round, and the result has what was decided and why' {
            Set-LabLink 250mbit
            $mine = New-VmMigrationPolicy Mine -InitialMaxDowntime 10 -Steps @{ AfterIterations = 1; Action = 'SetMaxDowntime'; MaxDowntime = 20000 }
            $result = Start-VmMigration policy-1 -VmHost kvm1 -Destination kvm2 -Policy $mine
            $result.Outcome | Should -Be 'Completed'
            $result.Policy | Should -Be 'Mine'
            $done = $result.Decisions | Where-Object Action -EQ SetMaxDowntime | Select-Object -Last 1
            $done.MaxDowntime.TotalSeconds | Should -Be 20
            $done.Reason | Should -Not -BeNullOrEmpty
            $result.Iterations | Should -BeGreaterThan 1
            Get-Shown $result.Decisions | Should -Match 'SetMaxDowntime'
            Assert-Whole policy-1 -On kvm2
        }
    }
}
