# What is foretold of daemons, of the connections to and between them, and of certificates, and what libvirt then says.

Describe 'Readiness of connections' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        $ends = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2 }
        if (-not $lab.Obstacle) {
            $shells = @{ VmHost = $lab.Kvm1SSH; Destination = $lab.Kvm2SSH }
            New-EmptyVm $lab
        }

        function Get-ProtocolReport([hashtable] $Ends, [hashtable] $Option = @{}) {
            Get-Report $Ends $Option Protocol, Ports
        }

        # The destination is not reached, in the words that were foretold.
        function Assert-NotReached([hashtable] $Ends, $Foretold) {
            $problem = Get-Problem { Start-VmMigration empty @Ends -SkipCheck All }
            $problem | Should -HaveCount 1
            Assert-Contains "$problem" $Foretold.LibvirtError
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

    Context 'Encryption' {
        It 'is neither forced nor in the way' {
            $null = Assert-Check (Get-ProtocolReport $shells) TlsForced
            $null = Assert-Check (Get-ProtocolReport $shells @{ Tls = $true }) TlsCertificates
        }

        It 'does not fit a name that is in no certificate' {
            $option = @{ Tls = $true; TlsDestination = 'other' }
            $check = Assert-Check (Get-ProtocolReport $shells $option) TlsCertificates Failed
            $result = Assert-Failure $shells TlsCertificateInvalid SecurityError '' '-TlsDestination' -Option $option
            # libvirt gives either end's word: the source's of the name, or the destination's of the end.
            $result.Errors[0].Message | Should -Match "$([regex]::Escape($check.LibvirtError))|Cannot read from TLS channel"
        }

        It 'lacks the credentials of the destination' {
            $option = @{ Tls = $true }
            Edit-LabHost kvm2 'mv /etc/pki/qemu/server-cert.pem /etc/pki/away' 'mv /etc/pki/away /etc/pki/qemu/server-cert.pem'
            $check = Assert-Check (Get-ProtocolReport $shells $option) TlsCertificates Failed
            Assert-Failure $shells TlsCredentialsMissing ObjectNotFound 'Unable to access credentials' 'ls -l /etc/pki/qemu' $check -Option $option
        }

        It 'is what the destination wants' {
            $change = "sed -i '`$ a migrate_tls_force = 1' /etc/libvirt/qemu.conf"
            Edit-LabHost kvm2 $change 'sed -i /migrate_tls_force/d /etc/libvirt/qemu.conf' -Restart
            $check = Assert-Check (Get-ProtocolReport $shells) TlsForced Failed
            Assert-Failure $shells TlsRequired SecurityError 'only with VIR_MIGRATE_TLS flag' '-Tls' $check
        }
    }

    It 'finds a source that may not connect to the destination' {
        $way = @{ VmHost = $lab.Kvm1SSH; Destination = $lab.Kvm2 }
        $option = @{ PeerToPeer = $true }
        $report = Get-ProtocolReport $way $option
        $null = Assert-Check $report PeerToPeerConnection
        $null = Assert-Check $report ControlPort
        Set-LabFirewall "ip saddr $($lab.Kvm1ADDRESS) tcp dport 16509 reject"
        $report = Get-ProtocolReport $way $option
        $null = Assert-Check $report PeerToPeerConnection Failed
        $check = Assert-Check $report ControlPort Failed
        Assert-Failure $way SourceCannotConnect ConnectionError "16509': Connection refused" '-PeerToPeer:$false' $check -Option $option
    }

    It 'finds a daemon that is down, and one that is up again' {
        $null = Invoke-Lab kill kvm2 libvirtd
        try {
            $report = Get-ProtocolReport $ends
            $null = Assert-Check $report ControlPort Failed
            Assert-NotReached $ends (Assert-Check $report DaemonAnswers Failed)
        }
        finally {
            $null = Invoke-Lab start kvm2
        }
        $null = Assert-Check (Get-ProtocolReport $ends) DaemonAnswers
    }

    It 'finds a certificate of the daemon that is for another name' {
        # One more address, which no name and no certificate of the lab knows.
        $address = "$($lab.Kvm2ADDRESS)00"
        $everywhere = "sed -i 's/^listen_addr/#&/' /etc/libvirt/libvirtd.conf"
        Edit-LabHost kvm2 $everywhere "sed -i 's/^#listen_addr/listen_addr/' /etc/libvirt/libvirtd.conf" -Restart
        Edit-LabHost kvm2 "ip address add $address/24 dev eth0" "ip address delete $address/24 dev eth0"
        $way = @{ VmHost = $lab.Kvm1; Destination = "qemu+tls://$address/system?pkipath=$($lab.Pki)" }
        $check = Assert-Check (Get-ProtocolReport $way) DaemonAnswers Failed
        $check.Message | Should -BeLike '*is for another name*'
        Assert-NotReached $way $check
        $null = Assert-Check (Get-ProtocolReport @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2TLS }) DaemonAnswers
    }
}
