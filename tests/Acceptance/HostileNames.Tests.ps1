# A name names a VM and an address a host, and never an option, a command or another VM, whatever they look like.

Describe 'Hostile names' {
    BeforeDiscovery {
        $touch = 'touch virtmigrate-was-here'
        $addresses = @(
            "-oProxyCommand=$touch"
            '--help'
            "root@-oProxyCommand=$touch"
            "-oProxyCommand=$touch@10.0.0.1"
            "`$($touch)"
            "10.0.0.1;$touch"
            'qemu+ssh://-oProxyCommand=virtmigrate-was-here/system'
            'qemu+ssh://-oProxyCommand=touch%20virtmigrate-was-here@127.0.0.1:1/system'
            'qemu+ssh://%2DoProxyCommand=touch%20virtmigrate-was-here@127.0.0.1:1/system'
            "qemu+ssh://127.0.0.1:1/system?keyfile=-oProxyCommand=$touch"
            "qemu+ssh://127.0.0.1:1/system?known_hosts=%22%20-oProxyCommand=$touch"
            "qemu+ssh://127.0.0.1:1/system?known_hosts_verify=`$($touch)"
            'qemu+ssh://$(virtmigrate-was-here)@127.0.0.1:1/system'
        )
    }

    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab

        # The file that would be there if any of them were run as a command, in the folder where that command ran.
        $mark = 'virtmigrate-was-here'
        $touch = "touch $mark"

        # Libvirt takes no slash and no line break in them, and XML 1.0 no escape character: the control sequence that one byte of Latin 1 begins
        # is all that is left of those that steer a terminal.
        $names = '--help', "-oProxyCommand=$touch", "`$($touch)", "``$touch``", "a; $touch", "a | $touch & $touch > $mark",
            "it's `"quoted`" \ 'twice'", '  two  blanks  ', "имя 名前 `u{202e}name", "`u{9b}31m red", '$HOME ~ * ? {a,b} !1 #', '%s%n <&> ]]>', '7', 'error: '

        # All at once.
        $moved = "-o'`"`$($touch)``$touch``; $touch | & имя`u{9b}31m"
        $renamed = "--help; $touch '`"`$($touch)"

        # In this process's folders, and where logins to a host begin.
        function Assert-Nothing {
            $roots = Get-LabVariable
            $folders = $PWD.Path, [Environment]::CurrentDirectory, $HOME, '/', [IO.Path]::GetTempPath(),
                "$($roots.LAB_HOST1_ROOT)/var/lib/root", "$($roots.LAB_HOST2_ROOT)/var/lib/root"
            $folders | ForEach-Object { [IO.Path]::Combine($_, $mark) } | Where-Object { Test-Path -LiteralPath $_ } | Should -BeNullOrEmpty
        }

        # Defines a VM that has nothing but a name, and gives its UUID.
        function New-NamedVm([string] $Name) {
            $uuid = "$([guid]::NewGuid())"
            $file = [IO.Path]::GetTempFileName()
            Set-Content $file @"
<domain type='qemu'>
  <name>$([Security.SecurityElement]::Escape($Name))</name>
  <uuid>$uuid</uuid>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices><emulator>$($lab.Emulator)</emulator><controller type='usb' model='none'/><memballoon model='none'/></devices>
</domain>
"@
            $said = Invoke-Virsh $lab.Kvm1 define $file
            Remove-Item $file
            $null = Invoke-Virsh $lab.Kvm1 domname $uuid
            if ($LASTEXITCODE -ne 0) {
                throw "'$Name': $said"
            }
            $defined.Add($uuid)
            $uuid
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

    Context 'Of VMs' {
        BeforeAll {
            $defined = [Collections.Generic.List[string]]::new()
            if (-not $lab.Obstacle) {
                foreach ($name in $names) {
                    $null = New-NamedVm $name
                }
            }
        }

        AfterAll {
            foreach ($uuid in $defined) {
                $null = Invoke-Virsh $lab.Kvm1 undefine $uuid
            }
        }

        It 'are listed, found and inspected: <Transport>' -ForEach @{ Transport = 'Libvirt'; Way = '' }, @{ Transport = 'Virsh'; Way = '' },
            @{ Transport = 'Ssh'; Way = 'SSH' } {
            $from, $to = $lab."Kvm1$Way", $lab."Kvm2$Way"
            $null = Connect-VmHost $from, $to -Transport $Transport
            $all = Get-Vm -VmHost $from
            foreach ($name in $names) {
                $vm = @($all | Where-Object Name -CEQ $name)
                $vm | Should -HaveCount 1 -Because "one VM is called '$name'"
                (Get-Vm -Uuid $vm.Uuid -VmHost $from).Name | Should -BeExactly $name
                $report = $vm | Test-VmMigrationReadiness -Destination $to -Category Identity
                $report.Vm | Should -BeExactly $name
                $report.Uuid | Should -Be $vm.Uuid
            }
            Assert-Nothing
        }

        It 'that steer a terminal are refused by libvirt itself' {
            $file = [IO.Path]::GetTempFileName()
            Set-Content $file "<domain type='qemu'><name>&#27;[31mred</name></domain>"
            Invoke-Virsh $lab.Kvm1 define $file | Should -BeLike '*invalid xmlChar value 27*'
            Remove-Item $file
        }

        It 'go with a guest that is moved and renamed by virsh, and back by ssh' {
            New-LabGuest $lab $moved
            $uuid = Invoke-Virsh $lab.Kvm1 domuuid --domain $moved
            # It is called as the guest is numbered.
            $decoy = New-NamedVm $uuid

            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2 -Transport Virsh
            $there = Get-Vm -VmHost $lab.Kvm1 | Where-Object Name -CEQ $moved | Start-VmMigration -Destination $lab.Kvm2 -Live -NewName $renamed
            $there.Outcome | Should -Be 'Completed'
            $there.Verification.RunningInstances | Should -Be 1
            Assert-Whole $moved -On kvm2
            Invoke-Virsh $lab.Kvm2 domname --domain $uuid | Should -BeExactly $renamed
            $null = Invoke-Virsh $lab.Kvm1 undefine --domain $uuid

            Disconnect-VmHost *
            $null = Connect-VmHost $lab.Kvm1SSH, $lab.Kvm2SSH -Transport Ssh
            $back = Get-Vm -VmHost $lab.Kvm2SSH | Where-Object Name -CEQ $renamed | Start-VmMigration -Destination $lab.Kvm1SSH -Live -NewName $moved
            $back.Outcome | Should -Be 'Completed'
            $back.Verification.RunningInstances | Should -Be 1
            Assert-Whole $moved -On kvm1
            Invoke-Virsh $lab.Kvm1 domname --domain $uuid | Should -BeExactly $moved
            Invoke-Virsh $lab.Kvm1 domstate --domain $decoy | Should -Be 'shut off'
            Assert-Nothing
        }
    }

    Context 'Of hosts' {
        It 'run no command: <_>' -ForEach $addresses {
            foreach ($transport in 'Virsh', 'Ssh') {
                $problem = @(Get-Problem { $script:found = Connect-VmHost $_ -Transport $transport })
                $problem | Should -HaveCount 1
                $problem[0].FullyQualifiedErrorId -replace ',.*' |
                    Should -BeIn 'HostAddressInvalid', 'HostUnreachable', 'HostAuthenticationRefused', 'HostCertificateInvalid', 'LibvirtError'
                $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
                Get-VmHost | Should -BeNullOrEmpty
                Assert-Nothing
            }
        }

        It 'that are options are no addresses at all' {
            $problem = Get-Problem { Connect-VmHost "-oProxyCommand=$touch" -Transport Ssh }
            Assert-Problem $problem HostAddressInvalid InvalidArgument '-oProxyCommand' 'root@kvm2'
        }
    }
}
