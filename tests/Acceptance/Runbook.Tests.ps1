# The module in scripts that nobody watches: preferences, exit codes, questions, and objects that leave the session.

Describe 'Runbooks' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab run-1 -Option --dirty, 5
            New-LabGuest $lab run-off -Option --off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            $connect = "`$null = Connect-VmHost '$($lab.Kvm1)', '$($lab.Kvm2)'`n"
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'Preferences' {
        BeforeEach {
            $Error.Clear()
        }

        It 'ends the command at the first trouble with -ErrorAction Stop, to be caught' {
            $caught = { Get-Vm run-none, run-1 -VmHost kvm1 -ErrorAction Stop } |
                Should -Throw -ErrorId 'VmNotFound,VirtMigrate.Cmdlets.GetVmCommand' -PassThru
            $caught.ToString() | Should -BeLike "There is no VM 'run-none' on*"
            $caught.TargetObject | Should -Be 'run-none'
        }

        It 'obeys $ErrorActionPreference' {
            $ErrorActionPreference = 'Stop'
            { Start-VmMigration run-none -VmHost kvm1 -Destination kvm2 } | Should -Throw -ErrorId 'VmNotFound,*'
            $ErrorActionPreference = 'SilentlyContinue'
            Start-VmMigration run-none -VmHost kvm1 -Destination kvm2 2>&1 | Should -BeNullOrEmpty
            $Error[0].FullyQualifiedErrorId | Should -BeLike 'VmNotFound,*'
        }

        It 'goes on after trouble with Continue and shows it once' {
            $all = Get-Vm run-none, run-1 -VmHost kvm1 -ErrorAction Continue 2>&1
            @($all | Where-Object { $_ -is [Management.Automation.ErrorRecord] }) | Should -HaveCount 1
            ($all | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] }).Name | Should -Be 'run-1'
        }

        It 'says by $? that there was trouble' {
            $null = Get-Vm run-1 -VmHost kvm1
            $? | Should -BeTrue
            $null = Get-Vm run-none -VmHost kvm1 -ErrorAction SilentlyContinue
            $? | Should -BeFalse
        }

        It 'keeps errors in -ErrorVariable and $Error with SilentlyContinue, and in none with Ignore' {
            Get-Vm run-none -VmHost kvm1 -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem | Should -HaveCount 1
            $Error | Should -HaveCount 1
            Get-Vm run-none -VmHost kvm1 -ErrorAction Ignore
            $Error | Should -HaveCount 1
        }

        It 'keeps output in -OutVariable, and the VM at hand in -PipelineVariable' {
            $null = Get-Vm run-1 -VmHost kvm1 -OutVariable out
            $out.Name | Should -Be 'run-1'
            Get-Vm 'run-*' -VmHost kvm1 -PipelineVariable vm | ForEach-Object { $vm.Name } | Should -Be 'run-1', 'run-off'
        }

        It 'obeys -WarningAction and -WarningVariable' {
            $given = @{ Vm = 'nothing-*'; VmHost = 'kvm1'; Destination = 'kvm2'; Skip = 'Cpus' }
            Test-VmMigrationReadiness @given -WarningVariable said 3>&1 | Should -BeLike "*'Cpus'*"
            $said | Should -HaveCount 1
            Test-VmMigrationReadiness @given -WarningAction SilentlyContinue 3>&1 | Should -BeNullOrEmpty
            { Test-VmMigrationReadiness @given -WarningAction Stop 3>$null } | Should -Throw
        }

        It 'obeys $WhatIfPreference' {
            $WhatIfPreference = $true
            Start-VmMigration run-1 -VmHost kvm1 -Destination kvm2 | Should -BeNullOrEmpty
            $WhatIfPreference = $false
            Assert-Whole run-1 -On kvm1
        }

        It 'asks nothing with -Confirm:$false, whatever $ConfirmPreference says' {
            $ConfirmPreference = 'Low'
            $result = Start-VmMigration run-1 -VmHost kvm1 -Destination kvm2 -Confirm:$false
            $result.Outcome | Should -Be 'Completed'
            Reset-LabGuest $lab run-1
        }

        It 'ends with the error of a migration that did not complete, and the VM stays' {
            Set-LabLink 20mbit
            try {
                { Get-Vm run-1 -VmHost kvm1 | Start-VmMigration -Destination kvm2 -Timeout 2 -ErrorAction Stop 3>$null } |
                    Should -Throw -ErrorId 'MigrationTimedOut,*'
            }
            finally {
                Clear-LabLink
            }
            Assert-Whole run-1 -On kvm1
        }
    }

    Context 'pwsh -NonInteractive -File' {
        It 'migrates, and exits with what the script makes of the result' {
            $run = Invoke-Runbook "$connect
`$result = Start-VmMigration run-1 -VmHost kvm1 -Destination kvm2
`$result.Outcome.ToString()
exit (`$result.Outcome -eq 'Completed' ? 0 : 1)"
            $run.ExitCode | Should -Be 0
            $run.Output | Should -Match 'Completed'
            $run.Error | Should -BeNullOrEmpty
            Assert-Whole run-1 -On kvm2
            Reset-LabGuest $lab run-1
        }

        It 'exits with 1 where an error ends it, and says why where errors go' {
            $run = Invoke-Runbook "`$ErrorActionPreference = 'Stop'; $connect
Start-VmMigration run-none -VmHost kvm1 -Destination kvm2
'not reached'"
            $run.ExitCode | Should -Be 1
            $run.Error + $run.Output | Should -Match "no VM 'run-none'"
            $run.Output | Should -Not -Match 'not reached'
        }

        It 'goes on with 0 where errors do not end it' {
            $run = Invoke-Runbook "$connect
Start-VmMigration run-none -VmHost kvm1 -Destination kvm2
'reached'"
            $run.ExitCode | Should -Be 0
            $run.Output | Should -Match 'reached'
            $run.Error + $run.Output | Should -Match "no VM 'run-none'"
        }

        It 'is never asked: <What> is an error, and nothing moves' -ForEach @(
            @{ What = '-Confirm'; Line = 'Start-VmMigration run-1 -VmHost kvm1 -Destination kvm2 -Confirm'; Like = '*NonInteractive*' }
            @{ What = '-Unsafe'; Line = 'Start-VmMigration run-1 -VmHost kvm1 -Destination kvm2 -Unsafe'; Like = '*ConfirmationNeeded*' }
            @{ What = 'a VM that is left out'; Line = 'Start-VmMigration -Destination kvm2'; Like = '*MissingMandatoryParameter*' }
        ) {
            $run = Invoke-Runbook "$connect
try { $Line -ErrorAction Stop } catch { `"`$(`$_.FullyQualifiedErrorId) `$_`" }"
            $run.Output | Should -BeLike $Like
            Assert-Whole run-1 -On kvm1
        }

        It 'shows by -WhatIf the virsh command that does the same' {
            $run = Invoke-Runbook "$connect
Get-Vm 'run-*' -VmHost kvm1 | Start-VmMigration -Destination kvm2 -WhatIf"
            $text = $run.Output -replace '\s+', ' '
            $text | Should -BeLike "*What if: *VM 'run-1' on 'kvm1'*"
            $text | Should -BeLike "*virsh -c $($lab.Kvm1) migrate --live --persistent*run-1*$($lab.Kvm2)*"
            $text | Should -BeLike "*virsh -c $($lab.Kvm1) migrate --offline --persistent*run-off*"
            Assert-Whole run-1 -On kvm1
        }

        It 'leaves no process waiting when the session ends with connections open' {
            (Invoke-Runbook "$connect 'done'").Output.Trim() | Should -Be 'done'
        }

        It 'asks a person who is there, and moves nothing when the answer is no' {
            # Its input has ended, which is as good as no.
            $run = Invoke-Runbook "$connect
Start-VmMigration run-1 -VmHost kvm1 -Destination kvm2 -Confirm" -Switch @()
            $run.Output | Should -Match 'Are you sure you want to perform this action'
            Assert-Whole run-1 -On kvm1
        }
    }

    Context 'Objects that leave the session' {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $result = Start-VmMigration run-1 -VmHost kvm1 -Destination kvm2
                $objects = @{
                    Vm = Get-Vm run-1 -VmHost kvm2
                    VmHost = Get-VmHost kvm1
                    VmMigrationResult = $result
                    VmMigrationVerification = $result | Test-VmMigrationResult
                    VmMigrationJobInfo = Get-VmMigrationJob run-1
                    VmMigrationReadiness = Test-VmMigrationReadiness run-1 -VmHost kvm2 -Destination kvm1
                    VmDirtyRate = Measure-VmDirtyRate run-1 -VmHost kvm2 -Period 1
                    VmMigrationBandwidth = Get-VmMigrationBandwidth | Select-Object -Last 1
                    MigrationPolicy = Get-VmMigrationPolicy StallDetect
                }
                $objects.VmMigrationEstimate = $objects.VmDirtyRate | Get-VmMigrationEstimate -Destination kvm1 -Bandwidth 100MB
                Reset-LabGuest $lab run-1
            }
        }

        It 'are whole as JSON: <_>' -ForEach 'Vm', 'VmHost', 'VmMigrationResult', 'VmMigrationVerification', 'VmMigrationJobInfo',
            'VmMigrationReadiness', 'VmDirtyRate', 'VmMigrationEstimate', 'VmMigrationBandwidth', 'MigrationPolicy' {
            $object = $objects[$_]
            $json = $object | ConvertTo-Json -Depth 8 -WarningVariable cut -WarningAction SilentlyContinue
            $cut | Should -BeNullOrEmpty
            $back = $json | ConvertFrom-Json
            ($back.PSObject.Properties.Name | Sort-Object) | Should -Be ($object.PSObject.Properties.Name | Sort-Object)
            foreach ($property in $object.PSObject.Properties) {
                $value = $property.Value
                if ($value -is [string] -or $value -is [long] -or $value -is [int] -or $value -is [bool]) {
                    $back.($property.Name) | Should -Be $value -Because $property.Name
                }
            }
        }

        It 'are whole as CLIXML: <_>' -ForEach 'Vm', 'VmHost', 'VmMigrationResult', 'VmMigrationVerification', 'VmMigrationJobInfo',
            'VmMigrationReadiness', 'VmDirtyRate', 'VmMigrationEstimate', 'VmMigrationBandwidth', 'MigrationPolicy' {
            $object = $objects[$_]
            $object | Export-Clixml "$TestDrive/object.xml"
            $back = Import-Clixml "$TestDrive/object.xml"
            $back.PSTypeNames[0] | Should -Be "Deserialized.$($object.PSTypeNames[0])"
            foreach ($property in $object.PSObject.Properties | Where-Object { $_.Value -is [string] -or $_.Value -is [ValueType] }) {
                # As text, since enumerations come back as numbers that know their names.
                '{0}' -f $back.($property.Name) | Should -Be ('{0}' -f $property.Value) -Because $property.Name
            }
        }

        It 'keep what is within them as CLIXML' {
            $objects.VmMigrationResult | Export-Clixml "$TestDrive/result.xml"
            $back = Import-Clixml "$TestDrive/result.xml"
            $back.Outcome.ToString() | Should -Be 'Completed'
            "$($back.Source)" | Should -Be 'kvm1'
            $back.Duration | Should -Be $result.Duration
            $back.Downtime | Should -Be $result.Downtime
            "$($back.Verification)" | Should -Be $result.Verification.Message
        }

        It 'come back from Start-Job, and name their VM to commands here' {
            $job = Start-Job -WorkingDirectory $PSScriptRoot {
                Import-Module ../../out/VirtMigrate
                Get-Vm run-1 -VmHost $using:lab.Kvm1
            }
            $vm = $job | Receive-Job -Wait -AutoRemoveJob
            $vm.PSTypeNames[0] | Should -Be 'Deserialized.VirtMigrate.Vm'
            $vm.Name | Should -Be 'run-1'
            $vm.Memory | Should -Be 192MB
            "$($vm.Status)" | Should -Match '^running'
            $back = $vm | Test-VmMigrationResult -Destination kvm2
            $back.Vm | Should -Be 'run-1'
            $back.Source.Name | Should -Be 'kvm1'
        }

        It 'name their VM and hosts when they come from a file' {
            $objects.VmMigrationResult | Export-Clixml "$TestDrive/moved.xml"
            $found = Import-Clixml "$TestDrive/moved.xml" | Test-VmMigrationResult
            $found.Source.Name | Should -Be 'kvm1'
            $found.Destination.Name | Should -Be 'kvm2'
        }
    }
}
