# What the Tab key offers of hosts and their VMs. The rest is in OptionCompletion.Tests.ps1, and in TestDriver.Tests.ps1 how names are written.

Describe 'Completion' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Subject

        function Get-Offer([string] $Line) {
            (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText
        }
    }

    Context 'On the lab' {
        BeforeAll {
            $lab = Open-Lab
            if (-not $lab.Obstacle) {
                New-LabGuest $lab tab-1, 'tab two' -Option --off
                $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            }
        }

        BeforeEach {
            Skip-WithoutLab $lab
        }

        AfterAll {
            Close-Lab $lab
        }

        It 'offers connected hosts to every parameter that takes one: <_>' -ForEach 'Get-Vm -VmHost kv', 'Start-VmMigration x -Destination kv',
            'Get-VmHost kv', 'Get-VmMigrationBandwidth kv', 'Test-VmMigrationReadiness x kv' {
            Get-Offer $_ | Should -Be 'kvm1', 'kvm2'
        }

        It 'offers VMs of the connected hosts, quoted where that is needed: <_>' -ForEach 'Get-Vm tab', 'Start-VmMigration tab', 'Measure-VmDirtyRate tab' {
            Get-Offer $_ | Should -Be "'tab two'", 'tab-1'
        }

        It 'offers the disks of the VM that is named' {
            Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
            try {
                New-EmptyVm $lab disks-1 -Off -Devices ((Get-DiskXml /one/a.raw) + (Get-DiskXml /one/b.raw -Target vdb) + (Get-CdromXml /one/c.iso))
                New-EmptyVm $lab disks-2 -Off -Devices (Get-DiskXml /two/d.raw -Target vdc)
                $line = 'Start-VmMigration disks-1 -CopyStorage All -MigrateDisk vda, '
                (TabExpansion2 $line $line.Length).CompletionMatches.ForEach({ "$($_.CompletionText) $($_.ToolTip)" }) |
                    Should -Be 'vda vda: /one/a.raw of disks-1', 'vdb vdb: /one/b.raw of disks-1'
            }
            finally {
                Remove-EmptyVm $lab disks-1, disks-2
            }
        }

        It 'offers what the others have while a host does not answer' {
            function Get-Tip([string] $Line) {
                $found = (TabExpansion2 $Line $Line.Length).CompletionMatches
                ($found | Where-Object ResultType -EQ ParameterValue).ToolTip
            }
            # A daemon that is stopped says nothing; its connections stay.
            $null = Invoke-Lab exec kvm2 pkill -STOP -x libvirtd
            try {
                Get-Tip 'Get-Vm tab-' | Should -Be 'tab-1: shut off (unknown) on kvm1'
                Get-Tip 'Start-VmMigration -VmHost kvm1 -Vm tab-' | Should -Be 'tab-1: shut off (unknown) on kvm1'
                Get-Tip 'Get-Vm -VmHost kvm2 -Name tab-' | Should -BeNullOrEmpty
            }
            finally {
                $null = Invoke-Lab exec kvm2 pkill -CONT -x libvirtd
            }
        }

        It 'tells of each VM where it is' {
            $tips = (TabExpansion2 'Get-Vm tab-' 11).CompletionMatches.ToolTip
            $tips | Should -BeLike 'tab-1*shut off*kvm1*'
        }
    }
}
