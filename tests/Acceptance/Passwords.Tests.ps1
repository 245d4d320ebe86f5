# Hosts that ask for a password, over the transports that run programs: these have no terminal to ask at, and a password is seen by nobody else.

Describe 'Passwords' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/ToolProcess.psm1"
        $lab = Open-Lab

        function New-Credential([string] $Password) {
            [pscredential]::new('lab', (ConvertTo-SecureString $Password -AsPlainText -Force))
        }

        # Files with a password for the second host. Other tests of this machine may have some for hosts of theirs.
        function Get-PasswordFile {
            Get-ChildItem ([IO.Path]::GetTempPath()) -Directory -Filter vm-* | Get-ChildItem -Filter auth.conf -ErrorAction Ignore |
                Select-String -SimpleMatch "[auth-libvirt-$($lab.Kvm2ADDRESS)]" -List -ErrorAction Ignore
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Disconnect-VmHost *
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A host that asks for one (SASL), over virsh' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-EmptyVm $lab password
                $null = Invoke-Lab auth kvm2 tcp sasl
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                $null = Invoke-Lab auth kvm2 tcp none
                Remove-EmptyVm $lab password
            }
        }

        It 'lets nobody in without the right one: <Given>' -ForEach @{ Given = 'none'; Password = '' }, @{ Given = 'a wrong one'; Password = 'wrong' } {
            $credential = $Password ? @{ Credential = New-Credential $Password } : @{}
            $problem = Get-Problem { $script:found = Connect-VmHost $lab.Kvm2 -Transport Virsh @credential }
            Assert-Problem $problem HostAuthenticationRefused AuthenticationError authentication '-Credential'
            Get-VmHost | Should -BeNullOrEmpty
        }

        It 'takes a VM from one that asks for none, and the password is in no file afterwards' {
            $null = Connect-VmHost $lab.Kvm1 -Transport Virsh
            $null = Connect-VmHost $lab.Kvm2 -Transport Virsh -Credential (New-Credential lab-password)
            $job = Start-VmMigration password -VmHost kvm1 -Destination kvm2 -AsJob
            $seen = while ($job.State -in 'NotStarted', 'Running') {
                Get-PasswordFile
            }
            $seen | Should -Not -BeNullOrEmpty -Because 'virsh itself has to know it'
            $result = Receive-Job $job -Wait -AutoRemoveJob
            $result.Outcome | Should -Be 'Completed'
            $result.Verification.RunsOn | Should -Be 'kvm2'
            Disconnect-VmHost *
            Assert-NoTool $lab
            Get-PasswordFile | Should -BeNullOrEmpty
        }
    }

    Context 'An account that takes passwords only, over ssh' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                # One more ssh server. A key is known for a port.
                $known = [IO.Path]::Combine([IO.Path]::GetDirectoryName($lab.Pki), 'ssh', 'known_hosts')
                $before = Get-Content $known
                $key = $before.Where({ $_.StartsWith("$($lab.Kvm2ADDRESS),") }) -replace '^\S+'
                Add-Content $known "[$($lab.Kvm2ADDRESS)]:2222$key"
                $settings = "ListenAddress=$($lab.Kvm2ADDRESS):2222", 'HostKey=/etc/ssh/ssh_host_ed25519_key', 'PasswordAuthentication=yes',
                    'PubkeyAuthentication=no', 'KbdInteractiveAuthentication=no', 'PermitRootLogin=yes', 'UsePAM=no', 'UseDNS=no',
                    'PidFile=/run/sshd-password.pid'
                $server = [IO.Path]::Combine([IO.Path]::GetDirectoryName($lab.Emulator), 'sshd')
                Edit-LabHost kvm2 "$server -f /dev/null $($settings.ForEach({ "-o $_" }))" 'kill $(cat /run/sshd-password.pid)'
                # The key that other servers take is offered to this one as well.
                $uri = $lab.Kvm2SSH.Replace("@$($lab.Kvm2ADDRESS)/", "@$($lab.Kvm2ADDRESS):2222/")
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                try {
                    Restore-LabHost
                }
                finally {
                    Set-Content $known $before
                }
            }
        }

        It 'is refused, and no question is waited for: <_>' -ForEach 'Virsh', 'Ssh' {
            Assert-Problem (Get-Problem { Connect-VmHost $uri -Transport $_ }) HostAuthenticationRefused AuthenticationError 'Permission denied' 'ssh'
        }
    }
}
