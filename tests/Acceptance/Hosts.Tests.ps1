# Connect-VmHost, Get-VmHost and Disconnect-VmHost against two real hosts.

Describe 'Hosts' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
    }

    BeforeEach {
        Skip-WithoutLab $lab
        Disconnect-VmHost * -ErrorAction SilentlyContinue
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'Connecting' {
        It 'tells of a host what virsh tells, over <Way>' -ForEach @{ Way = 'TCP' }, @{ Way = 'its own socket' }, @{ Way = 'TLS' }, @{ Way = 'SSH' } {
            $uri = switch ($Way) {
                TCP { $lab.Kvm1 }
                'its own socket' { "qemu+unix:///system?socket=$((Get-LabVariable).LAB_HOST1_ROOT)/run/libvirt/libvirt-sock" }
                default { $lab."Kvm1$Way" }
            }
            $found = Connect-VmHost $uri
            Assert-Declared $found Connect-VmHost
            $found.Name | Should -Be (Invoke-Virsh $lab.Kvm1 hostname)
            $node = Invoke-Virsh $lab.Kvm1 nodeinfo
            $node | Should -Match "CPU\(s\): +$($found.CpuCount)\b"
            $node | Should -Match "Memory size: +$($found.Memory / 1KB) KiB"
            $version = Invoke-Virsh $lab.Kvm1 version --daemon
            $version | Should -Match "Running hypervisor: QEMU $($found.HypervisorVersion)\b"
            $version | Should -Match "Running against daemon: $($found.LibvirtVersion)\b"
            Invoke-Virsh $lab.Kvm1 capabilities | Should -Match "<uuid>$($found.Uuid)</uuid>"
            $found.IsConnected | Should -BeTrue
            $found.IsEncrypted | Should -Be ($Way -in 'TLS', 'SSH')
        }

        It 'uses the transport <_> that is asked for' -ForEach 'Libvirt', 'Virsh' {
            $found = Connect-VmHost $lab.Kvm1 -Transport $_
            $found.Transport | Should -Be $_
            $found.Name | Should -Be 'kvm1'
        }

        It 'takes several hosts, also from the pipeline and as objects' {
            (Connect-VmHost $lab.Kvm1, $lab.Kvm2).Name | Should -Be 'kvm1', 'kvm2'
            ($lab.Kvm2, $lab.Kvm1 | Connect-VmHost).Name | Should -Be 'kvm2', 'kvm1'
            (Get-VmHost | Connect-VmHost).Name | Sort-Object | Should -Be 'kvm1', 'kvm2'
            ([pscustomobject]@{ ComputerName = $lab.Kvm1 } | Connect-VmHost).Name | Should -Be 'kvm1'
        }

        It 'keeps one connection a host and knows it by its name from then on' {
            $first = Connect-VmHost $lab.Kvm1
            (Connect-VmHost kvm1).Uri | Should -Be $first.Uri
            @(Get-VmHost) | Should -HaveCount 1
        }

        It 'says that <Text> is no host' -ForEach @{ Text = 'not a host' }, @{ Text = '-oProxyCommand=id' } {
            $problem = Get-Problem { Connect-VmHost $Text }
            Assert-Problem $problem HostAddressInvalid InvalidArgument "'$Text' is neither a host name nor a libvirt URI" 'root@kvm2'
            $problem.TargetObject | Should -Be $Text
        }

        It 'says which host can not be reached, and goes on with the others' {
            $dead = "qemu+tcp://$($lab.Kvm1ADDRESS):9/system"
            $problem = Get-Problem { $script:found = Connect-VmHost $dead, $lab.Kvm2 }
            Assert-Problem $problem HostUnreachable ConnectionError 'Connection refused' "virtproxyd*virsh -c $dead hostname"
            $problem.TargetObject | Should -Be $dead
            (Get-VmHost).Name | Should -Be 'kvm2'
        }

        It 'says that nobody knows the name of a host' {
            $unknown = 'qemu+tcp://no-such-host.invalid/system'
            $problem = Get-Problem { Connect-VmHost $unknown }
            Assert-Problem $problem HostUnreachable ConnectionError 'no-such-host.invalid' "virsh -c $unknown hostname"
        }

        It 'says that the library is not there, where it is asked for' {
            # It is hidden from one process by a mount that nobody else sees.
            $hide = 'mount --bind /dev/null "$(ldconfig -p | sed -n "s/.*libvirt\.so\.0 .*=> //p")" && exec "$@"'
            $script = "Import-Module '$((Get-Module VirtMigrate).ModuleBase)'; " +
                'Connect-VmHost test:///default -Transport Libvirt; $Error[0].FullyQualifiedErrorId; $Error[0].ErrorDetails.RecommendedAction'
            $words = @(Get-PowerShellCommand).Where({ $_ }) + @('-NoProfile', '-NonInteractive', '-Command', $script)
            $said = (& env unshare --mount sh -c $hide sh @words 2>&1) -join "`n"
            $said | Should -Match '(?m)^LibvirtMissing,'
            $said | Should -BeLike '*libvirt.so.0*libvirt0*'
        }

        It 'says that a key was not accepted, at once and without a question' {
            $uri = "qemu+ssh://nobody-known@$($lab.Kvm1ADDRESS)/system?" + ($lab.Kvm1SSH -split '\?', 2)[1]
            $problem = Get-Problem { Connect-VmHost $uri }
            Assert-Problem $problem HostAuthenticationRefused AuthenticationError 'Permission denied' 'ssh-copy-id'
        }

        It 'says that a host''s key is not known, at once and without a question' {
            $problem = Get-Problem { Connect-VmHost "qemu+ssh://root@$($lab.Kvm1ADDRESS)/system" }
            Assert-Problem $problem HostCertificateInvalid SecurityError 'Host key verification failed' "fingerprint of the host's key"
        }

        It 'says that there are no certificates' {
            $problem = Get-Problem { Connect-VmHost "qemu+tls://$($lab.Kvm1ADDRESS)/system?pkipath=/nonexistent" }
            Assert-Problem $problem HostCertificateInvalid SecurityError '/nonexistent' 'pkipath'
        }

        It 'answers a host that asks for a password from -Credential' {
            $null = Invoke-Lab auth kvm2 tcp sasl
            try {
                Assert-Problem (Get-Problem { Connect-VmHost $lab.Kvm2 }) HostAuthenticationRefused AuthenticationError authentication '-Credential'
                $wrong = [pscredential]::new('lab', (ConvertTo-SecureString 'wrong' -AsPlainText -Force))
                $problem = Get-Problem { Connect-VmHost $lab.Kvm2 -Credential $wrong }
                Assert-Problem $problem HostAuthenticationRefused AuthenticationError authentication '-Credential'
                $secret = ConvertTo-SecureString 'lab-password' -AsPlainText -Force
                $found = Connect-VmHost $lab.Kvm2 -Credential ([pscredential]::new('lab', $secret))
                $found.Name | Should -Be 'kvm2'
                (Get-Vm -VmHost kvm2) | Should -BeNullOrEmpty
            }
            finally {
                Disconnect-VmHost *
                $null = Invoke-Lab auth kvm2 tcp none
            }
        }

        It 'tells what it does with -Verbose' {
            $said = Connect-VmHost $lab.Kvm1 -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
            "$said" | Should -BeLike "*$($lab.Kvm1)*"
        }
    }

    Context 'Showing' {
        It 'shows nothing where nothing is connected' {
            Get-VmHost | Should -BeNullOrEmpty
        }

        It 'finds hosts by name, wildcard, address and object' {
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            Assert-Declared (Get-VmHost) Get-VmHost
            (Get-VmHost kvm2).Uri | Should -Be $lab.Kvm2
            (Get-VmHost 'kvm*').Name | Sort-Object | Should -Be 'kvm1', 'kvm2'
            (Get-VmHost $lab.Kvm1).Name | Should -Be 'kvm1'
            (Get-VmHost kvm1 | Get-VmHost).Name | Should -Be 'kvm1'
            Get-VmHost 'nothing*' | Should -BeNullOrEmpty
        }

        It 'says that a host is not connected' {
            $problem = Get-Problem { Get-VmHost kvm9 }
            Assert-Problem $problem HostNotConnected ObjectNotFound "not connected to 'kvm9'" 'Connect-VmHost kvm9'
            $problem.TargetObject | Should -Be 'kvm9'
        }

        It 'shows name, versions and size in a table, and the address in a list' {
            $found = Connect-VmHost $lab.Kvm1
            $table = Get-Shown $found
            $table | Should -Match "kvm1 .*QEMU $($found.HypervisorVersion)"
            $table | Should -Match "\b$($found.LibvirtVersion)\b"
            Get-Shown ($found | Format-List) | Should -Match ([regex]::Escape($lab.Kvm1))
        }

        It 'opens a connection again that was lost meanwhile' {
            $null = Connect-VmHost $lab.Kvm1
            $null = Invoke-Lab kill kvm1 libvirtd
            $null = Invoke-Lab start kvm1
            Get-Problem { $script:found = Get-Vm -VmHost $lab.Kvm1; $script:shown = Get-VmHost } | Should -BeNullOrEmpty
            $shown.IsConnected | Should -BeTrue
        }

        It 'tells of a host whose daemon is dead, and finds it again when it lives' {
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            $null = Invoke-Lab kill kvm2 libvirtd
            try {
                $problem = Get-Problem { Get-Vm -VmHost kvm2, kvm1 }
                Assert-Problem $problem HostUnreachable ConnectionError 'Connection refused' 'virtproxyd'
                (Get-VmHost kvm2).IsConnected | Should -BeFalse
                (Get-VmHost kvm1).IsConnected | Should -BeTrue
                # Its ssh server lives, and that is all.
                $problem = Get-Problem { Connect-VmHost $lab.Kvm2SSH }
                Assert-Problem $problem HostUnreachable ConnectionError 'End of file while reading data' 'virtproxyd'
            }
            finally {
                $null = Invoke-Lab start kvm2
            }
            Get-Vm -VmHost kvm2 | Should -BeNullOrEmpty
            (Get-VmHost kvm2).IsConnected | Should -BeTrue
        }
    }

    Context 'Disconnecting' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            }
        }

        It 'emits nothing and closes what is named' {
            Disconnect-VmHost kvm1 | Should -BeNullOrEmpty
            (Get-VmHost).Name | Should -Be 'kvm2'
        }

        It 'takes wildcards, and hosts from the pipeline' {
            Get-VmHost kvm2 | Disconnect-VmHost
            (Get-VmHost).Name | Should -Be 'kvm1'
            Disconnect-VmHost 'kvm*'
            Get-VmHost | Should -BeNullOrEmpty
        }

        It 'closes nothing with -WhatIf' {
            Disconnect-VmHost * -WhatIf
            @(Get-VmHost) | Should -HaveCount 2
        }

        It 'says that a host is not connected, and closes the others' {
            $problem = Get-Problem { Disconnect-VmHost kvm9, kvm1 }
            Assert-Problem $problem HostNotConnected ObjectNotFound "'kvm9'" 'Get-VmHost'
            (Get-VmHost).Name | Should -Be 'kvm2'
        }
    }
}
