# What the Tab key offers.

Describe 'Completion' {
    BeforeAll {
        Import-Module "$PSScriptRoot/Lab.psm1"
        Import-Subject

        function Get-Offer([string] $Line) {
            (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText
        }
    }

    It 'offers the commands of a noun' {
        Get-Offer 'Get-VmMigration' | Should -Be 'Get-VmMigrationBandwidth', 'Get-VmMigrationEstimate', 'Get-VmMigrationJob', 'Get-VmMigrationPolicy'
    }

    It 'offers policies by their names' {
        Get-Offer 'Start-VmMigration x -Policy S' | Should -Be 'StallDetect', 'SuspendIfNeeded'
        Get-Offer 'Get-VmMigrationPolicy Very' | Should -Be 'VeryLarge'
    }

    It 'offers the ids of checks' {
        $offer = Get-Offer 'Test-VmMigrationReadiness x -SkipCheck Cdrom'
        $offer | Should -Be 'CdromImages'
        Get-Offer 'Start-VmMigration x -SkipCheck al' | Should -Be 'All'
        Get-Offer 'Test-VmMigrationReadiness x -SkipCheck al' | Should -BeNullOrEmpty -Because 'nothing would be left to report'
    }

    It 'offers the values of <Parameter>' -ForEach @(
        @{ Parameter = 'Compression'; Value = 'xbzrle' }
        @{ Parameter = 'CopyStorage'; Value = 'Incremental' }
        @{ Parameter = 'OnTimeout'; Value = 'PostCopy' }
    ) {
        Get-Offer "Start-VmMigration x -$Parameter " | Should -Contain $Value
    }

    It 'offers the states of VMs' {
        Get-Offer 'Get-Vm -State Sh' | Should -Be 'ShutOff', 'ShuttingDown'
    }

    It 'offers nothing, and does not wait, where no host is connected' {
        Disconnect-VmHost * -ErrorAction SilentlyContinue
        Get-Offer 'Disconnect-VmHost kvm' | Should -BeNullOrEmpty
    }

    Context 'On the lab' {
        BeforeAll {
            $lab = Open-Lab
            if (-not $lab.Obstacle) {
                New-LabGuest $lab tab-1, 'tab two' -Option --off
                $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            }
        }

        BeforeEach {
            Skip-WithoutLab $lab
        }

        AfterAll {
            Close-Lab $lab
        }

        It 'offers connected hosts to every parameter that takes one: <_>' -ForEach 'Get-Vm -VmHost kv', 'Start-VmMigration x -Destination kv',
            'Get-VmHost kv', 'Get-VmMigrationBandwidth kv', 'Test-VmMigrationReadiness x kv' {
            Get-Offer $_ | Should -Be 'kvm1', 'kvm2'
        }

        It 'offers VMs of the connected hosts, quoted where that is needed: <_>' -ForEach 'Get-Vm tab', 'Start-VmMigration tab', 'Measure-VmDirtyRate tab' {
            Get-Offer $_ | Should -Be "'tab two'", 'tab-1'
        }

        It 'tells of each VM where it is' {
            $tips = (TabExpansion2 'Get-Vm tab-' 11).CompletionMatches.ToolTip
            $tips | Should -BeLike 'tab-1*shut off*kvm1*'
        }
    }
}
