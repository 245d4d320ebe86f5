# Switch-VmMigrationPostCopy and Resume-VmMigration: what is and is not allowed in post-copy, and who or what may go away in it.

Describe 'Post-copy' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        Import-Module "$PSScriptRoot/../Pester/Terminal.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }

        # By virsh, the states of a guest whose post-copy broke.
        $sourceBroken, $destinationBroken = 'paused (post-copy failed)', 'running (post-copy failed)'

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

        function Set-MigrationParameter([hashtable] $Parameter) {
            $command = ConvertTo-Json -Compress @{ execute = 'migrate-set-parameters'; arguments = $Parameter }
            Invoke-Virsh $lab.Kvm1 qemu-monitor-command post-1 $command | Should -BeLike '*"return":{}*'
        }

        # From now on memory crosses as fast as it can, or as fast as is asked for in bytes per second.
        function Set-Rate([long] $Rate = 1GB) {
            Set-MigrationParameter @{ 'max-bandwidth' = $Rate; 'max-postcopy-bandwidth' = $Rate }
        }

        # Pre-copy of the guest is not to end, and post-copy is to take many minutes, until the test wants it.
        function Set-Crawl {
            Wait-Moving $lab post-1
            Set-MigrationParameter @{ 'downtime-limit' = 1; 'max-postcopy-bandwidth' = 40000 }
        }

        # What libvirt counts of the migration.
        function Get-Count([string] $Name) {
            (Invoke-Virsh $lab.Kvm1 domjobinfo post-1 --rawstats) -match "\b${Name}: *(\d+)" ? [long] $Matches[1] : 0
        }

        # Brings the guest into post-copy when all has crossed once, so that it lacks only what it keeps writing. QEMU, which emulates it,
        # blocks for good where it lacks what an interrupt needs and is cut off just then; that much the guest has fetched at once.
        function Switch-Guest {
            Set-Crawl
            Wait-Until 'all memory has crossed once' { (Get-Count memory_iteration) -ge 2 }
            $null = Switch-VmMigrationPostCopy post-1
            Wait-Until 'the guest fetches what it writes' { (Get-Count memory_postcopy_requests) -ge 50 }
        }

        # In a terminal somebody else migrates the guest, and is in post-copy when the process ends at once.
        function Stop-Client {
            Switch-Guest
            Send-Signal $terminal KILL
            $null = Wait-Terminal $terminal
            Wait-State $lab.Kvm1 $sourceBroken
        }

        # Breaks the connection over which memory goes, as a failing switch or firewall does.
        function Reset-MemoryStream {
            $null = Invoke-Lab exec kvm1 ss -K dst $lab.Kvm2ADDRESS dport ge 49152
        }

        function Wait-State([string] $Uri, [string] $State) {
            Wait-Until "'post-1' is $State" { (Invoke-Virsh $Uri domstate post-1 --reason) -eq $State }
        }

        # The two QEMUs go on by themselves, and another session follows them to their end, which comes when it does.
        function Assert-Followed {
            $session = Open-Session $lab.Kvm1, $lab.Kvm2
            try {
                Start-Script $session 'Resume-VmMigration post-1'
                Wait-Until 'the post-copy is followed' { $session.Running.IsCompleted -or (Get-ScriptProgress $session) }
                Set-Rate 10000000
                $run = Wait-Script $session
            }
            finally {
                Close-Session $session
            }
            $run.Errors | Should -BeNullOrEmpty
            $run.Output.Outcome | Should -Be 'Completed'
            Assert-Arrived
        }

        # What the guide verifies: the VM is shut off on the source, and runs on the destination.
        function Assert-Arrived {
            Invoke-Virsh $lab.Kvm1 domstate post-1 --reason | Should -Be 'shut off (migrated)'
            Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be 'running (migrated)'
            Assert-Whole post-1 -On kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
        $virsh = $terminal = $session = $null
        if (-not $lab.Obstacle -and (Invoke-Virsh $lab.Kvm1 domstate post-1) -ne 'running') {
            # It writes all of a small part of its memory over and over, faster than it is let cross.
            New-LabGuest $lab post-1 -Option --dirty, 150, --working-set, 24
        }
    }

    AfterEach {
        if ($lab.Obstacle) {
            return
        }
        $null = Get-Problem { Set-Rate }
        Close-Session $session
        Remove-Terminal $terminal
        if ($virsh -and -not $virsh.WaitForExit(60000)) {
            $virsh.Kill()
        }
        Get-Job | Where-Object PSJobTypeName -EQ VmMigration | Remove-Job -Force
        # For its way back.
        $null = Invoke-Virsh $lab.Kvm2 migrate-setmaxdowntime post-1 5000
        Reset-LabGuest $lab post-1
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'moves a guest at once when it is switched to, and the migration ends' {
        $source, $destination = (Start-EventLog $lab.Kvm1), (Start-EventLog $lab.Kvm2)
        $job = Start-VmMigration post-1 -VmHost kvm1 -Destination kvm2 -Live -PostCopy -Bandwidth 30MB -AsJob
        Set-Crawl
        $switched = Get-VmMigrationJob post-1 | Switch-VmMigrationPostCopy
        Assert-Declared $switched Switch-VmMigrationPostCopy
        $switched.Phase | Should -Be 'PostCopy'
        $switched.Status | Should -Be 'Running'
        Invoke-Virsh $lab.Kvm1 domstate post-1 --reason | Should -Be 'paused (post-copy)'
        Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be 'running (post-copy)'

        Set-Rate
        $result = $job | Receive-Job -Wait
        $result.Outcome | Should -Be 'Completed'
        $result.Phases.Phase | Should -Contain 'PostCopy'
        # The guest stood still from the one event to the other; what it fetches later makes it slow, not stand still.
        $stood = (Get-EventTime $destination 'Resumed Post-copy') - (Get-EventTime $source 'Suspended Post-copy')
        $result.Downtime | Should -BeLessThan $result.Duration
        $said = "both hosts' events say $stood, and the result $($result.Downtime)"
        [Math]::Abs(($result.Downtime - $stood).TotalSeconds) | Should -BeLessThan 0.5 -Because $said
        Assert-Arrived
    }

    It 'is switched to where virsh started the migration, once and again, and the migration ends' {
        $virsh = Start-VirshMigration $lab post-1 --postcopy, --bandwidth, 30
        Set-Crawl
        foreach ($switched in (Get-VmMigrationJob post-1 | Switch-VmMigrationPostCopy), (Switch-VmMigrationPostCopy post-1)) {
            $switched.Phase | Should -Be 'PostCopy'
            $switched.Status | Should -Be 'Running'
            $switched.Source.Name | Should -Be 'kvm1'
            $switched.Destination.Name | Should -Be 'kvm2'
        }
        Set-Rate
        $virsh.WaitForExit(60000) | Should -BeTrue
        $virsh.ExitCode | Should -Be 0
        Assert-Arrived
    }

    It 'is not taken back, breaks only on purpose, and is resumed by any session' {
        $null = Invoke-Virsh $lab.Kvm1 autostart post-1
        $virsh = Start-VirshMigration $lab post-1 --postcopy, --bandwidth, 30
        Switch-Guest

        $problem = Get-Problem { Stop-VmMigration post-1 }
        Assert-Problem $problem PostCopyActive InvalidOperation "'post-1'" 'Wait-VmMigrationJob post-1'

        # Nobody is there to be asked, and each says so in its own way.
        $session = Open-Session
        $unasked = Invoke-Script $session "Stop-VmMigration post-1 -VmHost '$($lab.Kvm1)' -Force"
        Assert-Problem $unasked.Errors ConfirmationNeeded PermissionDenied 'its memory is lost' '-Confirm:$false'
        $run = Invoke-Runbook @"
`$null = Connect-VmHost '$($lab.Kvm1)', '$($lab.Kvm2)'
Stop-VmMigration post-1 -Force -ErrorVariable problem -ErrorAction SilentlyContinue
"`$(`$problem.FullyQualifiedErrorId) `$(`$problem.ErrorDetails.RecommendedAction)"
"@
        $run.Output | Should -BeLike 'ConfirmationNeeded,*-Confirm:$false*'
        # Somebody is, and says no.
        $terminal = Start-Terminal "Stop-VmMigration post-1 -VmHost '$($lab.Kvm1)' -Force"
        Wait-Until 'the question is answered' {
            Send-Line $terminal n
            $terminal.Process.WaitForExit(500)
        }
        $terminal.Process.ExitCode | Should -Be 0
        # A console breaks lines.
        (Get-Screen $terminal) -replace '\s+', ' ' | Should -BeLike '*If either host fails before that, its memory is lost. Continue?*'
        $virsh.HasExited | Should -BeFalse

        $stopped = Stop-VmMigration post-1 -Force -Confirm:$false
        $stopped.Status | Should -Be 'PostCopyPaused'
        $virsh.WaitForExit(60000) | Should -BeTrue
        $virsh.ExitCode | Should -Not -Be 0
        Invoke-Virsh $lab.Kvm1 domstate post-1 --reason | Should -Be $sourceBroken
        Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be $destinationBroken

        # Recognised by any session, and left alone by every command but one.
        $null = Invoke-Script $session "`$null = Connect-VmHost '$($lab.Kvm1)', '$($lab.Kvm2)'"
        $job = (Invoke-Script $session 'Get-VmMigrationJob post-1').Output
        $job.Status | Should -Be 'PostCopyPaused'
        $job.Source.Name | Should -Be 'kvm1'
        $job.Destination.Name | Should -Be 'kvm2'
        (Test-VmMigrationResult post-1 -VmHost kvm1 -Destination kvm2).Outcome | Should -Be 'PostCopyPaused'
        foreach ($command in { Start-VmMigration post-1 -VmHost kvm1 -Destination kvm2 }, { Start-VmMigration post-1 -VmHost kvm2 -Destination kvm1 },
            { Stop-VmMigration post-1 }, { Stop-VmMigration post-1 -Force -Confirm:$false }, { Switch-VmMigrationPostCopy post-1 },
            { Set-VmMigrationJob post-1 -SuspendGuest }) {
            Assert-Problem (Get-Problem $command) PostCopyPaused ResourceUnavailable "'post-1'" 'Resume-VmMigration post-1'
        }
        $obstacle = (Test-VmMigrationReadiness post-1 -VmHost kvm1 -Destination kvm2 -Category Identity).Obstacles | Where-Object Id -EQ PostCopyState
        $obstacle.Recommendation | Should -BeLike '*Resume-VmMigration post-1*'
        Assert-Contains (Invoke-Virsh $lab.Kvm1 migrate --live post-1 $lab.Kvm2) $obstacle.LibvirtError

        Resume-VmMigration post-1 -WhatIf | Should -BeNullOrEmpty
        Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be $destinationBroken
        Set-Rate
        $result = Get-VmMigrationJob post-1 | Resume-VmMigration -PeerToPeer -WarningVariable warnings -WarningAction SilentlyContinue
        Assert-Declared $result Resume-VmMigration
        $result.Outcome | Should -Be 'Completed'
        $result.Command | Should -BeLike '*--p2p*'
        $result.Command | Should -BeLike '*--postcopy-resume*'
        Invoke-Virsh $lab.Kvm2 dominfo post-1 | Should -Match 'Autostart: +enable'
        $result.Warnings | Should -BeLike "'kvm1' still has autostart on for 'post-1'*"
        $warnings | Should -Be $result.Warnings
        Assert-Arrived
        $null = Invoke-Virsh $lab.Kvm1 autostart post-1 --disable
    }

    It 'breaks where its connection is cut, and is resumed by its result' {
        $session = Open-Session
        Start-Script $session @"
`$result = Start-VmMigration post-1 -VmHost '$($lab.Kvm1)' -Destination '$($lab.Kvm2)' -PostCopy -PeerToPeer -Bandwidth 30MB
`$result
"@
        Switch-Guest
        Reset-MemoryStream
        $broken = Wait-Script $session
        Assert-Problem $broken.Errors PostCopyFailed OperationStopped 'hold half of it each' 'Resume-VmMigration post-1 -VmHost * -Destination *'
        $broken.Output | Should -HaveCount 1
        $broken.Output[0].Outcome | Should -Be 'PostCopyPaused'
        Set-Rate
        $resumed = Invoke-Script $session '$result | Resume-VmMigration'
        $resumed.Errors | Should -BeNullOrEmpty
        $resumed.Output | Should -HaveCount 1
        $resumed.Output[0].Outcome | Should -Be 'Completed'
        $resumed.Output[0].Error | Should -BeNullOrEmpty
        Assert-Arrived
    }

    Context 'Whose client has died' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                $terminal = Start-Terminal "Start-VmMigration post-1 -VmHost '$($lab.Kvm1)' -Destination '$($lab.Kvm2)' -PostCopy -Bandwidth 30MB"
            }
        }

        It 'is followed to its end by another session' {
            Stop-Client
            $seen = Get-VmMigrationJob post-1
            $seen.Status | Should -Be 'Running'
            $seen.Phase | Should -Be 'PostCopy'
            Assert-Followed
        }

        It 'is resumed by another session where the connection is gone, too, and a QEMU has not answered for a while' {
            Stop-Client
            Reset-MemoryStream
            Wait-State $lab.Kvm2 $destinationBroken
            Wait-Until 'both halves stand still' { (Get-VmMigrationJob post-1).Status -eq 'PostCopyPaused' }

            $null = Invoke-Lab exec kvm2 pkill -STOP -f 'guest=post-1,'
            try {
                # The call hangs, and neither the command nor its process does.
                $run = Invoke-Runbook @"
Resume-VmMigration post-1 -VmHost '$($lab.Kvm1)' -Destination '$($lab.Kvm2)' -StallTimeout 2
'the session goes on'
"@
                $run.ExitCode | Should -Be 0
                $run.Error -replace '\s+', ' ' | Should -BeLike '*did not continue within 2 s*'
                $run.Output | Should -BeLike '*the session goes on*'
                $problem = Get-Problem { $script:late = Resume-VmMigration post-1 -StallTimeout 2 }
                Assert-Problem $problem ResumeTimedOut OperationTimeout "'post-1'" 'Resume-VmMigration post-1'
                $late | Should -HaveCount 1
                $late.Outcome | Should -Be 'PostCopyPaused'
                (Get-VmMigrationJob post-1).Status | Should -Be 'PostCopyPaused'
            }
            finally {
                $null = Invoke-Lab exec kvm2 pkill -CONT -f 'guest=post-1,'
            }
            Set-Rate
            $resumed = Get-VmMigrationJob post-1 | Resume-VmMigration -UndefineSource
            $resumed.Outcome | Should -Be 'Completed'
            Invoke-Virsh $lab.Kvm1 domstate post-1 | Should -Match 'failed to get domain'
            Invoke-Virsh $lab.Kvm2 domstate post-1 --reason | Should -Be 'running (migrated)'
            Assert-Whole post-1 -On kvm2
        }
    }

    It 'loses nothing but its supervision where the daemon of the destination dies' {
        $virsh = Start-VirshMigration $lab post-1 --postcopy, --bandwidth, 30
        Switch-Guest
        try {
            $null = Invoke-Lab kill kvm2 libvirtd
        }
        finally {
            $null = Invoke-Lab start kvm2
        }
        $virsh.WaitForExit(60000) | Should -BeTrue
        $virsh.ExitCode | Should -Not -Be 0
        Assert-Followed
    }

    It 'has nothing to resume where nothing broke' {
        $problem = Get-Problem { Resume-VmMigration post-1 }
        Assert-Problem $problem NotPostCopyPaused InvalidOperation "'post-1'" 'Get-VmMigrationJob post-1'
    }

    # The last one, since it costs the guest.
    It 'names a half that is gone, and leaves the other alone' {
        $virsh = Start-VirshMigration $lab post-1 --postcopy, --bandwidth, 30
        Switch-Guest
        $null = Invoke-Lab kill kvm2 qemu post-1
        $virsh.WaitForExit(60000) | Should -BeTrue
        $virsh.ExitCode | Should -Not -Be 0
        Wait-State $lab.Kvm1 $sourceBroken
        $problem = Get-Problem { $script:result = Resume-VmMigration post-1 }
        Assert-Problem $problem PostCopyLost InvalidResult "Half of 'post-1' is gone" 'on one host only'
        $result | Should -HaveCount 1
        $result.Outcome | Should -Be 'GuestCrashed'
        Invoke-Virsh $lab.Kvm1 domstate post-1 --reason | Should -Be $sourceBroken
    }
}
