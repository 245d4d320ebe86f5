# Get-Vm against two real hosts.

Describe 'VMs' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab vm-on -Option --vcpus, 2
            New-LabGuest $lab vm-off -Option --off
            $null = Invoke-Virsh $lab.Kvm1 autostart vm-off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterEach {
        $env:LIBVIRT_DEFAULT_URI = $null
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'tells of <_> what virsh tells' -ForEach 'vm-on', 'vm-off' {
        $vm = Get-Vm $_ -VmHost kvm1
        Assert-Declared $vm Get-Vm
        $info = Invoke-Virsh $lab.Kvm1 dominfo $_
        $info | Should -Match "UUID: +$($vm.Uuid)"
        $info | Should -Match "CPU\(s\): +$($vm.VCpuCount)\b"
        $info | Should -Match "Max memory: +$($vm.MaxMemory / 1KB) KiB"
        $info | Should -Match "Used memory: +$($vm.Memory / 1KB) KiB"
        $info | Should -Match "Persistent: +$($vm.IsPersistent ? 'yes' : 'no')"
        $info | Should -Match "Autostart: +$($vm.Autostart ? 'enable' : 'disable')"
        $info | Should -Match "Id: +$($null -eq $vm.Id ? '-' : $vm.Id)"
        "$($vm.Status)" | Should -Be (Invoke-Virsh $lab.Kvm1 domstate $_ --reason)
        "$($vm.VmHost)" | Should -Be 'kvm1'
    }

    It 'lists all VMs of a host by name, as virsh does' {
        $names = (Invoke-Virsh $lab.Kvm1 list --all --name) -split "`n" | Where-Object { $_ } | Sort-Object
        (Get-Vm -VmHost kvm1).Name | Should -Be $names
        (Get-Vm -VmHost kvm1).Name | Should -Contain 'vm-off'
    }

    It 'lists all VMs also while a QEMU does not answer' {
        try {
            New-EmptyVm $lab vm-fine
            $null = Invoke-Lab exec kvm1 pkill -STOP -f 'guest=vm-on,'
            (Get-Vm -VmHost kvm1 -ErrorAction Stop).Name | Should -Be 'vm-fine', 'vm-off', 'vm-on'
        }
        finally {
            Remove-EmptyVm $lab vm-fine
            $null = Invoke-Lab exec kvm1 pkill -CONT -f 'guest=vm-on,'
        }
        Assert-Whole vm-on -On kvm1
    }

    It 'finds VMs by names, wildcards, UUIDs and states' {
        (Get-Vm VM-ON -VmHost kvm1).Name | Should -Be 'vm-on'
        (Get-Vm vm-off, vm-on -VmHost kvm1).Name | Should -Be 'vm-off', 'vm-on'
        (Get-Vm 'vm-o[mn]' -VmHost kvm1).Name | Should -Be 'vm-on'
        (Get-Vm 'vm-*' -State ShutOff -VmHost kvm1, kvm2).Name | Should -Be 'vm-off'
        (Get-Vm 'vm-*' -State Running, Paused -VmHost kvm1).Name | Should -Be 'vm-on'
        (Get-Vm -Uuid (Get-Vm vm-off -VmHost kvm1).Uuid -VmHost kvm1).Name | Should -Be 'vm-off'
        Get-Vm 'nothing-*' -VmHost kvm1 | Should -BeNullOrEmpty
    }

    It 'reads the hosts that come by the pipeline' {
        (Get-VmHost | Get-Vm 'vm-*').Name | Should -Be 'vm-off', 'vm-on'
        (Get-VmHost kvm2 | Get-Vm 'vm-*') | Should -BeNullOrEmpty
        ($lab.Kvm1 | Get-Vm vm-on).VmHost.Name | Should -Be 'kvm1'
    }

    It 'asks the host of LIBVIRT_DEFAULT_URI where none is named' {
        $env:LIBVIRT_DEFAULT_URI = $lab.Kvm1
        (Get-Vm vm-on).VmHost.Name | Should -Be 'kvm1'
        $env:LIBVIRT_DEFAULT_URI = $lab.Kvm2
        Get-Vm 'vm-*' | Should -BeNullOrEmpty
    }

    It 'reads an object again on its own host' {
        $before = Get-Vm vm-on -VmHost kvm1
        $null = Invoke-Virsh $lab.Kvm1 suspend vm-on
        try {
            $now = $before | Get-Vm
            $before.State | Should -Be 'Running'
            $now.State | Should -Be 'Paused'
            $now.StateReason | Should -Be 'user'
            $now.Uuid | Should -Be $before.Uuid
        }
        finally {
            $null = Invoke-Virsh $lab.Kvm1 resume vm-on
        }
    }

    It 'finds a name on any of several hosts' {
        (Get-Vm vm-on -VmHost kvm2, kvm1 -ErrorAction Stop).VmHost.Name | Should -Be 'kvm1'
    }

    It 'says that a VM that it is to read again is gone' {
        New-LabGuest $lab vm-gone -Option --off
        $gone = Get-Vm vm-gone -VmHost kvm1
        Remove-LabGuest $lab vm-gone
        $problem = Get-Problem { $gone | Get-Vm }
        $problem.FullyQualifiedErrorId | Should -Match '^Vm(NotFound|Gone),'
        $problem.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'shows state, processors, memory and host in a table' {
        $table = Get-Shown (Get-Vm 'vm-*' -VmHost kvm1)
        $table | Should -Match 'vm-on +running \(\w+\) +2 +192 MiB +kvm1'
        $table | Should -Match 'vm-off +shut off'
    }

    It 'refuses a state that there is not before it asks anybody' {
        { Get-Vm -State Asleep } | Should -Throw -ErrorId 'CannotConvertArgumentNoMessage,VirtMigrate.Cmdlets.GetVmCommand'
    }
}
