# Start-VmMigration between two real hosts: what moves, what does not, and what is said of it.

Describe 'Migration' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab move-1, move-2 -Option --dirty, 5
            New-LabGuest $lab move-off -Option --off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A VM that runs' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Reset-LabGuest $lab move-1
            }
        }

        It 'moves, and both hosts and virsh agree: <Way>' -ForEach @{ Way = 'tcp' }, @{ Way = 'tls' }, @{ Way = 'ssh' } {
            $suffix = $Way -eq 'tcp' ? '' : $Way
            $result = Get-Vm move-1 -VmHost $lab."Kvm1$suffix" | Start-VmMigration -Destination $lab."Kvm2$suffix" -Live
            Assert-Declared $result Start-VmMigration
            $result.Outcome | Should -Be 'Completed'
            $result.Vm | Should -Be 'move-1'
            $result.IsLive | Should -BeTrue
            $result.Source.Name | Should -Be 'kvm1'
            $result.Destination.Name | Should -Be 'kvm2'
            $result.Verification.IsVerified | Should -BeTrue
            $result.Verification.RunsOn.Name | Should -Be 'kvm2'
            $result.Verification.RunningInstances | Should -Be 1
            $result.Transferred | Should -BeGreaterThan 16MB
            $result.Transferred | Should -BeLessThan 4GB
            $result.Error | Should -BeNullOrEmpty
            $result.Errors | Should -BeNullOrEmpty
            Invoke-Virsh $lab.Kvm1 domstate move-1 --reason | Should -Be 'shut off (migrated)'
            Invoke-Virsh $lab.Kvm2 domstate move-1 --reason | Should -Be 'running (migrated)'
            Assert-Whole move-1 -On kvm2
        }

        It 'leaves a result whose figures fit together, are those of libvirt, and show the bandwidth that was allowed' {
            $result = Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2 -Live -Bandwidth 20MB
            $result.EndTime | Should -BeGreaterThan $result.StartTime
            $result.Duration | Should -Be ($result.EndTime - $result.StartTime)
            $result.Downtime | Should -BeGreaterThan ([timespan]::Zero)
            $result.Downtime | Should -BeLessThan $result.Duration
            $result.Iterations | Should -BeGreaterOrEqual 1
            $account = Invoke-Virsh $lab.Kvm2 domjobinfo move-1 --completed --rawstats
            $account | Should -Match "memory_processed: +$($result.Statistics.MemoryProcessed)\b"
            $result.Transferred | Should -BeGreaterOrEqual $result.Statistics.MemoryProcessed
            $result.Command | Should -BeLike "virsh *migrate --live*--bandwidth 20*move-1*$($lab.Kvm2)*"
            $result.Options['Bandwidth'] | Should -Be 20MB
            $result.Throughput | Should -BeGreaterThan 10MB
            $result.Throughput | Should -BeLessThan 24MB
            $result.Phases.Phase | Should -Contain 'Copying'
        }

        It 'moves over four connections where that is asked for' {
            Set-LabLink 40mbit
            $job = Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2 -Live -Parallel 4 -AsJob
            Wait-Moving $lab move-1
            $parameters = Get-QemuAnswer $lab.Kvm1 move-1 query-migrate-parameters
            $account = Get-QemuAnswer $lab.Kvm1 move-1 query-migrate
            $sockets = @((Invoke-Lab exec kvm2 ss -Htn state established '( sport >= :49152 and sport <= :49215 )') -split "`n")
            Clear-LabLink
            $result = Receive-Job $job -Wait -AutoRemoveJob
            $result.Outcome | Should -Be 'Completed'
            $result.Connections | Should -Be 4
            $result.Command | Should -BeLike '*--parallel --parallel-connections 4*'
            $parameters.'multifd-channels' | Should -Be 4
            $account.ram.'multifd-bytes' | Should -BeGreaterThan 0 -Because 'pages go over the extra channels'
            # One for the control of the stream, and those for the pages.
            $sockets | Should -HaveCount 5
            Assert-Whole move-1 -On kvm2
        }

        It 'moves peer-to-peer, over TLS to both hosts' {
            $result = Start-VmMigration move-1 -VmHost $lab.Kvm1TLS -Destination $lab.Kvm2TLS -PeerToPeer
            $result.Outcome | Should -Be 'Completed'
            $result.Command | Should -BeLike '*--p2p*'
            Assert-Whole move-1 -On kvm2
        }

        It 'is dropped from its source where that is asked for' {
            $result = Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2 -UndefineSource
            $result.Verification.DefinedOn.Name | Should -Be 'kvm2'
            Invoke-Virsh $lab.Kvm1 domstate move-1 | Should -Match 'failed to get domain'
            Assert-Whole move-1 -On kvm2
        }

        It 'stays paused when it was paused' {
            $null = Invoke-Virsh $lab.Kvm1 suspend move-1
            $result = Get-Vm move-1 -VmHost kvm1 | Start-VmMigration -Destination kvm2
            $result.Outcome | Should -Be 'Completed'
            Invoke-Virsh $lab.Kvm2 domstate move-1 --reason | Should -Be 'paused (user)'
            $null = Invoke-Virsh $lab.Kvm2 resume move-1
            Assert-Whole move-1 -On kvm2
        }

        It 'goes to the only other connected host where none is named, and comes back by its result' {
            $there = Start-VmMigration move-1 -VmHost kvm1
            $there.Destination.Name | Should -Be 'kvm2'
            $back = $there | Start-VmMigration -Destination kvm1
            $back.Source.Name | Should -Be 'kvm2'
            $back.Verification.RunsOn.Name | Should -Be 'kvm1'
            Assert-Whole move-1 -On kvm1
        }

        It 'takes its names from the properties of any object, such as a row of a table' {
            $row = "Vm,VmHost,Destination`nmove-1,$($lab.Kvm1),$($lab.Kvm2)" | ConvertFrom-Csv
            $result = $row | Start-VmMigration
            $result.Vm | Should -Be 'move-1'
            $result.Verification.RunsOn.Name | Should -Be 'kvm2'
        }

        It 'moves nowhere with -WhatIf' {
            Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2 -Parallel 4 -WhatIf | Should -BeNullOrEmpty
            Assert-Whole move-1 -On kvm1
            Invoke-Virsh $lab.Kvm2 domstate move-1 | Should -Match 'failed to get domain'
        }

        It 'stays where it was when its time is up, with an error and a result that say so' {
            Set-LabLink 20mbit
            $problem = Get-Problem { $script:result = Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2 -Live -Timeout 2 }
            Assert-Problem $problem MigrationTimedOut OperationTimeout "'move-1'*aborted after 2 s" '-Timeout'
            "$($problem.TargetObject)" | Should -Be 'move-1'
            $result.Outcome | Should -Be 'RolledBack'
            $result.ErrorId | Should -Be 'MigrationTimedOut'
            $result.Verification.RunsOn.Name | Should -Be 'kvm1'
            Assert-Whole move-1 -On kvm1
            Invoke-Virsh $lab.Kvm2 domstate move-1 | Should -Match 'failed to get domain'
        }

        It 'is shown in a table with what matters' {
            $result = Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2
            $table = Get-Shown $result
            $table | Should -Match 'move-1 +Completed +kvm1 +kvm2 +[\d.]+ m?s +\d+ ms +[\d.]+ MiB'
            Get-Shown ($result | Format-List) | Should -Match 'Command +: virsh'
        }
    }

    Context 'Several VMs' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-LabGuest $lab move-3
            }
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Close-Session $session
                'move-1', 'move-2', 'move-3' | ForEach-Object { Reset-LabGuest $lab $_ }
            }
        }

        BeforeEach {
            $session = $null
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-LabGuest $lab move-3
            }
        }

        It 'move by one line from LIBVIRT_DEFAULT_URI to VIRTMIGRATE_DESTINATION, which says which can not' {
            Disconnect-VmHost *
            $env:LIBVIRT_DEFAULT_URI, $env:VIRTMIGRATE_DESTINATION = $lab.Kvm1, $lab.Kvm2
            try {
                $problem = Get-Problem { $script:results = Get-Vm | Start-VmMigration -Live -Parallel 4 }
            }
            finally {
                $env:LIBVIRT_DEFAULT_URI = $env:VIRTMIGRATE_DESTINATION = $null
                $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            }
            Assert-Problem $problem VmNotRunning InvalidOperation "'move-off' is shut off" 'Leave -Live out'
            $problem.TargetObject.Name | Should -Be 'move-off'
            $results.Vm | Sort-Object | Should -Be 'move-1', 'move-2', 'move-3'
            $results.Outcome | Sort-Object -Unique | Should -Be 'Completed'
            $results.Verification.RunsOn.Name | Sort-Object -Unique | Should -Be 'kvm2'
            Invoke-Virsh $lab.Kvm2 domstate move-off | Should -Match 'failed to get domain'
            'move-1', 'move-2', 'move-3' | ForEach-Object { Assert-Whole $_ -On kvm2 }
        }

        It 'move as many at once as is asked for, and never more' {
            Set-LabLink 300mbit
            $session = Open-Session $lab.Kvm1, $lab.Kvm2
            Start-Script $session 'Get-Vm move-[123] -VmHost kvm1 | Start-VmMigration -Destination kvm2 -Live -ThrottleLimit 2'
            $most = 0
            while (-not $session.Running.IsCompleted) {
                # Those that arrive are paused until they are there.
                $incoming = @((Invoke-Virsh $lab.Kvm2 list --name --state-paused) -split "`n" -ne '')
                $most = [Math]::Max($most, $incoming.Count)
            }
            $run = Wait-Script $session
            $run.Errors | Should -BeNullOrEmpty
            $run.Output.Vm | Sort-Object | Should -Be 'move-1', 'move-2', 'move-3'
            $run.Output.Outcome | Sort-Object -Unique | Should -Be 'Completed'
            $most | Should -Be 2
            'move-1', 'move-2', 'move-3' | ForEach-Object { Assert-Whole $_ -On kvm2 }
        }

        It 'do not begin when the command is stopped while they wait for their turn' {
            Set-LabLink 20mbit
            $session = Open-Session $lab.Kvm1, $lab.Kvm2
            Start-Script $session 'Get-Vm move-[12] -VmHost kvm1 | Start-VmMigration -Destination kvm2 -Live -ThrottleLimit 1'
            Wait-Moving $lab move-1
            Stop-Script $session
            foreach ($name in 'move-1', 'move-2') {
                Invoke-Virsh $lab.Kvm2 domstate $name | Should -Match 'failed to get domain'
                Invoke-Virsh $lab.Kvm1 domjobinfo $name | Should -Match '^Job type: +None'
                Assert-Whole $name -On kvm1
            }
        }
    }

    Context 'Progress' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Close-Session $session
                Reset-LabGuest $lab move-1
            }
        }

        It 'is shown for a VM that moves, and never runs backwards' {
            Set-LabLink 100mbit
            $session = Open-Session $lab.Kvm1, $lab.Kvm2
            $run = Invoke-Script $session 'Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2 -Live'
            $run.Errors | Should -BeNullOrEmpty
            $run.Output.Outcome | Should -Be 'Completed'
            $shown = @($run.Progress | Where-Object { $_.Activity -like '*move-1*' -and $_.RecordType -eq 'Processing' })
            $percents = @($shown.PercentComplete | Where-Object { $_ -ge 0 })
            @($percents | Select-Object -Unique).Count | Should -BeGreaterThan 2
            $percents | Should -Be ($percents | Sort-Object)
            $run.Progress.RecordType | Should -Contain 'Completed'
        }
    }

    Context 'A VM that is shut off' {
        AfterEach {
            if (-not $lab.Obstacle) {
                $null = Invoke-Virsh $lab.Kvm2 undefine move-off
                $null = Invoke-Virsh $lab.Kvm2 undefine move-renamed
            }
        }

        It 'moves its definition, and keeps it at its source' {
            $result = Start-VmMigration move-off -VmHost kvm1 -Destination kvm2 -Offline
            $result.Outcome | Should -Be 'Completed'
            $result.IsLive | Should -BeFalse
            $result.Verification.RunningInstances | Should -Be 0
            $result.Verification.DefinedOn.Name | Sort-Object | Should -Be 'kvm1', 'kvm2'
            $result.Verification.Message | Should -BeLike '*defined on both hosts*'
            Invoke-Virsh $lab.Kvm2 domstate move-off | Should -Be 'shut off'
            Invoke-Virsh $lab.Kvm1 domstate move-off | Should -Be 'shut off'
            Invoke-Virsh $lab.Kvm2 domuuid move-off | Should -Be "$($result.Uuid)"
        }

        It 'moves offline by itself, since its state decides' {
            $result = Get-Vm move-off -VmHost kvm1 | Start-VmMigration -Destination kvm2
            $result.Outcome | Should -Be 'Completed'
            $result.IsLive | Should -BeFalse
            $result.Command | Should -BeLike '*--offline --persistent*'
            Invoke-Virsh $lab.Kvm2 domstate move-off | Should -Be 'shut off'
        }

        It 'is dropped from its source where that is asked for, there and back' {
            foreach ($way in @('kvm1', 'kvm2'), @('kvm2', 'kvm1')) {
                $from, $to = $way
                $result = Start-VmMigration move-off -VmHost $from -Destination $to -UndefineSource
                $result.Outcome | Should -Be 'Completed'
                $result.Verification.DefinedOn.Name | Should -Be $to
                Invoke-Virsh $lab.$from domstate move-off | Should -Match 'failed to get domain'
            }
        }

        It 'takes another name at the destination where one is given' {
            $result = Start-VmMigration move-off -VmHost kvm1 -Destination kvm2 -NewName move-renamed
            $result.Outcome | Should -Be 'Completed'
            Invoke-Virsh $lab.Kvm2 domstate move-renamed | Should -Be 'shut off'
            Invoke-Virsh $lab.Kvm2 domstate move-off | Should -Match 'failed to get domain'
        }
    }

    Context 'What can not begin' {
        It 'says that there is no such VM, and moves the others' {
            $problem = Get-Problem { Start-VmMigration move-none, move-1 -VmHost kvm1 -Destination kvm2 -WhatIf }
            Assert-Problem $problem VmNotFound ObjectNotFound "no VM 'move-none'" 'Get-Vm -VmHost'
        }

        It 'is silent about a wildcard that fits nothing' {
            Get-Problem { Start-VmMigration 'nothing-*' -VmHost kvm1 -Destination kvm2 } | Should -BeNullOrEmpty
        }

        It 'says that source and destination are one host, whatever they are called' {
            $problem = Get-Problem { Start-VmMigration move-1 -VmHost kvm1 -Destination $lab.Kvm1TLS }
            Assert-Problem $problem DestinationIsSource InvalidArgument 'same host' '-Destination'
        }

        It 'says that no destination follows' {
            Disconnect-VmHost kvm2
            try {
                $problem = Get-Problem { Start-VmMigration move-1 -VmHost kvm1 }
                Assert-Problem $problem DestinationUnknown ObjectNotFound "'move-1' has no destination" '-Destination'
            }
            finally {
                $null = Connect-VmHost $lab.Kvm2
            }
        }

        It 'says that the destination has another VM of that name' {
            $twin = Join-Path $lab.Shared twin.xml
            Set-Content $twin "<domain type='qemu'><name>move-1</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>"
            $null = Invoke-Virsh $lab.Kvm2 define $twin
            try {
                $problem = Get-Problem { Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2 }
                Assert-Problem $problem VmExistsOnDestination ResourceExists "'move-1' on 'kvm2' is another VM" 'virsh undefine'
                Assert-Whole move-1 -On kvm1
            }
            finally {
                $null = Invoke-Virsh $lab.Kvm2 undefine move-1
                Remove-Item $twin
            }
        }

        It 'says that the VM has arrived already, to who knows it as it was before' {
            try {
                New-EmptyVm $lab move-empty
                $before = Get-Vm move-empty -VmHost kvm1
                ($before | Start-VmMigration -Destination kvm2).Outcome | Should -Be 'Completed'
                $problem = Get-Problem { $before | Start-VmMigration -Destination kvm2 }
                Assert-Problem $problem VmExistsOnDestination ResourceExists "on 'kvm2'" 'Test-VmMigrationResult'
                Invoke-Virsh $lab.Kvm2 domstate move-empty | Should -Be 'running'
            }
            finally {
                Remove-EmptyVm $lab move-empty
            }
        }

        It 'says that a VM that runs does not move offline' {
            $problem = Get-Problem { Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2 -Offline }
            Assert-Problem $problem VmNotShutOff InvalidOperation "'move-1' is running" 'Leave -Offline out*virsh -c'
            Assert-Whole move-1 -On kvm1
        }

        It 'says that options do not go together, before it asks a host, and ends the command' {
            {
                Start-VmMigration any -VmHost qemu+tcp://no-such-host.invalid/system -Destination kvm2 -Offline -Live -ErrorAction Continue
            } | Should -Throw -ErrorId 'MigrationOptionInvalid,VirtMigrate.Cmdlets.StartVmMigrationCommand'
            $problem = Get-Problem { Start-VmMigration any -Tunnelled -Parallel 4 }
            Assert-Problem $problem MigrationOptionInvalid InvalidArgument "don't go together" 'Get-Help Start-VmMigration'
            $problem = Get-Problem { Start-VmMigration any -Offline -Persistent:$false }
            Assert-Problem $problem MigrationOptionInvalid InvalidArgument '-Offline requires -Persistent' 'Get-Help Start-VmMigration'
        }

        It 'says that nothing moves that could be stopped' {
            $problem = Get-Problem { Stop-VmMigration move-1 -VmHost kvm1 }
            Assert-Problem $problem NoMigrationJob ObjectNotFound "VM 'move-1'" 'Get-VmMigrationJob'
        }

        It 'refuses a value of -<Name> that is out of range' -ForEach @{ Name = 'MaxDowntime'; Value = 0 }, @{ Name = 'Timeout'; Value = -1 },
            @{ Name = 'ThrottleLimit'; Value = 0 } {
            $given = @{ $Name = $Value }
            { Start-VmMigration move-1 -VmHost kvm1 @given } |
                Should -Throw -ErrorId 'ParameterArgumentValidationError,VirtMigrate.Cmdlets.StartVmMigrationCommand'
        }

        It 'says that the destination can not be reached, and the VM runs on' {
            $problem = Get-Problem { Start-VmMigration move-1 -VmHost kvm1 -Destination "qemu+tcp://$($lab.Kvm2ADDRESS):9/system" }
            Assert-Problem $problem HostUnreachable ConnectionError 'Connection refused' 'Check that the host is up'
            Assert-Whole move-1 -On kvm1
        }

        It 'says that a policy is not there' {
            $problem = Get-Problem { Start-VmMigration move-1 -VmHost kvm1 -Destination kvm2 -Policy Haste }
            Assert-Problem $problem PolicyNotFound ObjectNotFound "no policy 'Haste'" 'Get-VmMigrationPolicy'
        }
    }
}
