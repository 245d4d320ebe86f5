# A name is the VM that has it, whatever characters are in it.

Describe 'Names' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
        $prod = 'win10 [prod]'
        if (-not $lab.Obstacle) {
            # As a wildcard, the one's name fits the other.
            New-LabGuest $lab 'win10 p' -Option --dirty, 25, --working-set, 60
            New-LabGuest $lab $prod, 'case-vm', 'CASE-vm', '1001', "it's 1" -Option --off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'finds the VM of that name, and not the one that it fits as a wildcard: <_>' -ForEach 'win10 [prod]', 'WIN10 [prod]', 'win10 `[prod`]' {
        (Get-Vm $_ -VmHost kvm1).Name | Should -Be $prod
        (Get-VmHost | Get-Vm $_).Name | Should -Be $prod
        (Test-VmMigrationReadiness $_ -VmHost kvm1 -Destination kvm2 -Category Identity).Vm | Should -Be $prod
        (Test-VmMigrationResult $_ -VmHost kvm1 -Destination kvm2).Vm | Should -Be $prod
        (Get-Problem { Measure-VmDirtyRate $_ -VmHost kvm1 -Period 1 }).TargetObject.Name | Should -Be $prod
    }

    It 'still reads what no VM is called as a wildcard' {
        (Get-Vm 'win10 [pq]' -VmHost kvm1).Name | Should -Be 'win10 p'
        (Get-Vm 'win10*' -VmHost kvm1).Name | Should -Be 'win10 p', 'win10 [prod]'
        (Get-Vm 'win10 `[*' -VmHost kvm1).Name | Should -Be $prod
        Get-Vm 'win11 [prod]' -VmHost kvm1 | Should -BeNullOrEmpty
    }

    It 'reads a name of a row or an object in the same way' {
        $rows = "Vm,VmHost`nwin10 [prod],kvm1" | ConvertFrom-Csv
        ($rows | Test-VmMigrationReadiness -Destination kvm2 -Category Identity).Vm | Should -Be $prod
        $row = [pscustomobject] @{ Name = $prod; Uuid = (Get-Vm 'win10 p' -VmHost kvm1).Uuid; VmHost = 'kvm1' }
        ($row | Test-VmMigrationReadiness -Destination kvm2 -Category Identity).Vm | Should -Be 'win10 p' -Because 'a UUID goes first'
    }

    It 'takes a name of digits as it was typed' {
        (Get-Vm 1001 -VmHost kvm1).Name | Should -Be '1001'
        (Test-VmMigrationReadiness 1001 -VmHost kvm1 -Destination kvm2 -Category Identity).Vm | Should -Be '1001'
    }

    It 'takes the name in its own case, and asks which is meant where there are several others' {
        (Get-Vm CASE-vm -VmHost kvm1).Name | Should -BeExactly 'CASE-vm'
        $problem = Get-Problem { Get-Vm case-VM -VmHost kvm1 }
        Assert-Problem $problem VmNameAmbiguous InvalidArgument "No VM is named exactly 'case-VM', but several are in another case: 'CASE-vm', 'case-vm'" 'Type one of them exactly, in its own case: Get-VmHost | Get-Vm CASE-vm'
        $problem = Get-Problem { Start-VmMigration case-VM -VmHost kvm1 -Destination kvm2 -WhatIf }
        Assert-Problem $problem VmNameAmbiguous InvalidArgument "'CASE-vm', 'case-vm'" 'Type one of them exactly'
        $problem = Get-Problem { Stop-VmMigration case-VM }
        Assert-Problem $problem NoMigrationJob ObjectNotFound "No migration of VM 'case-VM'" 'Get-VmMigrationJob'
    }

    It 'completes a name so that it names its VM only' {
        foreach ($name in $prod, "it's 1", '1001') {
            $line = "Get-Vm '$($name.Substring(0, 3).Replace("'", "''"))"
            $match = (TabExpansion2 $line $line.Length).CompletionMatches | Where-Object ListItemText -EQ $name
            (& ([scriptblock]::Create("Get-Vm $($match.CompletionText) -VmHost kvm1"))).Name | Should -Be $name
        }
    }

    It 'advises commands that can be pasted' {
        $problem = Get-Problem { Start-VmMigration "it's 1" -VmHost kvm1 -Destination kvm2 -Live }
        Assert-Problem $problem VmNotRunning InvalidOperation "it's 1" "virsh -c $($lab.Kvm1) start 'it'`"'`"'s 1'"
        $problem = Get-Problem { Stop-VmMigration $prod }
        Assert-Problem $problem NoMigrationJob ObjectNotFound "No migration of VM 'win10 ``[prod``]'" "Get-Vm 'win10 ``[prod``]'"
    }

    It 'plans the move of the VM of that name, and of no other' {
        $folder = (Resolve-Path "$PSScriptRoot/../../docs/runbooks").Path
        $plan = Join-Path ([IO.Path]::GetTempPath()) "$([guid]::NewGuid()).json"
        try {
            $run = Invoke-Runbook "& '$folder/New-VmMigrationPlan.ps1' '$prod' '$($lab.Kvm1)' '$($lab.Kvm2)' -Path '$plan'"
            (Get-Content -Raw $plan | ConvertFrom-Json).Moves.Vm | Should -Be $prod -Because "$($run.Output)$($run.Error)"
        }
        finally {
            Remove-Item $plan -ErrorAction Ignore
        }
    }

    Context 'While the other one moves' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                Set-LabLink 20mbit
                $job = Start-VmMigration 'win10 p' -VmHost kvm1 -Destination kvm2 -Live -AsJob
                Wait-Moving $lab 'win10 p'
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                $job | Stop-Job -PassThru | Remove-Job -Force
                Clear-LabLink
            }
        }

        It 'is not taken for it by <_>' -ForEach 'Stop-VmMigration', 'Wait-VmMigrationJob -Timeout 1', 'Set-VmMigrationJob -Bandwidth 1MB', 'Switch-VmMigrationPostCopy' {
            $problem = Get-Problem ([scriptblock]::Create("$_ -Vm 'win10 [prod]'"))
            Assert-Problem $problem NoMigrationJob ObjectNotFound "No migration of VM 'win10 ``[prod``]' is under way" 'Get-VmMigrationJob'
            $job.State | Should -Be 'Running'
        }

        It 'is not taken for it by Resume-VmMigration and Get-VmMigrationJob' {
            $problem = Get-Problem { Resume-VmMigration $prod }
            Assert-Problem $problem NotPostCopyPaused InvalidOperation 'no connected host knows of a migration of it' 'Get-VmMigrationJob'
            Get-VmMigrationJob $prod | Should -BeNullOrEmpty
            (Get-VmMigrationJob 'win10 [pq]').Vm | Should -Be 'win10 p'
        }
    }

    Context 'When it has moved' {
        It 'moves, and a command that is run again moves nothing' {
            $result = Start-VmMigration $prod -VmHost kvm1 -Destination kvm2 -UndefineSource
            $result.Vm | Should -Be $prod
            $result.Outcome | Should -Be 'Completed'
            Invoke-Virsh $lab.Kvm1 domstate 'win10 p' | Should -Be 'running'

            foreach ($again in { Start-VmMigration $prod -VmHost kvm1 -Destination kvm2 -UndefineSource }, { Start-VmMigration $prod -VmHost kvm1 -Destination kvm2 -WhatIf }, { Get-Vm $prod -VmHost kvm1 },
                { Test-VmMigrationReadiness $prod -VmHost kvm1 -Destination kvm2 }, { Measure-VmDirtyRate $prod -VmHost kvm1 -Period 1 }) {
                $problem = Get-Problem $again
                Assert-Problem $problem VmNotFound ObjectNotFound "There is no VM 'win10 ``[prod``]' on '$($lab.Kvm1)'. It is on 'kvm2'." "Name that host: Get-Vm 'win10 ``[prod``]' -VmHost $($lab.Kvm2)."
            }
            Invoke-Virsh $lab.Kvm1 domstate 'win10 p' | Should -Be 'running'
            (Get-VmHost | Get-Vm $prod).VmHost.Name | Should -Be 'kvm2'
        }

        It 'takes nothing for a name in another case that a VM elsewhere has in its own' {
            $null = Invoke-Virsh $lab.Kvm1 undefine CASE-vm
            $xml = (Invoke-Virsh $lab.Kvm1 dumpxml case-vm) -replace '<name>case-vm</name>', '<name>CASE-vm</name>' -replace '(?m)^ *<uuid>.*\n'
            $file = New-TemporaryFile
            Set-Content $file $xml
            try {
                $null = Invoke-Virsh $lab.Kvm2 define $file
                Assert-Problem (Get-Problem { Get-Vm CASE-vm -VmHost kvm1 }) VmNotFound ObjectNotFound "It is on 'kvm2'." 'Get-Vm CASE-vm -VmHost'
            }
            finally {
                Remove-Item $file
                $null = Invoke-Virsh $lab.Kvm2 undefine CASE-vm
            }
        }

        It 'takes nothing for a wildcard while a host can not be asked that may have the name' {
            $null = Invoke-Virsh $lab.Kvm2 undefine $prod
            $null = Invoke-Lab kill kvm2 libvirtd
            try {
                $problem = Get-Problem { Start-VmMigration $prod -VmHost kvm1 -Destination kvm3 -WhatIf }
                $problem.FullyQualifiedErrorId | Should -BeLike 'HostUnreachable,*'
                (Get-Vm 'win10*' -VmHost kvm1).Name | Should -Be 'win10 p' -Because 'nobody calls a VM so'
            }
            finally {
                $null = Invoke-Lab start kvm2
            }
        }
    }
}
