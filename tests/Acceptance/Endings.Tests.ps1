# What drives a migration ends half-way: its process, terminal, runspace or module. The VM has stayed, whole, and nothing goes on unseen.

Describe 'Endings' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        Import-Module "$PSScriptRoot/../Pester/Terminal.psm1"
        Import-Module "$PSScriptRoot/../Pester/ToolProcess.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            # It writes faster than the limited link moves memory: its migration does not end by itself.
            New-LabGuest $lab end-1 -Option --dirty, 8, --working-set, 40
            $downtime = Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime end-1
        }

        # What a shell is told to connect to both hosts over a transport.
        function Get-Connection([string] $Transport) {
            $uris = $Transport -eq 'Ssh' ? @($lab.Kvm1SSH, $lab.Kvm2SSH) : @($lab.Kvm1, $lab.Kvm2)
            "`$null = Connect-VmHost '$($uris[0])', '$($uris[1])' -Transport $Transport"
        }

        # A terminal in which the guest moves.
        function Start-Moving([string] $Transport = 'Libvirt', [string] $Option) {
            $terminal = Start-Terminal @"
$(Get-Connection $Transport)
Start-VmMigration end-1 -VmHost kvm1 -Destination kvm2 -Live -MaxDowntime 100 $Option
"@
            Wait-Moving $lab end-1
            $terminal
        }

        # The guest is where it was and as it was, and nothing of the migration is left.
        function Assert-Stayed {
            Invoke-Virsh $lab.Kvm1 domjobinfo end-1 | Should -Match '^Job type: +None'
            Invoke-Virsh $lab.Kvm2 domstate end-1 | Should -Match 'failed to get domain'
            Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime end-1 | Should -Be $downtime
            Assert-Whole end-1 -On kvm1
        }

        # Neither on this machine nor, of a virsh that ssh started, on the source.
        function Assert-Alone($Terminal) {
            Wait-Until 'what the shell had started has ended' { -not (Get-Descendant $Terminal) }
            Invoke-Lab exec kvm1 sh -c 'pgrep -x virsh || true' | Should -BeNullOrEmpty
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
        $terminal = $null
        Set-LabLink 40mbit
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Remove-Terminal $terminal
            Disconnect-VmHost *
            Reset-LabGuest $lab end-1
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A shell on a terminal' {
        It 'aborts the migration first: <Ending>, <Transport>' -ForEach $(
            $endings = @(
                @{ Ending = 'SIGTERM'; How = { Send-Signal $terminal TERM }; Said = $true }
                @{ Ending = 'SIGTERM to the group'; How = { Send-Signal $terminal TERM -Group }; Said = $true }
                @{ Ending = 'SIGHUP'; How = { Send-Signal $terminal HUP }; Said = $true }
                @{ Ending = 'SIGHUP to the group'; How = { Send-Signal $terminal HUP -Group }; Said = $true }
                @{ Ending = 'the terminal is closed'; How = { Close-Terminal $terminal }; Said = $false }
                @{ Ending = 'Ctrl+C'; How = { Send-CtrlC $terminal }; Said = $true }
            )
            foreach ($transport in 'Libvirt', 'Virsh', 'Ssh') {
                # What reaches the whole group or session could reach virsh and ssh as well.
                $endings.Where({ $transport -eq 'Libvirt' -or $_.Ending -match 'TERM to the group|closed|Ctrl' }).ForEach({ $_ + @{ Transport = $transport } })
            }
        ) {
            $terminal = Start-Moving $Transport
            & $How
            (Wait-Terminal $terminal).TotalSeconds | Should -BeLessThan 20
            if ($Said) {
                Get-Screen $terminal | Should -Match "WARNING: 'end-1' is running .* on 'kvm1', as before the migration"
            }
            Assert-Stayed
            Assert-Alone $terminal
        }

        It 'aborts the migration of a job first: <Ending>' -ForEach @(
            @{ Ending = 'SIGTERM'; How = { Send-Signal $terminal TERM }; Script = '$job | Wait-Job'; Said = $true }
            @{ Ending = 'the terminal is closed'; How = { Close-Terminal $terminal }; Script = '$job | Wait-Job'; Said = $false }
            @{ Ending = 'exit'; How = { $null = New-Item "$($terminal.Folder)/go" }; Script = 'while (-not (Test-Path "$PSScriptRoot/go")) { Start-Sleep -Milliseconds 100 }; exit'; Said = $false }
        ) {
            $terminal = Start-Terminal "$(Get-Connection Libvirt)`n`$job = Start-VmMigration end-1 -VmHost kvm1 -Destination kvm2 -MaxDowntime 100 -AsJob`n$Script"
            Wait-Moving $lab end-1
            & $How
            (Wait-Terminal $terminal).TotalSeconds | Should -BeLessThan 20
            if ($Said) {
                Get-Screen $terminal | Should -Match "WARNING: 'end-1' is running .* on 'kvm1', as before the migration"
            }
            Assert-Stayed
            Assert-Alone $terminal
        }

        It 'waits for the end of post-copy, and says then where the VM is: Ctrl+C' {
            $terminal = Start-Moving -Option '-PostCopy'
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            $null = Switch-VmMigrationPostCopy end-1
            Send-CtrlC $terminal
            # It is not through at once, and soon after.
            Set-LabLink 100mbit
            $null = Wait-Terminal $terminal -Seconds 60
            $screen = (Get-Screen $terminal) -replace '\s+', ' '
            $screen | Should -BeLike "*post-copy can't be aborted; waiting for its end*'end-1' is running (migrated) on 'kvm2' and only there*"
            $screen | Should -Not -Match 'virDomainMigrate'
            $ended = Get-VmMigrationJob end-1
            $ended.Status | Should -Be 'Completed'
            $ended.PercentComplete | Should -Be 100
            $ended.Remaining | Should -Be 0
            $ended.Destination.Name | Should -Be 'kvm2'
            Assert-Whole end-1 -On kvm2
            Assert-Alone $terminal
        }

        It 'leaves a peer-to-peer migration alone, and says so: SIGTERM' {
            $terminal = Start-Moving -Option '-PeerToPeer'
            Send-Signal $terminal TERM
            $null = Wait-Terminal $terminal
            Get-Screen $terminal | Should -BeLike "*WARNING: The migration of 'end-1' from 'kvm1' to 'kvm2' goes on without this process*"
            Clear-LabLink
            Wait-Until 'the guest has moved' { (Invoke-Virsh $lab.Kvm1 domstate end-1 --reason) -eq 'shut off (migrated)' }
            Assert-Whole end-1 -On kvm2
            Assert-Alone $terminal
        }
    }

    Context 'A shell that is killed' {
        It 'leaves its VM on the source, where libvirt drives the migration from within it' {
            $terminal = Start-Moving Libvirt
            Send-Signal $terminal KILL
            $null = Wait-Terminal $terminal
            Wait-Until 'libvirt has undone the migration' { (Invoke-Virsh $lab.Kvm1 domjobinfo end-1) -match '^Job type: +None' }
            Wait-Until 'nothing is left on the destination' { (Invoke-Virsh $lab.Kvm2 domstate end-1) -match 'failed to get domain' }
            Assert-Whole end-1 -On kvm1
            Assert-Alone $terminal
        }

        It 'leaves a peer-to-peer migration to the daemon of the source, and the next session sees it to its end' {
            $terminal = Start-Moving -Option '-PeerToPeer'
            Send-Signal $terminal KILL
            $null = Wait-Terminal $terminal
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            (Get-VmMigrationJob end-1).Status | Should -Be 'Running'
            Clear-LabLink
            (Wait-VmMigrationJob end-1 -VmHost kvm1).Status | Should -Be 'Completed'
            (Test-VmMigrationResult end-1 -VmHost kvm1 -Destination kvm2).IsVerified | Should -BeTrue
            Assert-Whole end-1 -On kvm2
            Assert-Alone $terminal
        }

        It 'leaves the migration to the client that it had started: <Transport><More>' -ForEach @(
            @{ Transport = 'Virsh'; More = ''; IsGone = $false }
            @{ Transport = 'Ssh'; More = ''; IsGone = $false }
            @{ Transport = 'Ssh'; More = ', with all connections of this machine gone'; IsGone = $true }
        ) {
            $terminal = Start-Moving $Transport
            Send-Signal $terminal KILL -Group
            $null = Wait-Terminal $terminal
            if ($IsGone) {
                foreach ($tool in Get-ToolProcess $lab) {
                    & env kill -KILL $tool.Id
                }
            }
            Clear-LabLink
            Wait-Until 'the guest has moved' { (Invoke-Virsh $lab.Kvm1 domstate end-1 --reason) -eq 'shut off (migrated)' }
            Assert-Whole end-1 -On kvm2
            Assert-Alone $terminal
        }
    }

    Context 'A runspace' {
        BeforeAll {
            # A session in which the guest moves or, by a job, is moved.
            function Start-Session([string] $Transport = 'Libvirt', [string] $Option) {
                $session = Open-Session
                Start-Script $session @"
$(Get-Connection $Transport)
Start-VmMigration end-1 -VmHost kvm1 -Destination kvm2 -MaxDowntime 100 $Option
"@
                Wait-Moving $lab end-1
                $session
            }
        }

        BeforeEach {
            $session = $null
        }

        AfterEach {
            Close-Session $session
        }

        It 'that closes takes its VM back first: <Way>, <Transport>' -ForEach @(
            @{ Way = 'a command'; Option = ''; Transport = 'Libvirt' }
            @{ Way = 'a command'; Option = ''; Transport = 'Virsh' }
            @{ Way = 'a job'; Option = '-AsJob'; Transport = 'Libvirt' }
        ) {
            $session = Start-Session $Transport $Option
            $begun = [Diagnostics.Stopwatch]::StartNew()
            $session.Runspace.Close()
            $begun.Elapsed.TotalSeconds | Should -BeLessThan 20
            Assert-Stayed
        }

        It 'whose command is stopped takes its VM back first: <Transport> <Option>' -ForEach @(
            @{ Transport = 'Libvirt'; Option = '' }
            @{ Transport = 'Libvirt'; Option = '-PeerToPeer' }
            @{ Transport = 'Libvirt'; Option = '-Parallel 4' }
            @{ Transport = 'Virsh'; Option = '' }
        ) {
            $session = Start-Session $Transport $Option
            Invoke-Virsh $lab.Kvm1 migrate-getmaxdowntime end-1 | Should -Be 100 -Because 'that was asked for, and Assert-Stayed wants it back as it was'
            Stop-Script $session
            # At the moment in which the command has stopped, not a while later.
            @(Get-ToolProcess $lab).Where({ $_.CommandLine -match '--live' }) | Should -BeNullOrEmpty
            Assert-Stayed
            $session.Runspace.Close()
            Assert-NoTool $lab
        }

        It 'whose command is stopped right at the start leaves the VM where it is' {
            $session = Open-Session $lab.Kvm1, $lab.Kvm2
            foreach ($delay in 0, 100, 200, 300, 400) {
                Start-Script $session 'Start-VmMigration end-1 -VmHost kvm1 -Destination kvm2'
                Start-Sleep -Milliseconds $delay
                Stop-Script $session
                Invoke-Virsh $lab.Kvm2 domstate end-1 | Should -Match 'failed to get domain'
            }
            Assert-Stayed
        }

        It 'that removes the module while a job runs takes its VM back first' {
            $session = Start-Session -Option '-AsJob'
            (Wait-Script $session).Errors | Should -BeNullOrEmpty
            (Invoke-Script $session 'Remove-Module VirtMigrate').Errors | Should -BeNullOrEmpty
            Assert-Stayed
        }

        It 'of a thread job takes its VM back first: <Command>' -ForEach @{ Command = 'Stop-Job' }, @{ Command = 'Remove-Job -Force' } {
            $module, $connection = (Get-Module VirtMigrate).ModuleBase, (Get-Connection Libvirt)
            $job = Start-ThreadJob {
                Import-Module $using:module
                . ([scriptblock]::Create($using:connection))
                Start-VmMigration end-1 -VmHost kvm1 -Destination kvm2 -MaxDowntime 100
            }
            Wait-Moving $lab end-1
            & ([scriptblock]::Create("`$args[0] | $Command")) $job
            Wait-Until 'the migration has ended' { (Invoke-Virsh $lab.Kvm1 domjobinfo end-1) -match '^Job type: +None' }
            Assert-Stayed
            Get-Job -Id $job.Id -ErrorAction Ignore | Remove-Job
        }
    }
}
