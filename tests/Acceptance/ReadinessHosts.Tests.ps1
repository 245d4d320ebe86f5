# What the checks say of hosts, and of VMs beside what a host has already, and what virsh then does.

Describe 'Readiness of hosts' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        $ends = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2 }

        # virsh is refused in the words that were foretold.
        function Assert-VirshSays($Foretold, [string[]] $Option = @('--persistent'), [string] $Destination = $lab.Kvm2) {
            Assert-Contains (Invoke-Virsh $lab.Kvm1 migrate --live @Option empty $Destination) $Foretold.LibvirtError
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

    Context 'That know a VM by its name or UUID' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                New-EmptyVm $lab
                $own = Invoke-Virsh $lab.Kvm1 dumpxml empty --inactive --migratable
                $uuid = Invoke-Virsh $lab.Kvm1 domuuid empty
            }
        }

        It 'has no other VM of that name or UUID' {
            $report = Get-Report $ends -Category Identity
            $null = Assert-Check $report NameAtDestination
            $null = Assert-Check $report UuidAtDestination
            $null = Assert-Check $report SameHost
        }

        It 'has another VM of that name, which another name evades' {
            Invoke-VirshXml $lab.Kvm2 define $own.Replace($uuid, '8f0e4f0e-6d2c-4c53-9a53-5b1b3c7f0a01')
            try {
                Assert-VirshSays (Assert-Check (Get-Report $ends -Category Identity) NameAtDestination Failed)
                $null = Assert-Check (Get-Report $ends @{ NewName = 'other' } Identity) NameAtDestination
            }
            finally {
                $null = Invoke-Virsh $lab.Kvm2 undefine empty
            }
        }

        It 'has its UUID under another name' {
            Invoke-VirshXml $lab.Kvm2 define $own.Replace('<name>empty<', '<name>old<')
            try {
                Assert-VirshSays (Assert-Check (Get-Report $ends -Category Identity) UuidAtDestination Failed)
            }
            finally {
                $null = Invoke-Virsh $lab.Kvm2 undefine old
            }
        }

        It 'has it running there, or only a definition of it, which gives way' {
            Invoke-VirshXml $lab.Kvm2 define $own
            $null = Invoke-Virsh $lab.Kvm2 start empty
            Assert-VirshSays (Assert-Check (Get-Report $ends -Category Identity) UuidAtDestination Failed)
            $null = Invoke-Virsh $lab.Kvm2 destroy empty
            $null = Assert-Check (Get-Report $ends -Category Identity) UuidAtDestination Warning
            Assert-Moves $ends
        }

        It 'is the host that it is on' {
            $there = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm1 }
            Assert-VirshSays (Assert-Check (Get-Report $there -Category Identity) SameHost Failed) @() $lab.Kvm1
        }

        It 'does not do what options ask for that do not fit: <Names>' -ForEach @(
            @{ Names = '-ZeroCopy'; Option = @{ ZeroCopy = $true }; Flags = '--zerocopy' }
            @{
                Names = '-Parallel, -Tunnelled'
                Option = @{ Parallel = 2; PeerToPeer = $true; Tunnelled = $true }
                Flags = '--parallel', '--parallel-connections', '2', '--p2p', '--tunnelled'
            }
        ) {
            Assert-VirshSays (Assert-Check (Get-Report $ends $Option Options) OptionRules Failed) (@('--persistent') + $Flags)
        }

        It 'does what options ask for that fit' {
            $null = Assert-Check (Get-Report $ends @{ Parallel = 2 } Options) OptionRules
        }

        It 'calls itself localhost, which an address evades' {
            try {
                Edit-LabHost kvm2 'hostname localhost' 'hostname kvm2'
                # A session asks a host for its name once, and this one is to begin here.
                Import-Subject
                Assert-VirshSays (Assert-Check (Get-Report $ends -Category Identity) LocalhostName Failed)
                $null = Assert-Check (Get-Report $ends @{ MigrateUri = "tcp://$($lab.Kvm2ADDRESS)" } Identity) LocalhostName
            }
            finally {
                Import-Subject
            }
        }
    }

    Context 'Of a VM that is shut off' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                New-EmptyVm $lab -Off
            }
        }

        It 'is not moved live' {
            Assert-VirshSays (Assert-Check (Get-Report $ends @{ Live = $true } Identity) VmState Failed)
        }

        It 'is not asked for what only one that runs needs, and the VM moves' {
            $report = Get-Report $ends
            Assert-Checks $report VmState, MachineType, Emulator
            Assert-Checks $report CpuModel, CpuPinning, NumaPinning, CpuInvtsc, Memory, HugePages, VmJob, HypervisorVersion NotApplicable
            Assert-Moves $ends
        }
    }

    It 'have memory for each of two VMs, and not for both' {
        New-EmptyVm $lab
        $change = "sed -e '/^MemFree:/s/[0-9]\+/61440/' -e '/^Cached:/s/[0-9]\+/0/' -e '/^Buffers:/s/[0-9]\+/0/' /proc/meminfo > /run/meminfo; " +
            'mount --bind /run/meminfo /proc/meminfo'
        New-EmptyVm $lab empty2
        try {
            Edit-LabHost kvm2 $change 'umount /proc/meminfo', 'rm /run/meminfo'
            $reports = Get-Vm empty, empty2 -VmHost $lab.Kvm1 | Test-VmMigrationReadiness -Destination $lab.Kvm2 -Category Capacity
            $reports.IsReady | Should -Be $true, $false
            (Assert-Check $reports[1] Memory Failed).Message | Should -BeLike '*Alone the guest would fit.*'
            $alone = Get-Report $ends -Category Capacity -Name empty2
            $alone.IsReady | Should -BeTrue -Because "the checks say: $($alone.Checks -join "`n")"
        }
        finally {
            Remove-EmptyVm $lab empty2
        }
    }

    It 'have the firmware of a VM, or only its source has it' {
        $code, $variables = "$Images/code.fd", "$Images/vars.fd"
        $make = "truncate -s 2M $code; truncate -s 128K $variables"
        $remove = "rm -f $code $variables"
        Edit-LabHost kvm1 $make $remove
        New-EmptyVm $lab -Firmware "<loader readonly='yes' type='pflash'>$code</loader><nvram template='$variables'/>"
        # Over tcp nobody looks at the destination's files, and libvirt's own list has no such firmware.
        $null = Assert-Check (Get-Report $ends -Category Machine) Firmware NotVerified
        $report = Get-Report @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2SSH } -Category Machine
        $report.Obstacles.Id | Should -Be 'Firmware'
        Assert-VirshSays (Assert-Check $report Firmware Failed)

        $change = "$make; cp /etc/libvirt/qemu.conf /run/qemu.conf; echo 'nvram = [ `"${code}:$variables`" ]' >> /etc/libvirt/qemu.conf"
        Edit-LabHost kvm2 $change $remove, 'mv /run/qemu.conf /etc/libvirt/qemu.conf' -Restart
        $null = Assert-Check (Get-Report $ends -Category Machine) Firmware
        Assert-Moves $ends
    }

    It 'have no KVM, which the VM has at its source' {
        if ((Invoke-Virsh $lab.Kvm1 capabilities) -notlike "*<domain type='kvm'*") {
            Set-ItResult -Skipped -Because 'this machine has no KVM, so that libvirt takes no definition with it'
        }
        New-EmptyVm $lab -Off
        Invoke-VirshXml $lab.Kvm1 define (Invoke-Virsh $lab.Kvm1 dumpxml empty).Replace("<domain type='qemu'", "<domain type='kvm'")
        Invoke-Virsh $lab.Kvm1 start empty | Should -BeLike '*started*'
        $null = Assert-Check (Get-Report $ends) KvmAcceleration

        # The machine's own /dev is not to lose anything, so that the host gets another one.
        $change = 'mkdir -p /run/dev; mount -t tmpfs without-kvm /run/dev; ' +
            'cp -a /dev/null /dev/zero /dev/random /dev/urandom /dev/full /dev/ptmx /dev/tty /run/dev; ' +
            'mount --move /run/dev /dev; rm -f /var/cache/libvirt/qemu/capabilities/*.xml'
        $undo = "! grep -q '^without-kvm /run/dev ' /proc/mounts || umount /run/dev", "grep -q '^without-kvm /dev ' /proc/mounts && umount -l /dev",
            'rm /var/cache/libvirt/qemu/capabilities/*.xml'
        Edit-LabHost kvm2 $change $undo -Restart
        $report = Get-Report $ends
        Assert-VirshSays (Assert-Check $report KvmAcceleration Failed)
        Assert-Checks $report MachineType, Emulator
    }

    It 'have too few huge pages' {
        # Both hosts share this machine's pages.
        $pages = '/proc/sys/vm/nr_hugepages'
        function Set-PageCount([int] $Count) {
            $null = Invoke-Lab exec kvm1 sh -c "echo $Count > $pages"
        }
        Edit-LabHost kvm1 "echo 120 > $pages" "echo $(Get-Content $pages) > $pages"
        if ((Get-Content $pages) -ne '120') {
            Set-ItResult -Skipped -Because 'this machine gives no huge pages'
        }
        $mount = 'mkdir -p /run/hugepages; mount -t hugetlbfs none /run/hugepages; cp /etc/libvirt/qemu.conf /run/qemu.conf; ' +
            "echo 'hugetlbfs_mount = `"/run/hugepages`"' >> /etc/libvirt/qemu.conf"
        foreach ($name in 'kvm1', 'kvm2') {
            Edit-LabHost $name $mount 'mv /run/qemu.conf /etc/libvirt/qemu.conf', 'umount -l /run/hugepages' -Restart
        }
        New-EmptyVm $lab -Elements '<memoryBacking><hugepages/></memoryBacking>'
        # 33 of them are in use now.
        Set-PageCount 40
        Assert-VirshSays (Assert-Check (Get-Report $ends -Category Capacity) HugePages Failed)
        Set-PageCount 120
        $null = Assert-Check (Get-Report $ends -Category Capacity) HugePages
        Assert-Moves $ends
    }
}
