# Switch-VmMigrationPostCopy and Resume-VmMigration, and what is and is not allowed in post-copy.

Describe 'Post-copy' {
    BeforeAll {
        Import-Module "$PSScriptRoot/Lab.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab post-1 -Option --memory, 256, --dirty, 4, --working-set, 100
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }

        # Has virsh write down what a host says of its guests, until it is killed.
        function Start-EventLog([string] $Uri) {
            $start = [Diagnostics.ProcessStartInfo]::new('virsh', [string[]] @('-c', $Uri, 'event', '--event', 'lifecycle', '--loop', '--timestamp'))
            $start.RedirectStandardOutput = $true
            $process = [Diagnostics.Process]::Start($start)
            [pscustomobject]@{ Process = $process; Text = $process.StandardOutput.ReadToEndAsync() }
        }

        # When an event of the guest came, by virsh's account.
        function Get-EventTime($Log, [string] $What) {
            if (-not $Log.Process.HasExited) {
                $Log.Process.Kill()
            }
            $Log.Text.Result | Should -Match "(?m)^(\S+ \S+): event 'lifecycle' for domain 'post-1': $What" -Because $Log.Text.Result
            [DateTimeOffset]($Log.Text.Result -replace "(?ms).*^(\S+ \S+): event 'lifecycle' for domain 'post-1': $What.*", '$1')
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
        Set-LabLink 60mbit
        $virsh = $null
    }

    AfterEach {
        if ($lab.Obstacle) {
            return
        }
        Clear-LabLink
        if ($virsh) {
            $virsh.WaitForExit()
        }
        Get-Job | Where-Object PSJobTypeName -EQ VmMigration | Wait-Job | Remove-Job
        Reset-LabGuest $lab post-1
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'moves a guest at once when it is switched to, and the migration ends' {
        $source, $destination = (Start-EventLog $lab.Kvm1), (Start-EventLog $lab.Kvm2)
        $job = Start-VmMigration post-1 -VmHost kvm1 -Destination kvm2 -Live -PostCopy -AsJob
        Wait-Moving $lab post-1
        $switched = Get-VmMigrationJob post-1 | Switch-VmMigrationPostCopy
        Assert-Declared $switched Switch-VmMigrationPostCopy
        $switched.Phase | Should -Be 'PostCopy'
        $switched.Status | Should -Be 'Running'
        Invoke-Virsh $lab.Kvm1 domstate post-1 --reason | Should -Be 'paused (post-copy)'
        Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be 'running (post-copy)'

        Clear-LabLink
        $result = $job | Receive-Job -Wait
        $result.Outcome | Should -Be 'Completed'
        $result.Phases.Phase | Should -Contain 'PostCopy'
        # The guest stood still from the one event to the other; what it fetches later makes it slow, not stand still.
        $stood = (Get-EventTime $destination 'Resumed Post-copy') - (Get-EventTime $source 'Suspended Post-copy')
        $result.Downtime | Should -BeLessThan $result.Duration
        [Math]::Abs(($result.Downtime - $stood).TotalSeconds) | Should -BeLessThan 0.5 -Because "both hosts' events say $stood, and the result $($result.Downtime)"
        Invoke-Virsh $lab.Kvm1 domstate post-1 --reason | Should -Be 'shut off (migrated)'
        Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be 'running (migrated)'
        Assert-Whole post-1 -On kvm2
    }

    It 'is switched to where virsh started the migration, once and again, and the migration ends' {
        $virsh = Start-VirshMigration $lab post-1 --postcopy
        Wait-Moving $lab post-1
        foreach ($switched in (Get-VmMigrationJob post-1 | Switch-VmMigrationPostCopy), (Switch-VmMigrationPostCopy post-1)) {
            $switched.Phase | Should -Be 'PostCopy'
            $switched.Status | Should -Be 'Running'
            $switched.Source.Name | Should -Be 'kvm1'
            $switched.Destination.Name | Should -Be 'kvm2'
        }
        Clear-LabLink
        $virsh.WaitForExit(60000) | Should -BeTrue
        $virsh.ExitCode | Should -Be 0
        Invoke-Virsh $lab.Kvm1 domstate post-1 --reason | Should -Be 'shut off (migrated)'
        Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be 'running (migrated)'
        Assert-Whole post-1 -On kvm2
    }

    It 'is not taken back, breaks only on purpose, and is resumed by any session' {
        $null = Invoke-Virsh $lab.Kvm1 autostart post-1
        $virsh = Start-VirshMigration $lab post-1 --postcopy
        Wait-Moving $lab post-1
        $null = Switch-VmMigrationPostCopy post-1
        Wait-Fetching $lab post-1

        $problem = Get-Problem { Stop-VmMigration post-1 }
        Assert-Problem $problem PostCopyActive InvalidOperation "'post-1'" 'Wait-VmMigrationJob post-1'

        # Nobody is there to be asked.
        $run = Invoke-Runbook @"
`$null = Connect-VmHost '$($lab.Kvm1)', '$($lab.Kvm2)'
Stop-VmMigration post-1 -Force -ErrorVariable problem -ErrorAction SilentlyContinue
"`$(`$problem.FullyQualifiedErrorId) `$(`$problem.ErrorDetails.RecommendedAction)"
"@
        $run.Output | Should -BeLike 'ConfirmationNeeded,*-Confirm:$false*'
        $virsh.HasExited | Should -BeFalse

        $stopped = Stop-VmMigration post-1 -Force -Confirm:$false
        $stopped.Status | Should -Be 'PostCopyPaused'
        $virsh.WaitForExit()
        $virsh.ExitCode | Should -Not -Be 0
        Invoke-Virsh $lab.Kvm1 domstate post-1 --reason | Should -Be 'paused (post-copy failed)'
        Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be 'running (post-copy failed)'
        (Test-VmMigrationResult post-1 -VmHost kvm1 -Destination kvm2).Outcome | Should -Be 'PostCopyPaused'
        foreach ($command in { Start-VmMigration post-1 -VmHost kvm1 -Destination kvm2 }, { Stop-VmMigration post-1 -Force -Confirm:$false },
            { Switch-VmMigrationPostCopy post-1 }) {
            Assert-Problem (Get-Problem $command) PostCopyPaused ResourceUnavailable "'post-1'" 'Resume-VmMigration post-1'
        }

        Resume-VmMigration post-1 -WhatIf | Should -BeNullOrEmpty
        Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be 'running (post-copy failed)'
        Clear-LabLink
        $result = Get-VmMigrationJob post-1 | Resume-VmMigration -WarningVariable warnings -WarningAction SilentlyContinue
        Assert-Declared $result Resume-VmMigration
        $result.Outcome | Should -Be 'Completed'
        $result.Command | Should -BeLike '*--postcopy-resume*'
        Invoke-Virsh $lab.Kvm2 dominfo post-1 | Should -Match 'Autostart: +enable'
        $result.Warnings | Should -BeLike "'kvm1' still has autostart on for 'post-1'*"
        $warnings | Should -Be $result.Warnings
        Assert-Whole post-1 -On kvm2
    }

    It 'has nothing to resume where nothing broke' {
        $problem = Get-Problem { Resume-VmMigration post-1 }
        Assert-Problem $problem NotPostCopyPaused InvalidOperation "'post-1'" 'Get-VmMigrationJob post-1'
    }
}
