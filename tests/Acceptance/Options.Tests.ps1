# The options of Start-VmMigration that decide how memory moves and which way it takes: they reach QEMU, or are refused with a reason.

Describe 'Options' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/DaemonTrace.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            # One whose memory is limited, in name only: RDMA wants to see a limit; for zero copy, libvirt allows QEMU to lock as much, else the
            # guest's whole memory, which takes a right that root in a container lacks.
            New-EditedGuest $lab limited -Option --dirty, 16, --working-set, 20 -Edit {
                param($domain)
                $limit = $domain.OwnerDocument.CreateElement('memtune')
                $limit.InnerXml = "<hard_limit unit='KiB'>4096</hard_limit>"
                $domain.InsertBefore($limit, $domain['memory'])
            }
            New-LabGuest $lab plain -Option --disk, shared
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }

        # Begins to move a guest to the other host, and returns when memory moves.
        function Start-Move([string] $Name, [hashtable] $With) {
            $script:way = New-LabWay $lab $Name
            $script:job = Start-VmMigration $Name -VmHost $way.From -Destination $way.To -Live -AsJob @With
            Wait-Leaving $way.FromUri $Name
        }

        # It arrives, however little bandwidth it was given so far.
        function Complete-Move([string] $Name, [string[]] $Speed = '1000') {
            $null = Invoke-Virsh $way.FromUri migrate-setspeed $Name @Speed
            $result = Receive-Job $job -Wait
            $result.Outcome | Should -Be 'Completed'
            Assert-Whole $Name -On $way.To
            $result
        }

        # Refused by libvirt or QEMU, whose reason a user sees; the guest stays where it is.
        function Assert-Refused([string] $Name, [hashtable] $With, [string[]] $Reason) {
            $problem = @(Get-Problem { Start-VmMigration $Name -VmHost kvm1 -Destination kvm2 -SkipCheck All @With })
            $problem | Should -HaveCount 1
            # Of two hosts, either may be the first to say it.
            $Reason.Where({ "$problem".Contains($_, 'Ordinal') }) | Should -Not -BeNullOrEmpty -Because "$problem"
            $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            Invoke-Virsh $lab.Kvm2 domstate $Name | Should -Match 'failed to get domain'
            Assert-Whole $Name -On kvm1
        }
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Get-Job | Where-Object PSJobTypeName -EQ VmMigration | Remove-Job -Force
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'That do not fit, which is said before a host is asked' {
        It 'refuses <Options>' -ForEach @(
            @{ Options = '-Compression lzo'; Reason = "-Compression can't be 'lzo', only mt, xbzrle, zlib, zstd." }
            @{ Options = '-MigrateDisk vda'; Reason = '-MigrateDisk requires -CopyStorage.' }
            @{ Options = "-CopyStorage All -MigrateDisk 'vda,vdb'"; Reason = "'vda,vdb' is one with a comma in it" }
            @{ Options = '-Tls -Parallel 2 -ZeroCopy'; Reason = '-ZeroCopy and -Tls exclude each other.' }
            @{ Options = '-Bandwidth 1KB'; Reason = '-Bandwidth must be at least 1048576.' }
        ) {
            $command = "Start-VmMigration any -VmHost qemu+tcp://no-such-host.invalid/system -Destination qemu+tcp://none.invalid/system $Options"
            $problem = Get-Problem ([scriptblock]::Create($command))
            Assert-Problem $problem MigrationOptionInvalid InvalidArgument $Reason 'Get-Help Start-VmMigration'
        }

        It 'refuses a definition that is none: <Definition>' -ForEach @(
            @{ Definition = '/no/such/file.xml'; Reason = "The definition can't be read: Could not find" }
            @{ Definition = '<domain><name>a</domain>'; Reason = 'The definition is not valid XML: ' }
            @{ Definition = '<network/>'; Reason = 'The XML is a <network>, not a <domain>.' }
        ) {
            $problem = @(Get-Problem { Start-VmMigration any -VmHost qemu+tcp://no-such-host.invalid/system -DestinationXml $Definition })
            $problem | Should -HaveCount 1
            $problem[0].FullyQualifiedErrorId | Should -Match '^ParameterArgumentTransformationError,VirtMigrate\.'
            $problem[0].CategoryInfo.Category | Should -Be 'InvalidData'
            "$problem" | Should -BeLike "*$Reason*as virsh dumpxml prints it*"
        }
    }

    Context 'That libvirt or QEMU refuses' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                Reset-LabGuest $lab limited
                Reset-LabGuest $lab plain
            }
        }

        BeforeEach {
            Skip-WithoutLab $lab
        }

        It 'shows the reason: <Reason>' -ForEach @(
            @{ With = @{ Direct = $true; MigrateUri = 'tcp://kvm2' }; Reason = 'direct migration is not supported by the source host' }
            @{ With = @{ RdmaPinAll = $true; MigrateUri = 'rdma://kvm2' }; Reason = 'cannot start RDMA migration with no memory hard limit set' }
            @{ With = @{ CopyStorage = 'All'; MigrateDisk = 'vdz' }; Reason = 'disk target vdz not found' }
            @{ With = @{ CopyStorage = 'All' }; Reason = 'Whether both hosts reach the same storage' }
            @{ With = @{ ListenAddress = '127.0.0.1' }; Reason = "unable to connect to server at 'kvm2:" }
            @{ With = @{ PersistentXml = '<domain/>' }; Reason = 'missing name information' }
        ) {
            Assert-Refused plain $With $Reason
        }

        It 'shows that a host has no RDMA' {
            Assert-Refused limited @{ RdmaPinAll = $true; MigrateUri = 'rdma://kvm2' } 'RDMA ERROR: could not create rdma event channel'
        }

        It 'says before anything begins that a host is too old: <Reason>' -ForEach @(
            @{ With = @{ CopyStorage = 'All'; MigrateDiskDetectZeroes = 'vda' }; Reason = '-MigrateDiskDetectZeroes needs libvirt 10.9' }
            @{ With = @{ AvailableSwitchoverBandwidth = 1GB }; Reason = '-AvailableSwitchoverBandwidth needs libvirt 11.1' }
            @{ With = @{ Parallel = 2; Compression = 'zstd'; CompressionZstdLevel = 3 }; Reason = '-Compression zstd needs libvirt 9.4' }
            @{ With = @{ Parallel = 2; Compression = 'zlib'; CompressionZlibLevel = 3 }; Reason = '-Compression zlib needs libvirt 9.4' }
            @{ With = @{ Parallel = 2; PostCopy = $true }; Reason = '-PostCopy and -Parallel together need QEMU 10.1 or later' }
        ) {
            $problem = Get-Problem { Start-VmMigration plain -VmHost kvm1 -Destination kvm2 @With }
            Assert-Problem $problem MigrationOptionUnsupported NotImplemented $Reason 'Get-VmHost'
            "$problem" | Should -BeLike "*VM 'plain' can't be migrated like this*"
            "$problem" | Should -BeLike "*'kvm1' has *"
        }
    }

    Context 'Both compressions and auto-converge' {
        BeforeAll {
            # QEMU names its threads after what they do.
            function Get-ThreadCount([string] $VmHost, [string] $Thread) {
                $names = Invoke-Lab exec $VmHost sh -c 'cat /proc/$(cat /run/libvirt/qemu/limited.pid)/task/*/comm'
                @($names -split "`n" -eq $Thread).Count
            }

            if (-not $lab.Obstacle) {
                Start-Move limited @{
                    Bandwidth = 8MB
                    Compression = 'mt', 'xbzrle'
                    CompressionMtLevel = 3
                    CompressionMtThreads = 3
                    CompressionMtDecompressionThreads = 5
                    CompressionXbzrleCache = 16MB
                    AutoConverge = $true
                    AutoConvergeInitial = 70
                    AutoConvergeIncrement = 25
                }
                $parameters = Get-QemuAnswer $way.FromUri limited query-migrate-parameters
                $capabilities = Get-QemuCapability $way.FromUri limited
                $compressing, $decompressing = (Get-ThreadCount $way.From compress), (Get-ThreadCount $way.To decompress)
                $state = { Get-QemuAnswer $way.FromUri limited query-migrate }
                Wait-Until 'pages are sent as what has changed in them' { (& $state).'xbzrle-cache'.pages -gt 0 }
                Wait-Until 'QEMU throttles the guest' { (& $state).'cpu-throttle-percentage' -in 70, 95 }
                $null = Complete-Move limited
                $account = Invoke-Virsh $way.ToUri domjobinfo limited --completed --keep-completed --rawstats
            }
        }

        BeforeEach {
            Skip-WithoutLab $lab
        }

        It 'are switched on' {
            foreach ($one in 'compress', 'xbzrle', 'auto-converge') {
                $capabilities | Should -Contain $one
            }
        }

        It 'compress as hard, by as many threads and with as much of a cache as they are told' {
            $parameters.'compress-level' | Should -Be 3
            $parameters.'compress-threads' | Should -Be 3
            $parameters.'xbzrle-cache-size' | Should -Be 16MB
            $compressing | Should -Be 3
            $decompressing | Should -Be 5
            $account | Should -Match "(?m)^compression_cache: +$(16MB)$"
            $account | Should -Match '(?m)^compression_pages: +[1-9]'
        }

        It 'throttle as hard as they are told' {
            $parameters.'cpu-throttle-initial' | Should -Be 70
            $parameters.'cpu-throttle-increment' | Should -Be 25
        }
    }

    Context 'That decide how memory moves' {
        BeforeEach {
            Skip-WithoutLab $lab
        }

        It 'let post-copy fill <Limit> MB/s of the link' -ForEach @{ Limit = 8 }, @{ Limit = 16 } {
            # Hardly anything has moved when it is switched, and the guest asks for little.
            Start-Move plain @{ Bandwidth = 4MB; PostCopy = $true; PostCopyBandwidth = $Limit * 1MB }
            $parameters = Get-QemuAnswer $way.FromUri plain query-migrate-parameters
            $capabilities = Get-QemuCapability $way.FromUri plain
            $sent = { [long] (Invoke-Lab exec $way.From cat /sys/class/net/eth0/statistics/tx_bytes) }
            $null = Invoke-Virsh $way.FromUri migrate-postcopy plain
            Wait-Until 'the guest asks for pages' { (Get-QemuAnswer $way.FromUri plain query-migrate).ram.'postcopy-requests' -gt 0 }
            $time, $before = [Diagnostics.Stopwatch]::StartNew(), (& $sent)
            Wait-Until 'as much was sent as takes more than a second' { ($script:now = & $sent) - $before -gt 1.5MB * $Limit }
            $rate = ($now - $before) / $time.Elapsed.TotalSeconds / 1MB
            Invoke-Virsh $way.ToUri domstate plain --reason | Should -Be 'running (post-copy)'
            $null = Complete-Move plain --postcopy, 1000

            $capabilities | Should -Contain 'postcopy-ram'
            $parameters.'max-postcopy-bandwidth' | Should -Be ($Limit * 1MB)
            $rate | Should -BeGreaterThan (0.6 * $Limit)
            $rate | Should -BeLessThan (1.4 * $Limit)
        }

        It 'have pages sent from where they lie' {
            Start-Move limited @{ Parallel = 2; ZeroCopy = $true; Bandwidth = 24MB }
            $capabilities = Get-QemuCapability $way.FromUri limited
            $sent = (Get-QemuAnswer $way.FromUri limited query-migrate).ram.'multifd-bytes'
            $null = Complete-Move limited
            $capabilities | Should -Contain 'zero-copy-send'
            $sent | Should -BeGreaterThan 0 -Because 'memory goes over the two connections'
        }

        It 'send memory through the daemons'' connection (-Tunnelled)' {
            Start-Move plain @{ PeerToPeer = $true; Tunnelled = $true; Bandwidth = 16MB }
            # A client of the daemon may have a port of that range itself.
            $to = $lab."$($way.To)ADDRESS"
            $direct = Invoke-Lab exec $way.From ss -Htn state established dst $to '( dport >= :49152 and dport <= :49215 )'
            Wait-Until 'the daemons'' connection carries memory' {
                $sockets = Invoke-Lab exec $way.From ss -Htni state established dst "${to}:16509"
                [regex]::Matches($sockets, 'bytes_sent:(\d+)').Where({ [long] $_.Groups[1].Value -gt 4MB })
            }
            $null = Complete-Move plain
            $direct | Should -BeNullOrEmpty
        }
    }

    Context 'That decide which way memory takes' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                # One more address, which no name and no certificate knows.
                $address = "$($lab.Kvm2ADDRESS)00"
                Reset-LabGuest $lab plain
                $null = Invoke-Lab exec kvm2 ip address add "$address/24" dev eth0
                'kvm1', 'kvm2' | ForEach-Object { Start-DaemonTrace $_ }
            }
        }

        BeforeEach {
            Skip-WithoutLab $lab
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                'kvm1', 'kvm2' | ForEach-Object { Stop-DaemonTrace $_ }
                $null = Invoke-Lab exec kvm2 ip address delete "$address/24" dev eth0
            }
        }

        It 'refuse a destination whose certificate is for another name than it is reached by' {
            $with = @{ Tls = $true; MigrateUri = "tcp://$address" }
            Assert-Refused plain $with 'Certificate does not match the hostname', 'Cannot read from TLS channel'
        }

        It 'lead memory to the address, and viewers to the one, that are given, where the name that is given is in the certificate' {
            Start-Move plain @{
                Tls = $true
                TlsDestination = 'kvm2'
                MigrateUri = "tcp://${address}:49300"
                ListenAddress = $address
                GraphicsUri = 'spice://viewer.example:5999'
                Bandwidth = 16MB
            }
            $sockets = @((Invoke-Lab exec kvm2 ss -Htn state established src "${address}:49300") -split "`n" -ne '')
            $null = Complete-Move plain

            $sockets | Should -HaveCount 1
            # The one before was refused over another port.
            (Get-DaemonCommand kvm2 migrate-incoming)[-1].uri | Should -Be "tcp:${address}:49300"
            $viewers = @(Get-DaemonCommand kvm1 client_migrate_info)
            $viewers | Should -HaveCount 1
            "$($viewers.hostname):$($viewers.port)" | Should -Be 'viewer.example:5999'
        }
    }
}
