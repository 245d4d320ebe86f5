# The cmdlets against libvirt's own test driver, whose hosts are files: what can be seen without a VM that really runs. Needs no lab.

Describe 'On hosts of the test driver' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Transcript.psm1"
        Import-Subject
        $library = [IntPtr]::Zero
        $here = [Runtime.InteropServices.NativeLibrary]::TryLoad('libvirt.so.0', [ref] $library) -and
            (Get-Command virsh -CommandType Application -ErrorAction Ignore)

        # A host with VMs of these names, which run.
        function New-TestHost([string[]] $Name = @()) {
            $domains = foreach ($one in $Name) {
                "<domain type='test'><name>$([Security.SecurityElement]::Escape($one))</name><memory>1</memory><os><type>hvm</type></os></domain>"
            }
            $file = "$TestDrive/$(New-Guid).xml"
            Set-Content $file "<node>$domains</node>"
            "test://$file"
        }
    }

    BeforeEach {
        if (-not $here) {
            Set-ItResult -Skipped -Because "libvirt's client library and virsh are not here"
        }
    }

    AfterEach {
        Disconnect-VmHost * -ErrorAction Ignore
    }

    Context 'Get-Vm' {
        It 'lists the VM that there is' {
            $vm = Get-Vm -VmHost test:///default -ErrorAction Stop
            Assert-Declared $vm Get-Vm
            $vm | Should -HaveCount 1
            $vm.Name | Should -Be 'test'
            $vm.State | Should -Be 'Running'
            $vm.Memory | Should -Be 2GB
            $vm.MaxMemory | Should -Be 8GB
            $vm.VCpuCount | Should -Be 2
        }

        It 'says that nobody has a plain name, and nothing of a wildcard' {
            Get-Problem { Get-Vm no* -VmHost test:///default } | Should -BeNullOrEmpty
            $problem = Get-Problem { Get-Vm no -VmHost test:///default }
            Assert-Problem $problem VmNotFound ObjectNotFound "There is no VM 'no' on 'test:///default'" 'Get-Vm -VmHost'
            $problem.TargetObject | Should -Be 'no'
        }

        It 'says which name nobody has, and returns the others' {
            $problem = Get-Problem { Get-Vm no, test -VmHost test:///default }
            Assert-Problem $problem VmNotFound ObjectNotFound "'no'" 'Get-Vm'
            (Get-Vm no, test -VmHost test:///default -ErrorAction SilentlyContinue).Name | Should -Be 'test'
        }
    }

    Context 'Connections' {
        It 'are those of one session each' {
            $other = [powershell]::Create()
            try {
                $script = 'param($module) Import-Module $module; Connect-VmHost test:///default'
                $other.AddScript($script).AddArgument((Get-Module VirtMigrate).ModuleBase).Invoke().Name | Should -Be 'vm'
                $other.Streams.Error | Should -BeNullOrEmpty
                Get-VmHost | Should -BeNullOrEmpty
                $other.Commands.Clear()
                $other.AddCommand('Get-VmHost').Invoke() | Should -HaveCount 1
            }
            finally {
                $other.Dispose()
            }
        }
    }

    Context 'Start-VmMigration -WhatIf' {
        BeforeAll {
            $to = New-TestHost
        }

        It 'shows the virsh command that does the same' {
            $said = Get-Said { Get-Vm -VmHost test:///default | Start-VmMigration -Destination $to -Parallel 4 -WhatIf -ErrorAction Stop }
            $command = "virsh -c test:///default migrate --live --persistent --parallel --parallel-connections 4 --domain test --desturi $to"
            $said | Should -BeLike "*What if:*VM 'test' on 'vm'*"
            $said.Contains($command, 'Ordinal') | Should -BeTrue -Because $said
        }

        It 'shows what a policy adds' {
            $with = @{ Policy = 'PostCopy'; Timeout = 30; OnTimeout = 'PostCopy' }
            $said = Get-Said { Get-Vm -VmHost test:///default | Start-VmMigration -Destination $to @with -WhatIf -ErrorAction Stop }
            $commands = 'under the policy PostCopy: virsh -c test:///default migrate-setmaxdowntime --domain test --downtime 100 && ' +
                'virsh -c test:///default migrate --live --persistent --postcopy --auto-converge --timeout 30 --timeout-postcopy'
            $said.Contains($commands, 'Ordinal') | Should -BeTrue -Because $said
        }
    }

    Context 'Measure-VmDirtyRate' {
        It 'says that a host can not measure<As>' -ForEach @(
            @{ As = ''; With = @{} }
            @{ As = ', and watches nothing'; With = @{ Watch = $true } }
        ) {
            $problem = Get-Problem { Measure-VmDirtyRate test -VmHost test:///default @With }
            Assert-Problem $problem NotSupported NotImplemented 'does not support this' 'Get-VmHost'
            $problem.TargetObject.Name | Should -Be 'test'
        }

        It 'does not ask a VM without KVM to count its writes' {
            $problem = Get-Problem { Get-Vm -VmHost test:///default | Measure-VmDirtyRate -Mode DirtyBitmap }
            $reason = "'test' can't be measured in mode DirtyBitmap: the VM does not run with KVM"
            Assert-Problem $problem DirtyRateModeUnsupported NotImplemented $reason 'Measure-VmDirtyRate test -VmHost *-Mode PageSampling'
        }

        It 'tells a VM that is not there from one that is' {
            $problem = Get-Problem { Measure-VmDirtyRate none -VmHost test:///default }
            Assert-Problem $problem VmNotFound ObjectNotFound "There is no VM 'none'" 'Get-Vm'
            Get-Problem { Measure-VmDirtyRate none* -VmHost test:///default } | Should -BeNullOrEmpty
        }
    }

    Context 'The Tab key' {
        BeforeAll {
            $awkward = 'web 1', 'web[2]', 'web$(3)''', '-db'
            $node = New-TestHost $awkward

            function Get-Offer([string] $Line) {
                (TabExpansion2 $Line $Line.Length).CompletionMatches | Where-Object ResultType -EQ ParameterValue
            }
        }

        It 'writes a name so that it names its VM only' {
            $null = Connect-VmHost $node
            $offers = Get-Offer 'Get-Vm '
            $offers.ListItemText | Sort-Object | Should -Be ($awkward | Sort-Object)
            foreach ($offer in $offers) {
                $found = & ([scriptblock]::Create("Get-Vm $($offer.CompletionText) -VmHost '$node' -ErrorAction Stop"))
                $found.Name | Should -BeExactly $offer.ListItemText -Because $offer.CompletionText
            }
        }

        It 'writes a name so that it is no wildcard, also when its VM is gone' {
            $null = Connect-VmHost $node
            $written = (Get-Offer 'Get-Vm web`[').CompletionText
            # As a wildcard it would fit this one.
            $other = New-TestHost 'web2'
            $problem = Get-Problem ([scriptblock]::Create("Get-Vm $written -VmHost '$other'"))
            Assert-Problem $problem VmNotFound ObjectNotFound 'There is no VM' 'Get-Vm'
        }

        It 'goes on with what was typed: <Line>' -ForEach @(
            @{ Line = 'Get-Vm w'; Offers = 'web 1', 'web$(3)''', 'web[2]' }
            @{ Line = "Get-Vm 'web "; Offers = 'web 1' }
            @{ Line = 'Get-Vm web`['; Offers = 'web[2]' }
            @{ Line = 'Start-VmMigration -VmHost elsewhere -Vm w'; Offers = @() }
        ) {
            $null = Connect-VmHost $node
            @(Get-Offer $Line).ListItemText | Should -Be $Offers
        }

        It 'connects the session to nothing' {
            $former, $env:LIBVIRT_DEFAULT_URI = $env:LIBVIRT_DEFAULT_URI, $node
            try {
                # Tab waits for a second at most, which a busy machine may need for itself.
                Wait-Until 'the VM is offered' { (Get-Offer 'Get-Vm "web ').ListItemText -eq 'web 1' }
                Get-VmHost | Should -BeNullOrEmpty
            }
            finally {
                $env:LIBVIRT_DEFAULT_URI = $former
            }
        }

        It 'offers a connected host by its name: <_>' -ForEach 'Get-Vm -VmHost ', 'Start-VmMigration x -Destination ',
            'Disconnect-VmHost ', 'Get-VmHost ' {
            $name = (Connect-VmHost test:///default).Name
            (Get-Offer $_).ListItemText | Should -Contain $name
        }
    }
}
