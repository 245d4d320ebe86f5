# What else goes on while a VM moves: other clients' jobs, connections that are lost, daemons that say nothing, guests that end.

Describe 'Interference' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Terminal.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab other-1 -Option --dirty, 5, --disk, shared
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }

        # A daemon that is stopped says nothing; its connections stay.
        function Suspend-Daemon([string] $VmHost) {
            $null = Invoke-Lab exec $VmHost sh -c 'kill -STOP $(pgrep -x libvirtd)'
        }

        function Resume-Daemon([string] $VmHost) {
            $null = Invoke-Lab exec $VmHost sh -c 'kill -CONT $(pgrep -x libvirtd)'
        }

        # Boots the guest with its disk on a server that can be killed under it. QEMU then pauses the guest at the next write.
        function New-DiskServer {
            New-LabGuest $lab other-1 -Option --dirty, 5, --disk, shared, --off
            $address, $port = ($lab.Kvm1ADDRESS -replace '\d+$', '254'), 10809
            $image = [IO.Path]::Combine($lab.Shared, 'images', 'other-1.raw')
            $null = & env qemu-nbd --fork --persistent --shared=0 --format=raw "--bind=$address" "--port=$port" "--pid-file=$image.pid" $image
            $disk = "<disk type='network' device='disk'><driver name='qemu' type='raw' cache='none' error_policy='stop'/>" +
                "<source protocol='nbd' name=''><host name='$address' port='$port'/></source><target dev='vda' bus='virtio'/></disk>"
            $file = [IO.Path]::GetTempFileName()
            Set-Content $file ((Invoke-Virsh $lab.Kvm1 dumpxml --inactive other-1) -replace '(?s)<disk .*?</disk>', $disk)
            $said = (Invoke-Virsh $lab.Kvm1 define $file), (Invoke-Virsh $lab.Kvm1 start other-1)
            Remove-Item $file
            $console = [IO.Path]::Combine($lab.Shared, 'consoles', 'other-1.log')
            Wait-Until "the guest ticks ($said)" { (Test-Path $console) -and (Select-String -Path $console -Pattern '^tick .*disk=[1-9]' -Quiet) }
        }

        function Stop-DiskServer {
            $file = [IO.Path]::Combine($lab.Shared, 'images', 'other-1.raw.pid')
            if (Test-Path $file) {
                & env kill -KILL (Get-Content $file)
                Remove-Item $file
            }
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
        $job = $null
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Clear-LabLink
            if ($job) {
                $job | Remove-Job -Force
            }
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A job of another client, begun between the plan and the call' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                Suspend-Daemon kvm2
                try {
                    # The source says that the VM is idle, and the plan waits for the destination.
                    $job = Start-VmMigration other-1 -VmHost kvm1 -Destination kvm2 -SkipCheck All -Timeout 3 -AsJob
                    Start-Sleep -Seconds 2
                    $null = & $Begin
                }
                finally {
                    Resume-Daemon kvm2
                }
            }
        }

        It 'is not aborted by the timeout of one that waits for it: a backup' -ForEach @{
            Begin = {
                $socket = "/var/tmp/virtmigrate-backup-$([guid]::NewGuid()).sock"
                $file = [IO.Path]::GetTempFileName()
                Set-Content $file "<domainbackup mode='pull'><server transport='unix' socket='$socket'/></domainbackup>"
                Invoke-Virsh $lab.Kvm1 backup-begin other-1 $file | Should -BeLike '*Backup started*'
                Remove-Item $file
            }
        } {
            $null = Get-Problem { $script:result = Receive-Job $job -Wait }
            $backup = Invoke-Virsh $lab.Kvm1 domjobinfo other-1
            $null = Invoke-Virsh $lab.Kvm1 domjobabort other-1
            $backup | Should -Match 'Operation: +Backup'
            $result.Outcome | Should -BeIn 'RolledBack', 'Unknown'
            Wait-Until 'the call has ended' { (Invoke-Virsh $lab.Kvm1 domjobinfo other-1) -match 'None' }
            Assert-Whole other-1 -On kvm1
        }

        It 'is not aborted by the timeout of one that waits for it: a migration' -ForEach @{
            Begin = {
                Set-LabLink 80mbit
                $start = [Diagnostics.ProcessStartInfo]::new('virsh', [string[]] @('-c', $lab.Kvm1, 'migrate', '--live', '--persistent', 'other-1', $lab.Kvm3))
                $start.RedirectStandardOutput = $start.RedirectStandardError = $true
                $script:virsh = [Diagnostics.Process]::Start($start)
                Wait-Moving $lab other-1
            }
        } {
            $null = Get-Problem { $script:result = Receive-Job $job -Wait }
            Clear-LabLink
            $virsh.WaitForExit()
            $virsh.ExitCode | Should -Be 0 -Because $virsh.StandardError.ReadToEnd()
            Assert-Whole other-1 -On kvm3
            $result.Outcome | Should -Not -Be 'Completed'
            $null = Invoke-Virsh $lab.Kvm3 migrate --live --persistent --undefinesource other-1 $lab.Kvm1
        }
    }

    Context 'Looks at the destination that break off' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Reset-LabGuest $lab other-1
                $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            }
        }

        It 'do not end a migration whose own connection stands' {
            # Of a fresh connection: these sockets are there before the call opens its own.
            Disconnect-VmHost *
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            $looks = & env ss -Htn dst $lab.Kvm2ADDRESS dport = :16509 | ForEach-Object { ($_ -split '\s+')[3] -replace '.*:' }
            $looks | Should -Not -BeNullOrEmpty
            Set-LabLink 40mbit
            $job = Start-VmMigration other-1 -VmHost kvm1 -Destination kvm2 -AsJob
            Wait-Moving $lab other-1
            foreach ($port in $looks) {
                $null = & env ss -K dst $lab.Kvm2ADDRESS sport = ":$port"
            }
            Start-Sleep -Seconds 3
            $job.State | Should -Be 'Running'
            Clear-LabLink
            (Receive-Job $job -Wait).Outcome | Should -Be 'Completed'
            Assert-Whole other-1 -On kvm2
        }

        It 'do not end a migration over virsh, whose looks are processes' {
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2 -Transport Virsh
            Set-LabLink 40mbit
            $job = Start-VmMigration other-1 -VmHost kvm1 -Destination kvm2 -AsJob
            Wait-Moving $lab other-1
            $killed = 0
            $until = [DateTime]::UtcNow.AddSeconds(5)
            while ([DateTime]::UtcNow -lt $until) {
                & env pkill -KILL -f "^virsh -q -c $([regex]::Escape($lab.Kvm2))"
                $killed += $LASTEXITCODE -eq 0
            }
            $killed | Should -BeGreaterThan 0
            $job.State | Should -Be 'Running'
            Clear-LabLink
            (Receive-Job $job -Wait).Outcome | Should -Be 'Completed'
            Assert-Whole other-1 -On kvm2
        }
    }

    Context 'A guest that ends or changes on the way' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Clear-LabLink
                New-LabGuest $lab other-1 -Option --dirty, 5, --disk, shared
            }
        }

        It 'is named for what it is: a guest that shuts down' {
            Set-LabLink 40mbit
            $job = Start-VmMigration other-1 -VmHost kvm1 -Destination kvm2 -AsJob
            Wait-Moving $lab other-1
            # QEMU ends the guest in order, and says so.
            $null = Invoke-Lab exec kvm1 pkill -TERM -f 'guest=other-1,'
            $problem = @(Get-Problem { $script:result = Receive-Job $job -Wait })
            $problem | Should -HaveCount 1
            $problem[0].FullyQualifiedErrorId | Should -Be 'GuestShutDown'
            $result.Outcome | Should -Be 'GuestShutDown'
            $result.CanRetry | Should -BeFalse
        }

        It 'is not called rolled back: a guest that ran, and is paused by an I/O error' {
            New-DiskServer
            try {
                Set-LabLink 40mbit
                $job = Start-VmMigration other-1 -VmHost kvm1 -Destination kvm2 -AsJob
                Wait-Moving $lab other-1
                Stop-DiskServer
                Wait-Until 'QEMU has paused the guest' { (Invoke-Virsh $lab.Kvm1 domstate other-1 --reason) -eq 'paused (I/O error)' }
                Stop-Job $job
                $problem = @(Get-Problem { $script:result = Receive-Job $job })
                $job.State | Should -Be 'Failed' -Because 'a job that took its VM back as it was is Stopped'
                $problem | Should -HaveCount 1
                $problem[0].FullyQualifiedErrorId | Should -Be 'MigrationStopped'
                $result.Outcome | Should -Be 'StayedChanged'
                $result.Verification.Message | Should -BeLike "*'other-1' is paused (I/O error) on 'kvm1'*"
                Invoke-Virsh $lab.Kvm2 domstate other-1 | Should -Match 'failed to get domain'
            }
            finally {
                Stop-DiskServer
            }
        }
    }

    Context 'A host that says nothing, again and again' {
        # Many times outside the suite: VIRTMIGRATE_TEST_CUTS=100.
        It 'does not end the process that looks at it' {
            $cuts = $env:VIRTMIGRATE_TEST_CUTS ? [int] $env:VIRTMIGRATE_TEST_CUTS : 6
            $terminal = Start-Terminal @"
Import-Module '$((Get-Module Lab).Path)'
`$runspace = [runspacefactory]::CreateRunspace()
`$runspace.Open()
`$shell = [powershell]::Create(`$runspace)
`$null = `$shell.AddScript("Import-Module '$((Get-Module VirtMigrate).ModuleBase)'; Connect-VmHost '$($lab.Kvm1)', '$($lab.Kvm3)'").Invoke()
if (`$shell.HadErrors) {
    throw `$shell.Streams.Error[0]
}
foreach (`$cut in 1..$cuts) {
    `$hang, `$return = `$cut % 3 -eq 0 ? @({ Invoke-Lab link kvm3 --down }, { Invoke-Lab link kvm3 --up }) :
        @({ Invoke-Lab exec kvm3 sh -c 'kill -STOP `$(pgrep -x libvirtd)' }, { Invoke-Lab exec kvm3 sh -c 'kill -CONT `$(pgrep -x libvirtd)' })
    `$null = & `$hang
    `$shell.Commands.Clear()
    `$look = `$shell.AddScript('Get-Vm -VmHost kvm3 -ErrorAction Ignore').BeginInvoke()
    Start-Sleep -Milliseconds (Get-Random -Maximum 1500)
    # Ctrl+C while it hangs, or the host's return.
    if (`$cut % 2) {
        `$shell.Stop()
    }
    `$null = & `$return
    if (-not `$look.AsyncWaitHandle.WaitOne(30000)) {
        throw "The look of cut `$cut did not end."
    }
    "cut `$cut"
}
`$runspace.Dispose()
'all ended'
"@
            try {
                $null = Wait-Terminal $terminal -Seconds (60 + 15 * $cuts)
                Get-Screen $terminal | Should -BeLike '*all ended*'
                $terminal.Process.WaitForExit()
                $terminal.Process.ExitCode | Should -Be 0
            }
            finally {
                Remove-Terminal $terminal
                Resume-Daemon kvm3
                $null = Invoke-Lab link kvm3 --up
            }
        }
    }
}
