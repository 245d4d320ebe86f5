# A guest that writes its memory faster than it moves: what becomes of it under no policy, under each, and when its time is up.

Describe 'Convergence' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            # Over a link of 100 Mbit/s, 16 MiB that are written all the time take 1.4 s, and more than half a second when the guest is throttled.
            New-LabGuest $lab busy -Option --dirty, 40, --working-set, 16
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            $own = Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime busy
            Set-LabLink 100mbit
        }

        # Migrates a guest to the other host, keeps the result in $result, and gives the errors.
        function Invoke-Move([hashtable] $With = @{}, [string] $Name = 'busy') {
            $script:way = New-LabWay $lab $Name
            $script:result = $null
            Get-Problem { $script:result = Start-VmMigration $Name -VmHost $way.From -Destination $way.To -Live @With }
        }

        # What was decided, without the iterations at which the migration just went on: a limit in milliseconds, or what was done.
        function Get-Step {
            foreach ($decision in $result.Decisions | Where-Object Action -NotIn 'Continue', 'SetOption') {
                $null -ne $decision.MaxDowntime ? "$($decision.MaxDowntime.TotalMilliseconds)" : "$($decision.Action)"
            }
        }

        # Why the last of these was decided.
        function Get-LastReason {
            ($result.Decisions | Where-Object Action -NotIn 'Continue', 'SetOption')[-1].Reason
        }

        # As the guide asks for: shut off on the source, running on the destination, and whole.
        function Assert-Moved([string] $Name = 'busy') {
            $result.Outcome | Should -Be 'Completed'
            Invoke-Virsh $way.FromUri domstate $Name --reason | Should -Be 'shut off (migrated)'
            Invoke-Virsh $way.ToUri domstate $Name --reason | Should -Match '^running'
            Assert-Whole $Name -On $way.To
        }

        function Assert-Stayed {
            $result.Outcome | Should -Be 'RolledBack'
            Invoke-Virsh $way.ToUri domstate busy | Should -Match 'failed to get domain'
            Assert-Whole busy -On $way.From
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
        $session = $null
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Close-Session $session
            Get-Job | Where-Object PSJobTypeName -EQ VmMigration | Remove-Job -Force
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'does not come by itself: the guest goes round until another session stops it' {
        $way = New-LabWay $lab busy
        $session = Open-Session $lab.Kvm1, $lab.Kvm2
        Start-Script $session "Start-VmMigration busy -VmHost $($way.From) -Destination $($way.To) -Live"
        Wait-Until 'memory is sent for the sixth time' { ($script:seen = Get-VmMigrationJob busy -VmHost $way.From).Iteration -ge 6 }
        $stopped = Stop-VmMigration busy -VmHost $way.From
        $run = Wait-Script $session
        $seen.Status | Should -Be 'Running'
        $stopped.Status | Should -Be 'Failed'

        # Of a stop from elsewhere, libvirt's call says that it was canceled, or that the stream it was sent over is gone.
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -Match '^(MigrationStopped|MigrationStreamBroken),'
        $run.Errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*Start-VmMigration*'
        $run.Output | Should -HaveCount 1
        $result = $run.Output[0]
        $result.Decisions | Should -BeNullOrEmpty

        # After the first, every iteration begins with more than could move within the downtime that is allowed.
        $samples = @($result.Samples | Where-Object Iteration -GT 1)
        $samples.Iteration | Should -Be ($samples.Iteration | Sort-Object)
        $begun = @($samples | Group-Object Iteration | ForEach-Object { $_.Group[0] })
        $begun.Count | Should -BeGreaterOrEqual 4
        $allowed = ($samples.Rate | Measure-Object -Maximum).Maximum * $seen.MaxDowntime.TotalSeconds
        ($begun.Remaining | Measure-Object -Minimum).Minimum | Should -BeGreaterThan $allowed
        Assert-Stayed
    }

    Context 'Under a built-in policy' {
        It 'is given up at half a second (MinimalDowntime), and a limit that is set by hand meanwhile stays' {
            $way = New-LabWay $lab busy
            $job = Start-VmMigration busy -VmHost $way.From -Destination $way.To -Live -Policy MinimalDowntime -AsJob
            Wait-Until 'the policy has allowed 150 ms' { (Invoke-Virsh $way.FromUri migrate-getmaxdowntime busy) -eq '150' }
            $null = Invoke-Virsh $way.FromUri migrate-setmaxdowntime busy 160
            $problem = @(Get-Problem { $script:result = Receive-Job $job -Wait })
            $null = Invoke-Virsh $way.FromUri migrate-setmaxdowntime busy $own

            $problem | Should -HaveCount 1
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'MigrationAbortedByPolicy*'
            $problem[0].CategoryInfo.Category | Should -Be 'LimitsExceeded'
            "$problem" | Should -BeLike "*> 160 ms: abort*'busy'*"
            $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Policy PostCopy*'
            $result.Policy | Should -Be 'MinimalDowntime'
            $result.Options['AutoConverge'] | Should -BeTrue
            Get-Step | Should -Be '150', '200', '300', '400', '500', 'Abort'
            $steps = @($result.Decisions | Where-Object Action -EQ SetMaxDowntime)
            $steps.Status | Should -Be 'Done', 'Skipped', 'Skipped', 'Skipped', 'Skipped'
            $steps[1..4].Reason | ForEach-Object { $_ | Should -BeLike '*somebody set 160 ms meanwhile, and that stays' }

            # Auto-converge had begun to throttle, and every iteration had as much to move as the one before.
            $samples = @($result.Samples | Where-Object Iteration -GT 1)
            $samples.Throttle | Should -Not -BeNullOrEmpty
            $begun = @($samples | Group-Object Iteration | ForEach-Object { $_.Group[0] })
            ($begun.Remaining | Measure-Object -Minimum).Minimum | Should -BeGreaterThan 5MB
            ($begun.Remaining | Measure-Object -Maximum).Maximum | Should -BeLessThan 24MB
            Assert-Stayed
        }

        It 'comes at once where the user allows enough, whatever the policy would do (VeryLarge)' {
            Invoke-Move @{ Policy = 'VeryLarge'; MaxDowntime = 4000 } | Should -BeNullOrEmpty
            Get-Step | Should -BeNullOrEmpty
            $result.Decisions.Reason | Should -Contain '-ZeroCopy of the policy is left out: -ZeroCopy requires -Parallel'
            Assert-Moved
        }

        It 'comes by a longer downtime in the end (SuspendIfNeeded), after all shorter ones' {
            # Over two connections xbzrle is not possible; with it the guest's pages are small enough to fit.
            Invoke-Move @{ Policy = 'SuspendIfNeeded'; Parallel = 2 } | Should -BeNullOrEmpty
            Get-Step | Should -Be '150', '200', '300', '400', '500', '5000'
            ($result.Decisions | Where-Object Action -EQ SetMaxDowntime).Status | Sort-Object -Unique | Should -Be 'Done'
            $skipped = @($result.Decisions | Where-Object Reason -Like '*-Compression xbzrle*')
            $skipped | Should -HaveCount 1
            $skipped.Action | Should -Be 'SetOption'
            $skipped.Status | Should -Be 'Skipped'
            $result.Downtime.TotalMilliseconds | Should -BeGreaterThan 300
            $result.Downtime.TotalMilliseconds | Should -BeLessThan 6000
            Assert-Moved
        }

        It 'comes by post-copy after a few iterations (PostCopy), and what is changed is told as it happens' {
            $way = New-LabWay $lab busy
            $result = Start-VmMigration busy -VmHost $way.From -Destination $way.To -Live -Policy PostCopy -InformationVariable told
            Get-Step | Should -Be '150', '200', 'PostCopy'
            Get-LastReason | Should -BeLike '*> 200 ms: switch to post-copy'
            $result.Phases.Phase | Should -Be 'Checking', 'Preparing', 'Copying', 'PostCopy', 'Verifying'
            $told | ForEach-Object { $_.Tags | Should -Be 'VirtMigrate' }
            $told | ForEach-Object { "$_" -replace '.*(allow|switch to) ' } | Should -Be '150 ms', '200 ms', 'post-copy'
            Assert-Moved
        }
    }

    Context 'Under the stall controller' {
        It 'is waited for where the guest writes a little less than moves' {
            # 9 of the 11 MiB/s.
            New-LabGuest $lab calm -Option --dirty, 9, --working-set, 16
            try {
                $stall = @{ Window = 10; MaxDowntime = 1500 }
                Invoke-Move @{ Policy = @{ Name = 'Short'; InitialMaxDowntime = 700; StallDetection = $stall } } calm | Should -BeNullOrEmpty
                Get-Step | Should -BeNullOrEmpty
                $result.Decisions | Should -Not -BeNullOrEmpty
                Assert-Moved calm
            }
            finally {
                Remove-LabGuest $lab calm
            }
        }

        It 'is given up at a stall where nothing else is allowed, and the limit is as before' {
            $short = New-VmMigrationPolicy Short -From StallDetect -InitialMaxDowntime 250 -StallDetection @{ Window = 2; MaxDowntime = 600 }
            $problem = Invoke-Move @{ Policy = $short }
            Assert-Problem $problem MigrationAbortedByPolicy LimitsExceeded "'busy'*> 1.5 × 600 ms: abort" '*Decisions*-Policy PostCopy*'
            $result.Policy | Should -Be 'Short'
            Get-Step | Should -Be 'Abort'
            Get-LastReason | Should -BeLike 'implied downtime *> 1.5 × 600 ms: abort'
            Invoke-Virsh $way.FromUri migrate-getmaxdowntime busy | Should -Be $own
            Assert-Stayed
        }

        It 'comes by post-copy where the migration was started with it' {
            $short = New-VmMigrationPolicy Short -From StallDetect -StallDetection @{ Window = 2; MaxDowntime = 600 }
            Invoke-Move @{ Policy = $short; PostCopy = $true } | Should -BeNullOrEmpty
            Get-Step | Should -Be 'PostCopy'
            Get-LastReason | Should -BeLike '*> 1.5 × 600 ms: switch to post-copy'
            Assert-Moved
        }

        It 'comes by suspending the guest where that is allowed' {
            $stall = @{ Window = 2; MaxDowntime = 300; AllowSuspend = $true }
            Invoke-Move @{ Policy = @{ Name = 'Short'; StallDetection = $stall } } | Should -BeNullOrEmpty
            Get-Step | Should -Be 'Suspend'
            Get-LastReason | Should -BeLike '*> 1.5 × 300 ms: suspend the guest until its memory has moved'
            $result.SwitchoverDowntime | Should -BeLessThan $result.Downtime
            Assert-Moved
        }

        It 'comes by a raised limit at a stall within it, and a job has told every decision' {
            $way = New-LabWay $lab busy
            $policy = @{ Name = 'Short'; StallDetection = @{ Window = 1.5; MaxDowntime = 2500 } }
            $job = Start-VmMigration busy -VmHost $way.From -Destination $way.To -Live -Policy $policy -AsJob
            $null = Wait-Job $job
            $result = $job.Result
            Get-Step | Should -Be '2500'
            Get-LastReason | Should -BeLike '*≤ 2,500 ms: allow 2,500 ms'
            # Each as a verbose record, the one that changed something as information.
            $job.Verbose.Message | Should -Be @($result.Decisions | ForEach-Object { "busy: $_" })
            $job.Information | Should -HaveCount 1
            "$($job.Information[0].MessageData)" | Should -BeLike '*SetMaxDowntime*'
            $job.Information[0].Tags | Should -Be 'VirtMigrate'
            Assert-Moved
        }
    }

    Context 'By hand' {
        It 'comes by suspending the guest when its time is up, and the downtime is what the guest was silent' {
            $begun = [Diagnostics.Stopwatch]::GetTimestamp()
            Invoke-Move @{ Timeout = 2; OnTimeout = 'Suspend' } | Should -BeNullOrEmpty
            Assert-Moved
            $ended = [Diagnostics.Stopwatch]::GetTimestamp()
            Get-LastReason | Should -Be 'the timeout of 2 s has expired: suspend the guest until its memory has moved'
            $result.SwitchoverDowntime | Should -BeLessOrEqual $result.Downtime

            # A line a growth of the guest's console: the milliseconds of the clock that Stopwatch reads, and the length. Its own clock stood still.
            $unit = [Diagnostics.Stopwatch]::Frequency / 1000
            $stamps = [IO.File]::ReadAllLines([IO.Path]::Combine((Split-Path $lab.Shared), 'stamps', 'busy.log')) |
                ForEach-Object { [long] ($_ -replace ' .*') } | Where-Object { $_ -ge $begun / $unit -and $_ -le $ended / $unit }
            $silence = (1..($stamps.Count - 1) | ForEach-Object { $stamps[$_] - $stamps[$_ - 1] } | Measure-Object -Maximum).Maximum
            $silence | Should -BeGreaterThan ($result.Downtime.TotalMilliseconds - 300)
            $silence | Should -BeLessThan (2 * $result.Downtime.TotalMilliseconds)
        }

        It 'comes by post-copy when the first iteration is over' {
            Invoke-Move @{ PostCopy = $true; PostCopyAfterPrecopy = $true } | Should -BeNullOrEmpty
            Get-Step | Should -Be 'PostCopy'
            $result.Decisions | Should -HaveCount 1
            $result.Decisions[0].Iteration | Should -Be 2
            Assert-Moved
        }
    }
}
