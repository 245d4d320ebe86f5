# A host breaks while a VM moves: the end state is looked up, and what can't be seen is not assumed.

Describe 'A host that breaks' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Session.psm1"
        $lab = Open-Lab

        # The guest moves in somebody else's session.
        function Start-Moving([string] $Option = '-Live') {
            Start-Script $session "Start-VmMigration broken-1 -VmHost '$($lab.Kvm1)' -Destination '$($lab.Kvm2)' $Option"
            Wait-Moving $lab broken-1
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
        $session = $null
        if (-not $lab.Obstacle) {
            $session = Open-Session
            if ((Invoke-Virsh $lab.Kvm1 domstate broken-1) -ne 'running') {
                New-LabGuest $lab broken-1 -Option --dirty, 5
            }
            Set-LabLink 40mbit
        }
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Close-Session $session
            Reset-LabGuest $lab broken-1
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'leaves the VM on the source: the daemon of the source dies and comes back' {
        Start-Moving
        try {
            $null = Invoke-Lab kill kvm1 libvirtd
        }
        finally {
            $null = Invoke-Lab start kvm1
        }
        $ended = Wait-Script $session
        Assert-Problem $ended.Errors MigrationConnectionLost ConnectionError 'as before the migration' 'systemctl status'
        $ended.Output | Should -HaveCount 1
        $ended.Output[0].Outcome | Should -Be 'RolledBack'
        Assert-Whole broken-1 -On kvm1
    }

    It 'leaves the outcome open: the daemon of the destination dies and stays dead' {
        Start-Moving
        try {
            $null = Invoke-Lab kill kvm2 libvirtd
            $ended = Wait-Script $session
        }
        finally {
            $null = Invoke-Lab start kvm2
            # The daemon that came back finds a half that nobody will complete.
            $null = Invoke-Virsh $lab.Kvm2 destroy broken-1
        }
        Assert-Problem $ended.Errors MigrationOutcomeUnknown InvalidResult "connection to 'kvm2' was lost half-way" 'either host until both have answered'
        $ended.Output | Should -HaveCount 1
        $result = $ended.Output[0]
        $result.Outcome | Should -Be 'Unknown'
        $result.ErrorId | Should -Be 'MigrationOutcomeUnknown'
        $result.CanRetry | Should -BeFalse
        $result.Errors[0].ErrorId | Should -Be 'MigrationConnectionLost'
        $result.Errors.Where({ $_.Host -eq 'kvm2' }).Message | Should -Match 'Connection refused'
        "$($result.Verification.SourceInstance.Status)" | Should -BeLike 'running*'
        $result.Verification.DestinationInstance.Error | Should -Match 'Connection refused'
        Assert-Whole broken-1 -On kvm1
    }

    It 'leaves the VM on the source: its QEMU on the destination dies' {
        Start-Moving
        $null = Invoke-Lab kill kvm2 qemu broken-1
        $ended = Wait-Script $session
        # Which of both ends is heard first is a race within libvirt.
        $ended.Errors | Should -HaveCount 1
        $ended.Errors[0].FullyQualifiedErrorId -replace ',.*' | Should -BeIn 'MigrationStreamBroken', 'QemuFailed', 'MigrationFailed'
        "$($ended.Errors[0])" | Should -BeLike '*as before the migration*'
        $ended.Errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*/var/log/libvirt/qemu/*'
        $ended.Output | Should -HaveCount 1
        $result = $ended.Output[0]
        $result.Outcome | Should -Be 'RolledBack'
        $result.CanRetry | Should -BeNullOrEmpty -Because 'why it died is not known'
        $result.Errors.Where({ $_.Host -eq 'kvm2' }).Message | Should -Contain "libvirt's event: stopped (failed)"
        Assert-Whole broken-1 -On kvm1
    }

    It 'does not matter where its link is cut for a few seconds only' {
        Start-Moving
        try {
            $null = Invoke-Lab link kvm2 --down
            Start-Sleep -Seconds 3
        }
        finally {
            $null = Invoke-Lab link kvm2 --up
        }
        Clear-LabLink
        $ended = Wait-Script $session
        $ended.Errors | Should -BeNullOrEmpty
        $ended.Output.Outcome | Should -Be 'Completed'
        Assert-Whole broken-1 -On kvm2
    }

    # The last one, since it may cost the guest.
    It 'does not keep the command waiting: the connections of a migration over several are cut' {
        Start-Moving '-Parallel 4'
        $null = Invoke-Lab exec kvm1 ss -K dst $lab.Kvm2ADDRESS dport ge 49152
        $ended = Wait-Script $session
        # Which of the connections is missed first decides whether the destination hangs, or says that its stream broke, or whether the
        # source's QEMU 7.2 ends, too (util/yank.c), which nobody can prevent from here.
        $ended.Errors | Should -HaveCount 1
        $ended.Output | Should -HaveCount 1
        $ended.Output[0].Outcome | Should -BeIn 'Unknown', 'RolledBack'
        if ((Invoke-Virsh $lab.Kvm1 domstate broken-1) -ne 'running') {
            $ended.Output[0].Outcome | Should -Be 'Unknown'
            return
        }
        # What hangs is ended by hand, as an administrator would do who has seen both hosts.
        if ($ended.Output[0].Outcome -eq 'Unknown') {
            $null = Invoke-Lab kill kvm2 qemu broken-1
            Wait-Until 'the half on the destination is gone' { (Invoke-Virsh $lab.Kvm2 domstate broken-1) -match 'failed to get domain' }
        }
        Assert-Whole broken-1 -On kvm1
    }
}
