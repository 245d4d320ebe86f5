# Get-VmMigrationPolicy and New-VmMigrationPolicy. They ask no host, so that only the last test needs the lab.

Describe 'Policies' {
    BeforeAll {
        Import-Module "$PSScriptRoot/Lab.psm1"
        Import-Subject
    }

    It 'has the built-in ones, each with a description' {
        $policies = Get-VmMigrationPolicy
        Assert-Declared $policies Get-VmMigrationPolicy
        $policies.Name | Should -Be 'MinimalDowntime', 'SuspendIfNeeded', 'PostCopy', 'VeryLarge', 'StallDetect'
        $policies.Description | Should -Not -BeNullOrEmpty
        $table = Get-Shown $policies
        $policies.Name | ForEach-Object { $table | Should -Match $_ }
    }

    It 'finds them by wildcard and from the pipeline' {
        (Get-VmMigrationPolicy post*).Name | Should -Be 'PostCopy'
        ('VeryLarge', 'stalldetect' | Get-VmMigrationPolicy).Name | Should -Be 'VeryLarge', 'StallDetect'
        Get-VmMigrationPolicy nothing* | Should -BeNullOrEmpty
    }

    It 'writes one to a file and reads it as it was' {
        $mine = New-VmMigrationPolicy Mine -From StallDetect -Description "It's mine" -Options @{ AutoConverge = $true } -Timeout 60 -OnTimeout Suspend -Path "$TestDrive/mine"
        Assert-Declared $mine New-VmMigrationPolicy
        "$TestDrive/mine.psd1" | Should -Exist
        $read = Get-ChildItem $TestDrive *.psd1 | Get-VmMigrationPolicy
        $read.Equals($mine) | Should -BeTrue
        $read.Timeout.TotalSeconds | Should -Be 60
        $read.Options['AutoConverge'] | Should -BeTrue
        # It is data, which PowerShell reads as such.
        (Import-PowerShellDataFile "$TestDrive/mine.psd1").Description | Should -Be "It's mine"
    }

    It 'overwrites a file only by -Force' {
        Set-Content "$TestDrive/old.psd1" old
        $problem = Get-Problem { New-VmMigrationPolicy Mine -From PostCopy -Path "$TestDrive/old.psd1" }
        Assert-Problem $problem PolicyFileExists ResourceExists "$TestDrive/old.psd1" '-Force'
        Get-Content "$TestDrive/old.psd1" | Should -Be 'old'
        (New-VmMigrationPolicy Mine -From PostCopy -Path "$TestDrive/old.psd1" -Force).Name | Should -Be 'Mine'
        (Get-VmMigrationPolicy -Path "$TestDrive/old.psd1").Name | Should -Be 'Mine'
    }

    It 'writes nothing with -WhatIf' {
        (New-VmMigrationPolicy Mine -From PostCopy -Path "$TestDrive/none.psd1" -WhatIf).Name | Should -Be 'Mine'
        "$TestDrive/none.psd1" | Should -Not -Exist
    }

    It 'says that a file can not be written' {
        $problem = Get-Problem { New-VmMigrationPolicy Mine -From PostCopy -Path "$TestDrive/no/where.psd1" }
        Assert-Problem $problem PolicyNotWritten WriteError "can't be written" 'folder'
    }

    It 'says that there is no such policy, and which there are' {
        $problem = Get-Problem { Get-VmMigrationPolicy Haste, PostCopy }
        Assert-Problem $problem PolicyNotFound ObjectNotFound "no policy 'Haste'. The built-in policies are MinimalDowntime" 'Get-VmMigrationPolicy'
        (Get-VmMigrationPolicy Haste, PostCopy -ErrorAction SilentlyContinue).Name | Should -Be 'PostCopy'
    }

    It 'says what is wrong with <What>' -ForEach @(
        @{ What = 'a limit'; Given = @{ ThrottleLimit = 0 }; Message = 'ThrottleLimit must be a whole number*not 0' }
        @{ What = 'an option'; Given = @{ Options = @{ Haste = $true } }; Message = 'Haste' }
        @{ What = 'a step'; Given = @{ Steps = @{ Action = 'Hurry' } }; Message = 'Hurry' }
    ) {
        $problem = Get-Problem { New-VmMigrationPolicy Mine @Given }
        Assert-Problem $problem PolicyInvalid InvalidData $Message 'New-VmMigrationPolicy'
    }

    It 'reads a file as data: nothing in it runs' {
        Set-Content "$TestDrive/code.psd1" "@{ Name = `$(New-Item '$TestDrive/trace') }"
        $problem = Get-Problem { Get-VmMigrationPolicy -Path "$TestDrive/code.psd1" }
        Assert-Problem $problem PolicyInvalid InvalidData 'plain values only' 'about_VmMigrationPolicies'
        "$TestDrive/trace" | Should -Not -Exist
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
