# Test-VmMigrationResult: what both hosts say of a VM, as a person reads it from virsh list --all.

Describe 'Verification' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab seen-1 -Option --dirty, 5
            New-LabGuest $lab seen-off -Option --off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Reset-LabGuest $lab seen-1
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'says of a VM that did not move that it is where it was' {
        $found = Test-VmMigrationResult seen-1 -VmHost kvm1 -Destination kvm2
        Assert-Declared $found Test-VmMigrationResult
        $found.Outcome | Should -Be 'RolledBack'
        $found.IsVerified | Should -BeFalse
        $found.RunsOn.Name | Should -Be 'kvm1'
        $found.DestinationInstance.Status | Should -BeNullOrEmpty
        Test-VmMigrationResult seen-1 -VmHost kvm1 -Destination kvm2 -Quiet | Should -BeFalse
    }

    It 'says of a VM that moved where it runs and where it is defined, in the words of virsh' {
        $found = Start-VmMigration seen-1 -VmHost kvm1 -Destination kvm2 | Test-VmMigrationResult
        $found.Outcome | Should -Be 'Completed'
        $found.IsVerified | Should -BeTrue
        $found.RunningInstances | Should -Be 1
        $found.RunsOn.Name | Should -Be 'kvm2'
        "$($found.SourceInstance.Status)" | Should -Be (Invoke-Virsh $lab.Kvm1 domstate seen-1 --reason)
        "$($found.DestinationInstance.Status)" | Should -Be (Invoke-Virsh $lab.Kvm2 domstate seen-1 --reason)
        $found.DefinedOn.Name | Sort-Object | Should -Be 'kvm1', 'kvm2'
        $found.Message | Should -Match 'kvm1' -Because 'a VM that is defined twice is pointed out'
        Get-Shown $found | Should -Match 'running \(migrated\)'
        $quiet = Test-VmMigrationResult seen-1 $lab.Kvm2 -VmHost $lab.Kvm1 -Quiet
        $quiet | Should -BeOfType bool
        $quiet | Should -BeTrue
    }

    It 'says of a VM on its way that it is under way' {
        Set-LabLink 40mbit
        $virsh = Start-VirshMigration $lab seen-1
        Wait-Moving $lab seen-1
        $found = Test-VmMigrationResult seen-1 -VmHost kvm1 -Destination kvm2
        Clear-LabLink
        $virsh.WaitForExit()
        $found.IsInProgress | Should -BeTrue
        $found.IsVerified | Should -BeFalse
        "$($found.DestinationInstance.Status)" | Should -BeLike 'paused*' -Because 'so says the guide'
    }

    It 'can not be sure while a host is not seen' {
        $session = Open-Session
        $null = Invoke-Lab kill kvm2 libvirtd
        try {
            $found = Test-VmMigrationResult seen-1 -VmHost kvm1 -Destination kvm2
            $found.DestinationInstance.IsKnown | Should -BeFalse
            $found.DestinationInstance.Error | Should -Match 'Connection refused'
            $found.Outcome | Should -Be 'Unknown'
            $found.SourceInstance.IsExecuting | Should -BeTrue
            $found = Test-VmMigrationResult seen-off -VmHost kvm1 -Destination kvm2
            $found.Outcome | Should -Be 'Unknown'
            "$($found.SourceInstance.Status)" | Should -Be 'shut off (unknown)'

            # A session that has never seen the host knows it by its address.
            $first = (Invoke-Script $session "Test-VmMigrationResult seen-off -VmHost '$($lab.Kvm1)' -Destination '$($lab.Kvm2)'").Output
            $first.Outcome | Should -Be 'Unknown'
            $first.Source.Name | Should -Be 'kvm1'
            "$($first.Destination)" | Should -Be $lab.Kvm2ADDRESS
            $first.Message | Should -Match 'Connection refused'

            # Nobody is left who could know this one.
            $problem = Get-Problem { Test-VmMigrationResult seen-none -VmHost kvm1 -Destination kvm2 }
            Assert-Problem $problem HostUnreachable ConnectionError 'Connection refused' 'Check that the host is up'
        }
        finally {
            $null = Invoke-Lab start kvm2
            Close-Session $session
        }
    }

    It 'says that neither host knows the VM' {
        $problem = Get-Problem { Test-VmMigrationResult seen-none -VmHost kvm1 -Destination kvm2 }
        Assert-Problem $problem VmNotFound ObjectNotFound "'seen-none'" 'Get-Vm'
        $problem.TargetObject | Should -Be 'seen-none'
    }

    It 'says that there is no other host to ask' {
        Disconnect-VmHost *
        try {
            $problem = Get-Problem { Test-VmMigrationResult seen-1 -VmHost $lab.Kvm1 }
            Assert-Problem $problem DestinationUnknown ObjectNotFound "'seen-1'" '-Destination'
        }
        finally {
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }
    }
}
