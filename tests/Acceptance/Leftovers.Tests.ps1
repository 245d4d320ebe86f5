# Definitions that VMs leave behind where they moved away.

Describe 'Leftover definitions' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2, $lab.Kvm3
        }

        # It runs on kvm3, and was on kvm1 and kvm2 before.
        function New-Scene {
            New-LabGuest $lab left-1
            $null = Invoke-Virsh $lab.Kvm1 migrate --live --persistent left-1 $lab.Kvm2
            $null = Invoke-Virsh $lab.Kvm2 migrate --live --persistent left-1 $lab.Kvm3
            Get-Trace left-1 | Should -Be 'kvm1 shut off, kvm2 shut off, kvm3 running'
        }

        # What each host has of the VM, by virsh's account.
        function Get-Trace([string] $Name) {
            $(foreach ($one in @{ Name = 'kvm1'; Uri = $lab.Kvm1 }, @{ Name = 'kvm2'; Uri = $lab.Kvm2 }, @{ Name = 'kvm3'; Uri = $lab.Kvm3 }) {
                    $state = Invoke-Virsh $one.Uri domstate $Name
                    if ($state -notmatch 'failed to get domain') {
                        "$($one.Name) $state"
                    }
                }) -join ', '
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'That stay where they are' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                New-Scene
                $uuid = (Get-Vm left-1 -VmHost kvm3).Uuid
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-LabGuest $lab left-1
            }
        }

        It 'are refused as what they are, also with <_>' -ForEach '-WhatIf', '-Live', '-SkipCheck All', '' {
            $problem = Get-Problem ([scriptblock]::Create("Start-VmMigration left-1 -VmHost kvm1 -Destination kvm2 $_"))
            Assert-Problem $problem VmRunsElsewhere ResourceExists "The definition of VM 'left-1' on 'kvm1' is a leftover: 'left-1' runs on 'kvm3'." (
                "Move it from there: Start-VmMigration left-1 -VmHost $($lab.Kvm3) -Destination $($lab.Kvm2). To remove the leftover, check that the VM is active on 'kvm3': virsh -c $($lab.Kvm3) domstate $uuid.*" +
                "virsh -c $($lab.Kvm1) undefine $uuid --keep-nvram*")
            $problem.TargetObject.VmHost.Name | Should -Be 'kvm1'
            Get-Trace left-1 | Should -Be 'kvm1 shut off, kvm2 shut off, kvm3 running'
        }

        It 'are not brought to where the VM runs' {
            $problem = Get-Problem { Start-VmMigration left-1 -VmHost kvm1 -Destination kvm3 }
            Assert-Problem $problem VmRunsElsewhere ResourceExists "runs on 'kvm3'" 'There is nothing to move.'
        }

        It 'are shown by Test-VmMigrationReadiness' {
            $report = Test-VmMigrationReadiness left-1 -VmHost kvm1 -Destination kvm2
            $report.IsReady | Should -BeFalse
            $check = $report.Checks | Where-Object Id -EQ RunsElsewhere
            $check.Status | Should -Be 'Failed'
            $check.Message | Should -Be "What 'kvm1' has of the VM is a leftover: the VM is running (migrated) on 'kvm3'."
            $check.Recommendation | Should -BeLike "Move it from there: Start-VmMigration left-1 -VmHost $($lab.Kvm3) -Destination $($lab.Kvm2). *"
            (Test-VmMigrationReadiness left-1 -VmHost kvm3 -Destination kvm2).Checks.Where({ $_.Id -eq 'RunsElsewhere' }).Status | Should -Be 'NotApplicable'
        }

        It 'may be leftovers where a host can not be asked' {
            $null = Invoke-Virsh $lab.Kvm3 destroy left-1
            (Test-VmMigrationReadiness left-1 -VmHost kvm1 -Destination kvm2).Checks.Where({ $_.Id -eq 'RunsElsewhere' }).Status | Should -Be 'Passed'
            $null = Invoke-Lab kill kvm3 libvirtd
            try {
                $report = Test-VmMigrationReadiness left-1 -VmHost kvm1 -Destination kvm2
                $check = $report.Checks | Where-Object Id -EQ RunsElsewhere
                $check.Status | Should -Be 'Warning'
                $check.Message | Should -BeLike "'kvm3' could not be asked whether the VM is active there: *"
                $report.IsReady | Should -BeTrue
                (Test-VmMigrationReadiness left-1 -VmHost kvm1 -Destination kvm2 -Strict).Obstacles.Id | Should -Contain RunsElsewhere
            }
            finally {
                $null = Invoke-Lab start kvm3
            }
        }
    }

    Context 'Of a VM that moves' {
        BeforeEach {
            if (-not $lab.Obstacle) {
                New-Scene
            }
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Remove-LabGuest $lab left-1
            }
        }

        It 'are not moved, and the VM is, in the same command' {
            $results = Get-VmHost | Get-Vm left-1 | Start-VmMigration -Destination kvm2 -ErrorVariable problems -ErrorAction SilentlyContinue
            $results | Should -HaveCount 1
            $results.Source.Name | Should -Be 'kvm3'
            $results.Outcome | Should -Be 'Completed'
            $results.IsLive | Should -BeTrue
            $problems.FullyQualifiedErrorId | Should -Be (, 'VmRunsElsewhere,VirtMigrate.Cmdlets.StartVmMigrationCommand' * 2)
            Get-Trace left-1 | Should -Be 'kvm1 shut off, kvm2 running, kvm3 shut off'
            Assert-Whole left-1 -On kvm2
        }

        It 'follow from the advice: what it says moves the VM' {
            $problem = Get-Problem { Start-VmMigration left-1 -VmHost kvm1 -Destination kvm2 }
            $null = $problem.ErrorDetails.RecommendedAction -match 'Start-VmMigration [^;]+?(?=\. )'
            (& ([scriptblock]::Create($Matches[0]))).Outcome | Should -Be 'Completed'
            $null = $problem.ErrorDetails.RecommendedAction -match 'virsh -c \S+ undefine \S+ --keep-nvram'
            $null = bash -c $Matches[0]
            $LASTEXITCODE | Should -Be 0
            Get-Trace left-1 | Should -Be 'kvm2 running, kvm3 shut off'
        }

        It 'are seen when a VM that ran has moved on since it was listed' {
            $null = Invoke-Virsh $lab.Kvm3 migrate --live --persistent left-1 $lab.Kvm1
            $stale = Get-Vm left-1 -VmHost kvm1
            $null = Invoke-Virsh $lab.Kvm1 migrate --live --persistent left-1 $lab.Kvm3
            $problem = Get-Problem { $stale | Start-VmMigration -Destination kvm2 }
            foreach ($one in $problem, (Get-Problem { $stale | Start-VmMigration -Destination kvm2 -WhatIf })) {
                Assert-Problem $one VmDataAtRisk PermissionDenied "What 'kvm1' has of the VM is a leftover: the VM is running (migrated) on 'kvm3'." 'Move it from there'
            }
            Get-Trace left-1 | Should -Be 'kvm1 shut off, kvm2 shut off, kvm3 running'
        }
    }
}
