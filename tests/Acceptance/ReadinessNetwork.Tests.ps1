# What is foretold of names, addresses and what guests are plugged into, and what libvirt then says.

Describe 'Readiness of the network' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        $ends = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2 }
        $bridge = 'br-ready'
        if (-not $lab.Obstacle) {
            # Where ssh leads to the source, it looks itself.
            $fromShell = @{ VmHost = $lab.Kvm1SSH; Destination = $lab.Kvm2 }
        }

        # A bridge that guests are plugged into.
        function Add-Bridge([string] $VmHost, [int] $Mtu) {
            Edit-LabHost $VmHost "ip link add $bridge mtu $Mtu type bridge; ip link set $bridge up" "ip link del $bridge"
        }

        # An interface that guests are plugged into.
        function Add-Interface([string] $VmHost, [int] $Mtu) {
            Edit-LabHost $VmHost "ip link add mv-ready mtu $Mtu type veth peer name mv-peer; ip link set mv-ready up" 'ip link del mv-ready'
        }

        # A network of libvirt, defined and not started.
        function Add-Network([string] $VmHost) {
            $xml = "<network><name>ready</name><forward mode='bridge'/><bridge name='$bridge'/></network>"
            $undo = 'virsh -q net-destroy ready 2> /dev/null || true', 'virsh -q net-undefine ready', 'rm /run/ready.xml'
            Edit-LabHost $VmHost "echo `"$xml`" > /run/ready.xml; virsh -q net-define /run/ready.xml" $undo
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Remove-EmptyVm $lab
            Restore-LabHost
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'finds one after the other what the destination lacks, which libvirt refuses, until all is there' {
        Add-Bridge kvm1 1400
        Add-Interface kvm1 1400
        Add-Network kvm1
        $null = Invoke-Lab exec kvm1 virsh -q net-start ready
        New-EmptyVm $lab -Devices @"
<interface type='network'><source network='ready'/></interface>
<interface type='bridge'><source bridge='$bridge'/></interface>
<interface type='direct'><source dev='mv-ready' mode='bridge'/></interface>
"@
        $report = Get-Report $ends -Category Network
        Assert-Checks $report Bridges, DirectInterfaces Failed
        $check = Assert-Check $report Networks Failed
        Assert-Failure $ends NetworkMissing ObjectNotFound "no network with matching name 'ready'" 'net-dumpxml ready > net.xml' $check

        Add-Network kvm2
        $check = Assert-Check (Get-Report $ends -Category Network) Networks Failed
        Assert-Failure $ends NetworkInactive InvalidOperation "network 'ready' is not active" 'net-start ready' $check

        # libvirt starts a network whose bridge is not there.
        $null = Invoke-Lab exec kvm2 virsh -q net-start ready
        $report = Get-Report $ends -Category Network
        $null = Assert-Check $report Networks
        $check = Assert-Check $report Bridges Failed
        Assert-Failure $ends BridgeMissing ObjectNotFound "Cannot get interface MTU on '$bridge'" 'ip link show type bridge' $check

        Add-Bridge kvm2 1400
        $report = Get-Report $ends -Category Network
        $null = Assert-Check $report Bridges
        $check = Assert-Check $report DirectInterfaces Failed
        Assert-Failure $ends HostInterfaceMissing ObjectNotFound 'Unable to get index for interface mv-ready' 'ip -brief link' $check

        Add-Interface kvm2 1300
        $report = Get-Report $ends -Category Network
        $null = Assert-Check $report DirectInterfaces
        $null = Assert-Check $report NetworkMtu Warning
        $null = Invoke-Lab exec kvm2 ip link set mv-ready mtu 1400
        $null = Assert-Check (Get-Report $ends -Category Network) NetworkMtu
        Assert-Moves $ends
    }

    It 'finds a definition that tells the guest another frame size' {
        Add-Bridge kvm1 1500
        Add-Bridge kvm2 1500
        New-EmptyVm $lab -Devices "<interface type='bridge'><source bridge='$bridge'/><mtu size='1400'/></interface>"
        $option = @{ DestinationXml = (Invoke-Virsh $lab.Kvm1 dumpxml empty --migratable).Replace('1400', '1300') }
        $check = Assert-Check (Get-Report $ends $option Network) NetworkMtu Failed
        $message = 'Target network card MTU 1300 does not match source 1400'
        Assert-Failure $ends NetworkMtuMismatch InvalidData $message 'mtu' $check -Option $option
    }

    It 'finds a host name that the source does not know' {
        New-EmptyVm $lab
        $null = Assert-Check (Get-Report $fromShell -Category Network) HostNameResolves
        Edit-LabHost kvm1 'cp /etc/hosts /etc/hosts.away; sed -i /kvm2/d /etc/hosts' 'mv /etc/hosts.away /etc/hosts'
        foreach ($case in @{ Option = @{}; Message = "Unable to resolve address 'kvm2' service '49152'" },
            @{ Option = @{ Parallel = 2 }; Message = 'address resolution failed for kvm2' }) {
            $check = Assert-Check (Get-Report $fromShell $case.Option Network) HostNameResolves Failed
            Assert-Failure $fromShell DestinationNameUnresolvable ConnectionError $case.Message '-MigrateUri' $check -Option $case.Option
        }
        # Over tcp, nobody sees how the source reads a name.
        $null = Assert-Check (Get-Report $ends @{ MigrateUri = "tcp://$($lab.Kvm2ADDRESS)" } Network) HostNameResolves
        $null = Assert-Check (Get-Report $ends -Category Network) HostNameResolves NotVerified
    }

    Context 'Of addresses that lead nowhere' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $bothShells = @{ VmHost = $lab.Kvm1SSH; Destination = $lab.Kvm2SSH }
            }
        }

        It 'finds -<Name> <Value>' -ForEach @(
            @{
                Name = 'MigrateUri'; Value = 'tcp://192.0.2.1'; Check = 'HostReachable'; Action = 'firewall-cmd'
                Id = 'MigrationPortsBlocked'; Category = 'ConnectionError'; Message = "'192.0.2.1:49152': Network is unreachable"
            }
            @{
                Name = 'MigrateUri'; Value = 'http://kvm2'; Check = 'MigrateUri'; Action = 'tcp://'
                Id = 'MigrationUriInvalid'; Category = 'InvalidArgument'; Message = 'unsupported scheme http'
            }
            @{
                Name = 'ListenAddress'; Value = '127.0.0.1'; Check = 'ListenAddress'; Action = '49152-49215'
                Id = 'MigrationPortsBlocked'; Category = 'ConnectionError'; Message = 'Connection refused'
            }
            @{
                Name = 'ListenAddress'; Value = '192.0.2.1'; Check = 'ListenAddress'; Action = 'ip -brief address'; IsSeenThere = $true
                Id = 'ListenAddressInvalid'; Category = 'InvalidArgument'; Message = 'Cannot assign requested address'
            }
        ) {
            New-EmptyVm $lab
            $way = $IsSeenThere ? $bothShells : $fromShell
            $option = @{ $Name = $Value }
            $foretold = Assert-Check (Get-Report $way $option Network) $Check Failed
            Assert-Failure $way $Id $Category $Message $Action $foretold -Option $option
        }
    }
}
