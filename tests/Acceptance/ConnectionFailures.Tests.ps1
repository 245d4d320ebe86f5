# Why a migration fails whose hosts don't reach each other or don't agree on encryption: in libvirt's words, and what to do.

Describe 'Connection failures' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        $ends = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2 }
        if (-not $lab.Obstacle) {
            New-EmptyVm $lab
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'The way of the memory' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Restore-LabHost
            }
        }

        It 'leads to <Way>: <Id>' -ForEach @(
            @{
                Way = 'a name that nobody knows'
                Option = @{ MigrateUri = 'tcp://no-such-host.invalid' }
                Id = 'DestinationNameUnresolvable'
                Message = "Unable to resolve address 'no-such-host.invalid'"
                Action = '/etc/hosts'
            }
            @{
                Way = 'a name that nobody knows, over several connections'
                Option = @{ MigrateUri = 'tcp://no-such-host.invalid'; Parallel = 2 }
                Id = 'DestinationNameUnresolvable'
                Message = 'address resolution failed for no-such-host.invalid'
                Action = '-MigrateUri'
            }
            @{
                Way = 'an address without a route, over several connections'
                Option = @{ MigrateUri = 'tcp://192.0.2.1'; Parallel = 2 }
                Id = 'MigrationPortsBlocked'
                Message = "'192.0.2.1:49152': Network is unreachable"
                Action = 'firewall-cmd'
            }
        ) {
            Assert-Failure $ends $Id ConnectionError $Message $Action -Option $Option
        }

        It 'leads to an address of the hosts'' own network that nobody has' {
            $nobody = "$($lab.Kvm2ADDRESS)9"
            $message = "unable to connect to server at '${nobody}:49152': No route to host"
            Assert-Failure $ends MigrationPortsBlocked ConnectionError $message 'firewall-cmd' -Option @{ MigrateUri = "tcp://$nobody" }
        }

        It 'leads to a port that the destination opens for itself only, and the result says who said so' {
            $message = "unable to connect to server at 'kvm2:49152': Connection refused"
            $result = Assert-Failure $ends MigrationPortsBlocked ConnectionError $message '49152-49215' -Option @{ ListenAddress = '127.0.0.1' }
            $result.Errors[0].End | Should -Be 'Source'
            $result.Errors[0].Host | Should -Be 'kvm1'
            $result.Errors[0].Code | Should -Be 38
        }

        It 'begins at a port that is taken, as was foretold' {
            $option = @{ MigrateUri = "tcp://$($lab.Kvm2ADDRESS):16514"; ListenAddress = $lab.Kvm2ADDRESS }
            $expected = @{ Option = $option; CanRetry = $true; Foretold = 'MigrationPort' }
            $result = Assert-Failure $ends MigrationPortTaken ResourceBusy 'Address already in use' '-ThrottleLimit*ss -ltnp' @expected
            $result.Errors[0].End | Should -Be 'Destination'
        }

        It 'is written as libvirt does not take it' {
            $option = @{ MigrateUri = 'http://kvm2' }
            Assert-Failure $ends MigrationUriInvalid InvalidArgument 'unsupported scheme http' 'tcp://<address of kvm2>' -Option $option
        }

        It 'is not known where the destination calls itself localhost' {
            $null = Connect-VmHost $lab.Kvm2
            try {
                Edit-LabHost kvm2 'hostname localhost' 'hostname kvm2'
                Assert-Failure $ends DestinationNameIsLocalhost InvalidData 'resolved to localhost' 'hostnamectl'
            }
            finally {
                Disconnect-VmHost *
            }
        }
    }

    Context 'The source as a client of the destination' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Disconnect-VmHost *
                Restore-LabHost
            }
        }

        It 'has no password' {
            try {
                $null = Invoke-Lab auth kvm2 tcp sasl
                $secret = ConvertTo-SecureString lab-password -AsPlainText -Force
                $null = Connect-VmHost $lab.Kvm2 -Credential ([pscredential]::new('lab', $secret))
                $expected = @{ Option = @{ PeerToPeer = $true } }
                $result = Assert-Failure $ends SourceCannotConnect ConnectionError 'authentication failed' '-PeerToPeer:$false' @expected
                $result.Errors[0].End | Should -Be 'Source'
            }
            finally {
                $null = Invoke-Lab auth kvm2 tcp none
            }
        }

        It 'does not know the destination''s key' {
            $keys = [IO.Path]::Combine([IO.Path]::GetDirectoryName($lab.Pki), 'ssh', 'known_hosts')
            Edit-LabHost kvm1 "mount --bind /dev/null $keys" "umount $keys"
            $way = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2SSH }
            $expected = @{ Option = @{ PeerToPeer = $true } }
            Assert-Failure $way SourceCannotConnect ConnectionError 'Host key verification failed' '-PeerToPeer:$false' @expected
        }

        It 'does not know the authority of the destination''s certificate' {
            Edit-LabHost kvm1 "mount -t tmpfs none $($lab.Pki)" "umount $($lab.Pki)"
            $way = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2TLS }
            $expected = @{ Option = @{ PeerToPeer = $true } }
            $message = "Cannot read CA certificate '$($lab.Pki)/cacert.pem'"
            Assert-Failure $way SourceCannotConnect ConnectionError $message "as root on 'kvm1': virsh -c" @expected
        }
    }

    Context 'Encryption on which a host insists' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-EmptyVm $lab empty-there -Uri $lab.Kvm2
                Edit-LabHost kvm2 'echo migrate_tls_force = 1 >> /etc/libvirt/qemu.conf' 'sed -i /migrate_tls_force/d /etc/libvirt/qemu.conf' -Restart
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Restore-LabHost
                Remove-EmptyVm $lab empty-there
            }
        }

        It 'is missing: the <End> insists' -ForEach @{ End = 'destination'; Name = 'empty'; From = 'Kvm1'; To = 'Kvm2' },
            @{ End = 'source'; Name = 'empty-there'; From = 'Kvm2'; To = 'Kvm1' } {
            $way = @{ VmHost = $lab.$From; Destination = $lab.$To }
            Assert-Failure $way TlsRequired SecurityError 'only with VIR_MIGRATE_TLS flag' '-Tls' -Name $Name
        }
    }

    Context 'Encryption that is asked for' {
        AfterEach {
            if (-not $lab.Obstacle) {
                Restore-LabHost
            }
        }

        It 'meets a certificate that names another host' {
            # Libvirt gives either end's word, whichever is there first: the source's of the name, or the destination's of the end.
            $expected = @{ Option = @{ Tls = $true; TlsDestination = 'other' } }
            $result = Assert-Failure $ends TlsCertificateInvalid SecurityError '' '-TlsDestination' @expected
            $result.Errors[0].Message | Should -Match 'Certificate does not match the hostname other|Cannot read from TLS channel'
            $result.Errors.Where({ $_.Host -eq 'kvm2' -and $_.Message -eq 'libvirt''s event: stopped (failed)' }) | Should -Not -BeNullOrEmpty
        }

        It 'meets a host without certificates' {
            Edit-LabHost kvm2 'mv /etc/pki/qemu /etc/pki/away' 'mv /etc/pki/away /etc/pki/qemu'
            $expected = @{ Option = @{ Tls = $true } }
            Assert-Failure $ends TlsCredentialsMissing ObjectNotFound 'Unable to access credentials' 'ls -l /etc/pki/qemu' @expected
        }

        It 'meets a certificate of an authority that the host does not know' {
            $other = @'
cd /etc/pki/qemu
cp ca-cert.pem ca-cert.away
certtool --generate-privkey --outfile other.key 2> /dev/null
printf 'cn = other\nca\ncert_signing_key\n' > other.cfg
certtool --generate-self-signed --load-privkey other.key --template other.cfg --outfile ca-cert.pem 2> /dev/null
'@
            Edit-LabHost kvm2 $other 'cd /etc/pki/qemu; mv ca-cert.away ca-cert.pem', 'rm /etc/pki/qemu/other.*'
            $expected = @{ Option = @{ Tls = $true } }
            Assert-Failure $ends TlsCertificateInvalid SecurityError "hasn't got a known issuer" 'openssl verify' @expected
        }
    }
}
