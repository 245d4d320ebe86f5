# What the Tab key offers without a host: commands, and the values of parameters that take one of a few. Needs no lab.

Describe 'Completion without a host' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
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
        Get-Offer 'Test-VmMigrationReadiness x -SkipCheck Cdrom' | Should -Be 'CdromImages'
        Get-Offer 'Start-VmMigration x -SkipCheck al' | Should -Be 'All'
        Get-Offer 'Test-VmMigrationReadiness x -SkipCheck al' | Should -BeNullOrEmpty -Because 'nothing would be left to report'
    }

    It 'offers the values of an option: <Typed>' -ForEach @(
        @{ Typed = '-Compression '; Values = 'mt', 'xbzrle', 'zlib', 'zstd' }
        @{ Typed = '-Compression mt, x'; Values = 'xbzrle' }
        @{ Typed = '-CopyStorage '; Values = 'All', 'Incremental' }
        @{ Typed = '-OnTimeout P'; Values = 'PostCopy' }
    ) {
        Get-Offer "Start-VmMigration x $Typed" | Should -Be $Values
    }

    It 'says which value needs a newer libvirt' {
        $line = 'Start-VmMigration x -Compression zs'
        (TabExpansion2 $line $line.Length).CompletionMatches.ToolTip | Should -Be 'zstd (libvirt 9.4.0 or later)'
    }

    It 'offers the states of VMs' {
        Get-Offer 'Get-Vm -State Sh' | Should -Be 'ShutOff', 'ShuttingDown'
    }

    It 'offers nothing, and does not wait, where no host is connected' {
        Get-VmHost | Should -BeNullOrEmpty
        Get-Offer 'Disconnect-VmHost kvm' | Should -BeNullOrEmpty
    }
}
