# Get-VmMigrationPolicy and New-VmMigrationPolicy, and the policies that Start-VmMigration refuses before it asks a host. Needs no lab.

Describe 'The cmdlets of policies' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Transcript.psm1"
        Import-Subject
        # Nobody is to be asked.
        $nowhere = 'qemu+tcp://no-such-host.invalid/system'
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
        Get-Problem { Get-VmMigrationPolicy no* } | Should -BeNullOrEmpty
        Get-VmMigrationPolicy no* | Should -BeNullOrEmpty
    }

    It 'writes one to a file and reads it as it was' {
        $settings = @{
            From = 'MinimalDowntime'
            Description = "It's mine"
            Options = @{ AutoConverge = $true; AutoConvergeInitial = 40 }
            Steps = @{ AfterIterations = 3; Action = 'PostCopy' }, @{ Action = 'Abort' }
            StallDetection = @{ Window = 5 }
            Timeout = 60
            OnTimeout = 'Suspend'
        }
        $mine = New-VmMigrationPolicy Mine @settings -Path "$TestDrive/mine" -ErrorAction Stop
        Assert-Declared $mine New-VmMigrationPolicy
        "$TestDrive/mine.psd1" | Should -Exist
        foreach ($read in (Get-VmMigrationPolicy -Path "$TestDrive/m*.psd1"), (Get-ChildItem $TestDrive mine.psd1 | Get-VmMigrationPolicy)) {
            $read | Should -HaveCount 1
            $read.Equals($mine) | Should -BeTrue
            $read.Name | Should -Be 'Mine'
            $read.InitialMaxDowntime.TotalMilliseconds | Should -Be 100 -Because 'MinimalDowntime has that'
            $read.Steps.Action | Should -Be 'PostCopy', 'Abort'
            $read.StallDetection.Window.TotalSeconds | Should -Be 5
            $read.Timeout.TotalSeconds | Should -Be 60
            $read.OnTimeout | Should -Be 'Suspend'
            $read.Options['AutoConverge', 'AutoConvergeInitial'] | Should -Be $true, 40
        }
        # It is data, which PowerShell reads as such.
        (Import-PowerShellDataFile "$TestDrive/mine.psd1").Description | Should -Be "It's mine"
    }

    It 'writes one like <_> and reads it as it was' -ForEach 'MinimalDowntime', 'SuspendIfNeeded', 'PostCopy', 'VeryLarge', 'StallDetect' {
        $mine = New-VmMigrationPolicy Mine -From $_ -Path "$TestDrive/$_.psd1" -ErrorAction Stop
        (Get-VmMigrationPolicy -Path "$TestDrive/$_.psd1").Equals($mine) | Should -BeTrue
    }

    It 'overwrites a file only by -Force' {
        Set-Content "$TestDrive/old.psd1" old
        $problem = Get-Problem { New-VmMigrationPolicy Mine -From PostCopy -Path "$TestDrive/old.psd1" }
        Assert-Problem $problem PolicyFileExists ResourceExists "$TestDrive/old.psd1" '-Force'
        "$problem" | Should -BeLike '*already exists*'
        Get-Content "$TestDrive/old.psd1" | Should -Be 'old'
        (New-VmMigrationPolicy Mine -From PostCopy -Path "$TestDrive/old.psd1" -Force -ErrorAction Stop).Name | Should -Be 'Mine'
        Get-Content "$TestDrive/old.psd1" -Raw | Should -Match '^@\{'
        (Get-VmMigrationPolicy -Path "$TestDrive/old.psd1").Name | Should -Be 'Mine'
    }

    It 'says what it would write, and writes nothing, with -WhatIf' {
        $said = Get-Said { $script:mine = New-VmMigrationPolicy Mine -From PostCopy -Path "$TestDrive/none.psd1" -WhatIf -ErrorAction Stop }
        $said | Should -BeLike '*What if:*Write the migration policy Mine*'
        $mine.Name | Should -Be 'Mine'
        "$TestDrive/none*" | Should -Not -Exist
    }

    It 'says that a file can not be written' {
        $problem = Get-Problem { New-VmMigrationPolicy Mine -From PostCopy -Path "$TestDrive/no/where.psd1" }
        Assert-Problem $problem PolicyNotWritten WriteError "can't be written" 'folder'
    }

    It 'says that there is no such policy, and which there are' {
        $problem = Get-Problem { Get-VmMigrationPolicy Haste, PostCopy }
        Assert-Problem $problem PolicyNotFound ObjectNotFound "no policy 'Haste'. The built-in policies are MinimalDowntime," 'Get-VmMigrationPolicy'
        (Get-VmMigrationPolicy Haste, PostCopy -ErrorAction SilentlyContinue).Name | Should -Be 'PostCopy'
        # Half a name is none.
        $problem = Get-Problem { Get-VmMigrationPolicy Minimal }
        Assert-Problem $problem PolicyNotFound ObjectNotFound "no policy 'Minimal'" 'Get-VmMigrationPolicy'
    }

    It 'says that a file is not there' {
        $problem = Get-Problem { Get-VmMigrationPolicy -Path "$TestDrive/absent.psd1" }
        Assert-Problem $problem PolicyNotFound ObjectNotFound "can't be read*absent.psd1" 'Get-VmMigrationPolicy'
    }

    It 'says what is wrong with <What>' -ForEach @(
        @{ What = 'a limit'; Given = @{ ThrottleLimit = 0 }; Message = 'ThrottleLimit must be a whole number between 1 and 1,000, not 0.' }
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

    It 'refuses to migrate by <What>, before a host is asked' -ForEach @(
        @{ What = 'a name that no policy has'; Policy = 'Minimal'; Message = "There is no policy 'Minimal'." }
        @{ What = 'a file that is not there'; Policy = './absent.psd1'; Message = "can't be read" }
        @{ What = 'a number'; Policy = 5; Message = 'Name a built-in policy or a .psd1 file' }
    ) {
        $problem = Get-Problem { Start-VmMigration any -VmHost $nowhere -Policy $Policy }
        Assert-Problem $problem PolicyNotFound ObjectNotFound $Message 'Get-VmMigrationPolicy'
    }

    It 'refuses to migrate by a policy with a key that is none, before a host is asked' {
        $problem = Get-Problem { Start-VmMigration any -VmHost $nowhere -Policy @{ Name = 'p'; Stall = 1 } }
        Assert-Problem $problem PolicyInvalid InvalidData 'Stall is not a valid key;' 'New-VmMigrationPolicy'
    }
}
