# Under which name, with which definition and in which state a VM arrives, and the command that -WhatIf prints.

Describe 'Definitions' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/DaemonTrace.psm1"
        $lab = Open-Lab
        # A name that a shell must not read as anything else.
        $name = 'what if $(x)'
        if (-not $lab.Obstacle) {
            New-LabGuest $lab $name -Option --disk, shared
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }

        # Moves the guest to the other host, where it must arrive.
        function Invoke-Move([hashtable] $With = @{}) {
            $script:way = New-LabWay $lab $name
            $result = Start-VmMigration $name -VmHost $way.From -Destination $way.To -Live @With
            $result.Outcome | Should -Be 'Completed'
            $result
        }

        # A definition of the guest, as virsh prints it with these switches.
        function Get-Definition([string] $Uri, [string[]] $Switch) {
            [xml] (Invoke-Virsh $Uri dumpxml $name @Switch)
        }

        function Get-Title([string] $Uri, [string[]] $Switch) {
            (Get-Definition $Uri $Switch).domain.title
        }

        # A definition with a title in it.
        function Set-Title([xml] $Definition, [string] $Text) {
            $title = $Definition.domain['title'] ?? $Definition.domain.InsertAfter($Definition.CreateElement('title'), $Definition.domain['name'])
            $title.InnerText = $Text
            $Definition
        }

        function Assert-Persistent([string] $Uri, [string] $Expected) {
            Invoke-Virsh $Uri dominfo $name | Should -Match "(?m)^Persistent: +$Expected$"
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'arrives under a new name, and comes back under its old one' {
        $null = Invoke-Move @{ NewName = 'new name'; UndefineSource = $true }
        try {
            Invoke-Virsh $way.ToUri domstate 'new name' | Should -Be 'running'
            Invoke-Virsh $way.ToUri domstate $name | Should -Match 'failed to get domain'
            Invoke-Virsh $way.FromUri domstate $name | Should -Match 'failed to get domain'
        }
        finally {
            $back = Start-VmMigration 'new name' -VmHost $way.To -Destination $way.From -NewName $name -UndefineSource
        }
        $back.Outcome | Should -Be 'Completed'
        Invoke-Virsh $way.ToUri domstate 'new name' | Should -Match 'failed to get domain'
        Assert-Whole $name -On $way.From
    }

    It 'arrives without a definition where that is asked for, stays transient, and becomes persistent when asked' {
        $null = Invoke-Move @{ Persistent = $false }
        Assert-Persistent $way.ToUri no
        Invoke-Virsh $way.FromUri domstate $name | Should -Be 'shut off'
        $null = Invoke-Move
        Assert-Persistent $way.ToUri no
        Invoke-Virsh $way.FromUri domstate $name | Should -Match 'failed to get domain'
        $null = Invoke-Move @{ Persistent = $true }
        Assert-Persistent $way.ToUri yes
        Assert-Whole $name -On $way.To
    }

    It 'runs and keeps the definitions that it is given: a file, a text and an object' {
        $elsewhere, $file = [IO.Path]::Combine($lab.Shared, 'elsewhere.raw'), [IO.Path]::Combine($lab.Shared, "it's another path.xml")
        try {
            # A host that reaches the image by another path, as the path of a file whose name needs quotes.
            $live = Get-Definition (New-LabWay $lab $name).FromUri --migratable
            $image = $live.domain.devices.disk.source.file
            $null = [IO.File]::CreateSymbolicLink($elsewhere, $image)
            $live.domain.devices.disk.source.file = $elsewhere
            Set-Content $file $live.OuterXml
            $null = Invoke-Move @{ DestinationXml = $file; Persistent = $false }
            Invoke-Virsh $way.ToUri domblklist $name | Should -BeLike "*$elsewhere*"

            $next = Set-Title (Get-Definition $way.ToUri --migratable) "it's running"
            $next.domain.devices.disk.source.file = $image
            $kept = Set-Title (Get-Definition $way.FromUri --inactive) 'kept "here"'
            $null = Invoke-Move @{ DestinationXml = $next.OuterXml; PersistentXml = $kept }
            Get-Title $way.ToUri | Should -Be "it's running"
            Get-Title $way.ToUri --inactive | Should -Be 'kept "here"'
            Invoke-Virsh $way.ToUri domblklist $name | Should -BeLike "*$image*"
            Assert-Whole $name -On $way.To
        }
        finally {
            Remove-Item $elsewhere, $file -ErrorAction Ignore
        }
    }

    It 'takes along what its TPM keeps' {
        New-EditedGuest $lab tpm -Edit {
            param($domain)
            $tpm = $domain.OwnerDocument.CreateElement('tpm')
            $tpm.SetAttribute('model', 'tpm-crb')
            $tpm.InnerXml = "<backend type='emulator' version='2.0'/>"
            $domain['devices'].AppendChild($tpm)
        }
        try {
            $file = "/var/lib/libvirt/swtpm/$(Invoke-Virsh $lab.Kvm1 domuuid tpm)/tpm2/tpm2-00.permall"
            $before = Invoke-Lab exec kvm1 sha256sum $file
            (Start-VmMigration tpm -VmHost kvm1 -Destination kvm2 -Live).Outcome | Should -Be 'Completed'
            Invoke-Lab exec kvm2 sha256sum $file | Should -Be $before
            Assert-Whole tpm -On kvm2
        }
        finally {
            Remove-LabGuest $lab tpm
        }
    }

    Context 'The command that -WhatIf prints' {
        BeforeAll {
            function Get-Literal([string] $Text) {
                "'$($Text.Replace("'", "''"))'"
            }

            if (-not $lab.Obstacle) {
                $file = [IO.Path]::Combine($lab.Shared, "it's a `$(definition).xml")
                if ((New-LabWay $lab $name).From -eq 'kvm2') {
                    $null = Invoke-Move
                }
                $definition = Set-Title (Get-Definition $lab.Kvm1 --migratable) "it's `"live`""
                Set-Content $file $definition.OuterXml
                $kept = (Set-Title $definition "it's `"kept`"").OuterXml
                $options = '-Persistent -Suspend -AbortOnError -ChangeProtection -Bandwidth 200MB -AutoConverge -AutoConvergeInitial 33 ' +
                    '-AutoConvergeIncrement 7 -Compression mt, xbzrle -CompressionMtLevel 2 -CompressionMtThreads 2 ' +
                    '-CompressionMtDecompressionThreads 2 -CompressionXbzrleCache 32MB -Tls -TlsDestination kvm2 ' +
                    "-MigrateUri tcp://$($lab.Kvm2ADDRESS):49310 -ListenAddress $($lab.Kvm2ADDRESS) -GraphicsUri spice://a.example:5900 " +
                    "-DestinationXml $(Get-Literal $file) -PersistentXml $(Get-Literal $kept) -MaxDowntime 400 -Timeout 60"
                $command = "Start-VmMigration $(Get-Literal $name) -VmHost $($lab.Kvm1) -Destination $($lab.Kvm2) $options"
                Start-DaemonTrace kvm1
                $result = & ([scriptblock]::Create($command))
                $arrived = Invoke-Virsh $lab.Kvm2 domstate $name --reason
                $null = Invoke-Virsh $lab.Kvm2 resume $name
                $null = Start-VmMigration $name -VmHost kvm2 -Destination kvm1 -UndefineSource

                # As a user sees it, in a process of its own.
                $text = (Invoke-Runbook "$command -WhatIf").Output
                $printed = $text -match "(?s)'kvm2': (virsh.*)`" on target" ? $Matches[1] : "echo no command: $text; false"
                $said = & bash -c $printed 2>&1
                $exitCode = $LASTEXITCODE
                $calls = @(Get-DaemonCall kvm1 virDomainMigrateBegin3Params)
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Stop-DaemonTrace kvm1
                Remove-Item $file -ErrorAction Ignore
            }
        }

        It 'does in a shell what the migration does' {
            $exitCode | Should -Be 0 -Because "the command says: $said"
            $calls | Should -HaveCount 2
            $calls[1] | Should -Be $calls[0]
            $calls[0] | Should -BeLike '*compression.xbzrle.cache*'
            Get-Title $lab.Kvm2 | Should -Be "it's `"live`""
            Get-Title $lab.Kvm2 --inactive | Should -Be "it's `"kept`""
            $null = Invoke-Virsh $lab.Kvm2 resume $name
            Assert-Whole $name -On kvm2
        }

        It 'leaves a guest that is to stand still so when it has arrived (-Suspend)' {
            $result.Outcome | Should -Be 'Completed'
            $result.Verification.RunningInstances | Should -Be 0
            $arrived | Should -Be 'paused (user)'
        }
    }
}
