# What is foretold of the destination's ports and firewalls, and what libvirt then says.

Describe 'Readiness of ports' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        $ends = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2 }
        $range = 'tcp dport 49152-49215'
        if (-not $lab.Obstacle) {
            $shells = @{ VmHost = $lab.Kvm1SSH; Destination = $lab.Kvm2SSH }
            New-EmptyVm $lab
        }

        function Get-PortReport([hashtable] $Ends, [hashtable] $Option = @{}) {
            Get-Report $Ends $Option Ports, Network
        }

        # Nothing of the migration gets through.
        function Assert-Blocked([hashtable] $Ends, $Foretold, [string] $Reason) {
            $message = "unable to connect to server at 'kvm2:49152': $Reason"
            Assert-Failure $Ends MigrationPortsBlocked ConnectionError $message 'firewall-cmd' $Foretold
        }

        # Has something listen on ports of the second host. What a check has listen for a moment may still be there.
        function Start-Listener([string] $Ports) {
            $program = 'sub listen_on { for (1..20) { my $s = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, LocalPort => $_[0]); ' +
                'return $s if $s; sleep 1 } die } ' +
                "@s = map { listen_on(`$_) } $Ports; open F, q(>), q(/run/listener.ready); sleep 300"
            $start = "rm -f /run/listener.ready; perl -MIO::Socket::INET -e '$program' >/dev/null 2>&1 & echo `$! > /run/listener.pid; " +
                'for i in $(seq 200); do [ -e /run/listener.ready ] && break; sleep 0.1; done'
            Edit-LabHost kvm2 $start 'kill $(cat /run/listener.pid)', 'rm /run/listener.pid'
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Restore-LabHost
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'finds a firewall that drops' {
        Assert-Checks (Get-PortReport $ends) MigrationPort, MigrationPorts, HostReachable
        # Else libvirt learns of the silence after two minutes.
        Edit-LabHost kvm1 'echo 1 > /proc/sys/net/ipv4/tcp_syn_retries' 'echo 6 > /proc/sys/net/ipv4/tcp_syn_retries'
        Set-LabFirewall "$range drop"
        $report = Get-PortReport $ends
        $null = Assert-Check $report MigrationPorts Failed
        Assert-Blocked $ends (Assert-Check $report MigrationPort Failed) 'Connection timed out'
    }

    It 'finds a firewall that says <Rule>' -ForEach @(
        @{ Rule = 'reject'; Reason = 'Connection refused' }
        @{ Rule = 'reject with icmp type host-prohibited'; Reason = 'No route to host' }
        @{ Rule = 'reject with icmp type admin-prohibited'; Reason = 'No route to host' }
        @{ Rule = 'reject with icmp type host-unreachable'; Reason = 'No route to host' }
    ) {
        Set-LabFirewall "$range $Rule"
        $report = Get-PortReport $ends
        $null = Assert-Check $report MigrationPorts Failed
        Assert-Blocked $ends (Assert-Check $report MigrationPort Failed) $Reason
    }

    It 'has the source look itself over ssh, so that a firewall that keeps only it out is seen, even one that resets' {
        $report = Get-PortReport $shells
        (Assert-Check $report MigrationPort).Message | Should -BeLike '*From 10.77.*'
        @((Assert-Check $report MigrationPorts).Evidence.Value) -like 'reached from 10.77.*' | Should -Not -BeNullOrEmpty

        Set-LabFirewall "ip saddr $($lab.Kvm1ADDRESS) $range reject"
        $report = Get-PortReport $shells
        (Assert-Check $report MigrationPorts Failed).Message | Should -BeLike '*a firewall rejects*'
        Assert-Blocked $shells (Assert-Check $report MigrationPort Failed) 'Connection refused'

        Restore-LabHost
        Set-LabFirewall "ip saddr $($lab.Kvm1ADDRESS) $range reject with tcp reset"
        Assert-Blocked $shells (Assert-Check (Get-PortReport $shells) MigrationPorts Failed) 'Connection refused'
    }

    It 'finds that all ports are taken' {
        Start-Listener 49152..49215
        $check = Assert-Check (Get-PortReport $ends) MigrationPorts Failed
        $message = "Unable to find an unused port in range 'migration' (49152-49215)"
        Assert-Failure $ends MigrationPortTaken ResourceBusy $message 'ss -ltnp' $check -CanRetry
    }

    It 'finds no matter in one port that is taken, unless it is asked for' {
        $option = @{ MigrateUri = "tcp://$($lab.Kvm2ADDRESS):49160" }
        Start-Listener 49160..49160
        $null = Assert-Check (Get-PortReport $ends) MigrationPorts
        $null = Assert-Check (Get-PortReport $ends $option) MigrationPort Failed

        Restore-LabHost
        $null = Assert-Check (Get-PortReport $ends $option) MigrationPort
    }

    It 'only warns of a firewall that lets the first ports through, and the VM moves' {
        New-EmptyVm $lab moves
        Set-LabFirewall 'tcp dport 49160-49215 drop'
        $report = Get-Report $ends -Category Ports, Network -Name moves
        Assert-Checks $report MigrationPort, MigrationPorts Warning
        Assert-Moves $ends -Name moves
    }
}
