# The cmdlets show and do the same over every transport. The contract tests hold the transports themselves to it.

Describe 'Transports' {
    BeforeDiscovery {
        $each = @{ Transport = 'Libvirt'; Way = 'TCP' }, @{ Transport = 'Virsh'; Way = 'TCP' }, @{ Transport = 'Ssh'; Way = 'SSH' }
        # Those that run programs.
        $programs = $each[1..2]
    }

    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab traveller -Option --dirty, 20, --working-set, 60
        }

        function Get-Uri([string] $Number, [string] $Way) {
            $Way -eq 'SSH' ? $lab."Kvm${Number}SSH" : $lab."Kvm$Number"
        }

        # Connects this session to both hosts over a transport, and to no other way. Says where the guest is, and where it is not.
        function Connect-Transport([string] $Transport, [string] $Way) {
            Disconnect-VmHost *
            $null = Connect-VmHost (Get-Uri 1 $Way), (Get-Uri 2 $Way) -Transport $Transport
            $isFirst = (Invoke-Virsh $lab.Kvm1 domstate traveller) -eq 'running'
            [pscustomobject] @{ Here = $isFirst ? 'kvm1' : 'kvm2'; There = $isFirst ? 'kvm2' : 'kvm1'; Uri = $isFirst ? $lab.Kvm1 : $lab.Kvm2 }
        }

        # The guest has moved, runs only there, and has lost nothing.
        function Assert-Arrived($Journey) {
            Assert-Whole traveller -On $Journey.There
            Invoke-Virsh $Journey.Uri domstate traveller --reason | Should -Be 'shut off (migrated)'
        }

        # All that objects say, a line a value, but for what depends on the moment and on how the hosts are reached.
        function Get-Description([scriptblock] $Command) {
            $text = ConvertTo-Json @(& $Command) -Depth 6 -EnumsAsStrings -WarningAction SilentlyContinue
            foreach ($number in 1, 2) {
                foreach ($way in 'SSH', 'TCP') {
                    $uri = ConvertTo-Json (Get-Uri $number $way)
                    $text = $text.Replace($uri.Trim('"'), "<kvm$number>")
                }
                $text = $text.Replace("'<kvm$number>'", "<kvm$number>")
            }
            $moments = '"(\w*Duration|\w*Time|Start|\w*Available\w*|Uri|Transport|IsEncrypted|Ticks)":|' +
                '"(Total)?(Days|Hours|Minutes|(Milli|Micro|Nano)?[Ss]econds)":| [MG]iB|free'
            $text -split "`n" -notmatch $moments
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Clear-LabLink
            Get-Job | Where-Object PSJobTypeName -EQ VmMigration | Remove-Job -Force
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'Over <Transport>' -ForEach $each {
        It 'has a host that tells its transport, and is found by name, address and object' {
            Disconnect-VmHost *
            $uri = Get-Uri 1 $Way
            $found = Connect-VmHost $uri -Transport $Transport
            $hosts = $found, (Get-VmHost $found.Name), (Get-Vm traveller -VmHost $uri).VmHost, (Get-Vm traveller -VmHost $found).VmHost,
                (Get-Vm traveller -VmHost $found.Name).VmHost
            $hosts.Transport | Should -Be (@($Transport) * 5)
            @(Get-VmHost) | Should -HaveCount 1
            $found.IsEncrypted | Should -Be ($Way -ne 'TCP')
            $found.Uri | Should -Be $uri
            Disconnect-VmHost $found
            Get-VmHost | Should -BeNullOrEmpty
        }

        It 'moves a VM that is shut off, which then is no longer there' {
            $null = Connect-Transport $Transport $Way
            New-EmptyVm $lab seam-off -Off
            try {
                $result = Start-VmMigration seam-off -VmHost kvm1 -Destination kvm2 -Offline -UndefineSource
                $result.Outcome | Should -Be 'Completed'
                Invoke-Virsh $lab.Kvm2 domstate seam-off | Should -Be 'shut off'
                Invoke-Virsh $lab.Kvm1 domstate seam-off | Should -Match 'failed to get domain'
                Assert-Problem (Get-Problem { Get-Vm seam-off -VmHost kvm1 }) VmNotFound ObjectNotFound 'seam-off' 'Get-Vm'
                $problem = Get-Problem { Start-VmMigration seam-off -VmHost kvm2 -Destination kvm1 -Live }
                Assert-Problem $problem VmNotRunning InvalidOperation 'seam-off' 'Leave -Live out'
            }
            finally {
                Remove-EmptyVm $lab seam-off
            }
        }

        It 'moves a guest live over four connections, with a limit, and verifies it' {
            $journey = Connect-Transport $Transport $Way
            $result = Start-VmMigration traveller -VmHost $journey.Here -Destination $journey.There -Live -Parallel 4 -MaxDowntime 321
            $verified = $result | Test-VmMigrationResult
            $result.Outcome | Should -Be 'Completed'
            $result.Connections | Should -Be 4
            $result.Command | Should -BeLike '*--parallel-connections 4*'
            $result.Verification.RunningInstances | Should -Be 1
            $result.Transferred | Should -BeGreaterThan 16MB
            $result.Transferred | Should -BeLessThan 4GB
            $result.Downtime.TotalMilliseconds | Should -BeGreaterOrEqual 1
            $result.Downtime | Should -BeLessThan $result.Duration
            $verified.IsVerified | Should -BeTrue
            "$($verified.RunsOn)" | Should -Be $journey.There
            Assert-Arrived $journey
        }
    }

    Context 'Over <Transport>, which runs programs' -ForEach $programs {
        It 'shows hosts, VMs, jobs and reports as libvirt''s own library does' {
            $looks = { Get-VmHost }, { Get-Vm -VmHost kvm1 }, { Get-Vm traveller -VmHost kvm1, kvm2 }, { Get-VmMigrationJob },
                { Test-VmMigrationReadiness traveller -VmHost $here -Destination $there },
                { Test-VmMigrationResult traveller -VmHost $here -Destination $there }
            # What is probed at all depends on the way: where ssh leads to a host, its shell is asked.
            $journey = Connect-Transport Libvirt $Way
            $here, $there = $journey.Here, $journey.There
            $before = $looks.ForEach({ , (Get-Description $_) })
            $null = Connect-Transport $Transport $Way
            $shown = $looks.ForEach({ , (Get-Description $_) })
            $null = Connect-Transport Libvirt $Way
            for ($i = 0; $i -lt $looks.Count; $i++) {
                $after = Get-Description $looks[$i]
                # What the library itself says otherwise a moment later is no matter.
                $lines = $before[$i].Where({ $_ -in $after })
                $lines.Count | Should -BeGreaterThan ($before[$i].Count * 0.9)
                $lines.Where({ $_ -notin $shown[$i] }) | Should -BeNullOrEmpty -Because "$($looks[$i]) shows that by libvirt's library"
                $shown[$i].Count | Should -Be $before[$i].Count
            }
        }

        It 'measures a dirty rate, and an estimate goes by it' {
            $journey = Connect-Transport $Transport $Way
            $rate = Measure-VmDirtyRate traveller -VmHost $journey.Here -Period 1
            $rate.BytesPerSecond | Should -BeGreaterOrEqual 1MB
            $rate.BytesPerSecond | Should -BeLessThan 60MB
            $rate.VmHost.Transport | Should -Be $Transport
            $estimate = Get-VmMigrationEstimate traveller -VmHost $journey.Here -Destination $journey.There -Bandwidth 100MB -DirtyRate $rate
            "$($estimate.Destination)" | Should -Be $journey.There
            $estimate.Verdict | Should -Not -BeNullOrEmpty
        }
    }

    It 'lists, changes and waits for a migration by virsh in the background' {
        $journey = Connect-Transport Virsh TCP
        $null = Invoke-Lab link $journey.Here --rate 150mbit
        try {
            $job = Start-VmMigration traveller -VmHost $journey.Here -Destination $journey.There -Live -AsJob -MaxDowntime 20
            Wait-Leaving $journey.Uri traveller
            $during = Get-VmMigrationJob traveller
            $set = Get-VmMigrationJob traveller | Set-VmMigrationJob -MaxDowntime 25 -Bandwidth 900MB
            foreach ($end in { Disconnect-VmHost $journey.Here }, { Connect-VmHost (Get-VmHost $journey.Here).Uri -Transport Libvirt }) {
                Assert-Problem (Get-Problem $end) HostInUse ResourceBusy 'traveller' 'Wait-VmMigrationJob'
            }
            $limit = Invoke-Virsh $journey.Uri migrate-getmaxdowntime traveller
            $null = Set-VmMigrationJob traveller -VmHost $journey.Here -MaxDowntime 20000
            $done = Wait-VmMigrationJob traveller -VmHost $journey.Here
            $result = Wait-Job $job | Receive-Job
        }
        finally {
            $null = Invoke-Lab link $journey.Here --clear
        }
        $job.Vm | Should -Be 'traveller'
        $during.Status | Should -Be 'Running'
        "$($during.Source) $($during.Destination)" | Should -Be "$($journey.Here) $($journey.There)"
        $during.Transferred | Should -BeGreaterThan 0
        $set.MaxDowntime.TotalMilliseconds | Should -Be 25
        $limit | Should -Be '25'
        $done.Status | Should -Be 'Completed'
        $result.Outcome | Should -Be 'Completed'
        $job.State | Should -Be 'Completed'
        Assert-Arrived $journey
    }

    It 'stops a migration over ssh, and switches the next one to post-copy' {
        $journey = Connect-Transport Ssh SSH
        $null = Invoke-Lab link $journey.Here --rate 80mbit
        try {
            $job = Start-VmMigration traveller -VmHost $journey.Here -Destination $journey.There -Live -AsJob
            Wait-Leaving $journey.Uri traveller
            (Stop-VmMigration traveller -VmHost $journey.Here).Status | Should -Be 'Failed'
            $null = Wait-Job $job
            $null = Get-Problem { $script:result = Receive-Job $job }
            $result.Outcome | Should -Be 'RolledBack'
            Assert-Whole traveller -On $journey.Here

            $job = Start-VmMigration traveller -VmHost $journey.Here -Destination $journey.There -Live -PostCopy -AsJob
            Wait-Leaving $journey.Uri traveller
            (Get-VmMigrationJob traveller | Switch-VmMigrationPostCopy).Phase | Should -Be 'PostCopy'
            ($job | Wait-Job | Receive-Job).Outcome | Should -Be 'Completed'
        }
        finally {
            $null = Invoke-Lab link $journey.Here --clear
        }
        Assert-Arrived $journey
    }
}
