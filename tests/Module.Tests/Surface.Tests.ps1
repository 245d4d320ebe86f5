# What the module promises before anything is done with it: its manifest, commands, help and views. Needs no lab.

BeforeDiscovery {
    $manifest = Import-PowerShellDataFile "$PSScriptRoot/../../VirtMigrate.psd1"
    $commands = $manifest.CmdletsToExport
    # Those that change something, at a host or on a disk.
    $changing = 'Disconnect-VmHost', 'New-VmMigrationPolicy', 'Resume-VmMigration', 'Set-VmMigrationJob', 'Start-VmMigration',
        'Stop-VmMigration', 'Switch-VmMigrationPostCopy'
    $topics = Get-ChildItem "$PSScriptRoot/../../docs/en-US/about_*.md" | ForEach-Object BaseName
}

Describe 'The surface of VirtMigrate' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Subject
        $root = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
        $manifestPath = "$root/out/VirtMigrate/VirtMigrate.psd1"
        $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
    }

    Context 'Its manifest' {
        BeforeAll {
            $module = Test-ModuleManifest $manifestPath
        }

        It 'is valid and says what it needs' {
            $module.Name | Should -Be 'VirtMigrate'
            $module.PowerShellVersion | Should -Be '7.4'
            $module.CompatiblePSEditions | Should -Be 'Core'
            $module.Author | Should -Not -BeNullOrEmpty
            $module.Description | Should -Match 'libvirt'
        }

        It 'has the version of the sources' {
            $module.Version | Should -Be (Import-PowerShellDataFile "$root/VirtMigrate.psd1").ModuleVersion
            (Get-Module VirtMigrate).Version | Should -Be $module.Version
        }

        It 'exports the 18 cmdlets and nothing else' {
            $module.ExportedCmdlets.Keys | Should -HaveCount 18
            $module.ExportedFunctions.Keys | Should -BeNullOrEmpty
            $module.ExportedAliases.Keys | Should -BeNullOrEmpty
            $loaded = Get-Command -Module VirtMigrate
            $loaded.CommandType | Sort-Object -Unique | Should -Be 'Cmdlet'
            $loaded.Name | Sort-Object | Should -Be ($module.ExportedCmdlets.Keys | Sort-Object)
        }

        It 'has tags that a gallery finds it by, none with a blank' {
            foreach ($tag in 'libvirt', 'KVM', 'migration') {
                $module.Tags | Should -Contain $tag
            }
            $module.Tags | Where-Object { $_ -match '\s' } | Should -BeNullOrEmpty
        }

        It 'lists files that are there' {
            foreach ($file in @($module.ExportedFormatFiles) + @($module.ExportedTypeFiles) + $module.Path) {
                $file | Should -Exist
            }
        }

        It 'is imported, removed and imported again without a word' {
            $run = Invoke-Runbook @"
Remove-Module VirtMigrate
if (Get-Command -Module VirtMigrate) { throw 'It is still there.' }
Import-Module '$root/out/VirtMigrate' -Force
(Get-Command -Module VirtMigrate).Count
"@
            $run.Error | Should -BeNullOrEmpty
            $run.Output.Trim() | Should -Be '18'
            $run.ExitCode | Should -Be 0
        }
    }

    Context '<_>' -ForEach $commands {
        BeforeAll {
            $name = $_
            $command = Get-Command $name -Module VirtMigrate
            $help = Get-Help $name -Full
            $own = $command.Parameters.Values | Where-Object Name -NotIn $common
        }

        It 'has an approved verb' {
            $command.Verb | Should -BeIn (Get-Verb).Verb
        }

        It 'has a synopsis and a description in sentences' {
            # Without help of its own PowerShell shows the syntax instead.
            $help.Synopsis | Should -Match '^[A-Z].*[.]\s*$'
            $help.Synopsis | Should -Not -BeLike "*$name [[]*"
            ($help.description.Text -join ' ').Trim() | Should -Match '(?s)^[A-Z].{40,}[.:)]$'
        }

        It 'describes every parameter and no other' {
            $described = @{}
            foreach ($parameter in $help.parameters.parameter) {
                $described[$parameter.name] = ($parameter.description.Text -join ' ').Trim()
            }
            foreach ($parameter in $own) {
                $described[$parameter.Name] | Should -Match '^[A-Z].{10,}' -Because "-$($parameter.Name) needs words"
            }
            $described.Keys | Where-Object { $_ -notin $command.Parameters.Keys } | Should -BeNullOrEmpty
        }

        It 'has three examples or more, in PowerShell, with parameters that there are' {
            $examples = @($help.examples.example)
            $examples.Count | Should -BeGreaterOrEqual 3
            foreach ($example in $examples) {
                $example.title | Should -Match 'Example \d+: \w+'
                $example.code | Should -Match $name -Because $example.title
                $problems = $null
                $syntax = [Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $problems)
                $problems | Should -BeNullOrEmpty -Because $example.title
                $calls = $syntax.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true) |
                    Where-Object { $_.GetCommandName() -like '*-Vm*' }
                foreach ($call in $calls) {
                    $known = (Get-Command $call.GetCommandName() -Module VirtMigrate -ErrorAction Stop).Parameters
                    foreach ($given in $call.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] }) {
                        $known.Keys + $known.Values.Aliases | Should -Contain $given.ParameterName -Because $call.Extent.Text
                    }
                }
            }
        }

        It 'says in its help what it declares to emit' {
            $told = @($help.returnValues.returnValue.type.name)
            $told | Should -Be ($command.OutputType ? @($command.OutputType.Name) : @('None'))
        }

        It 'has a view for what it emits' {
            foreach ($type in $command.OutputType.Name | Where-Object { $_ -like 'VirtMigrate.*' }) {
                (Get-FormatData -TypeName $type -PowerShellVersion $PSVersionTable.PSVersion) | Should -Not -BeNullOrEmpty -Because $type
            }
        }

        It 'takes what exists by its usual name, completed by Tab' {
            $named = 'Vm', 'VmHost', 'Destination', 'Source', 'MigrateDisk', 'MigrateDiskDetectZeroes', 'Policy'
            foreach ($parameter in $own | Where-Object Name -In $named) {
                $completers = $parameter.Attributes | Where-Object { $_ -is [ArgumentCompleter] }
                $completers | Should -Not -BeNullOrEmpty -Because "-$($parameter.Name) names something that exists"
            }
        }

        It 'takes from the pipeline what other commands emit, by property name' {
            # All but those that start from nothing.
            if ($name -notin 'Get-VmMigrationPolicy', 'New-VmMigrationPolicy', 'Get-VmMigrationBandwidth', 'Get-Vm') {
                $taken = $own | Where-Object { $_.Attributes.ValueFromPipelineByPropertyName -contains $true }
                $taken.Name | Should -Contain ($name -like '*-VmHost' ? 'VmHost' : 'Vm')
            }
        }
    }

    It 'tells by Get-Help what Start-VmMigration does' {
        (Get-Help Start-VmMigration).Synopsis | Should -BeLike '*verifies on both hosts*'
    }

    Context 'Whether it asks' {
        It '<_> takes -WhatIf and -Confirm' -ForEach $changing {
            $command = Get-Command $_
            $command.Parameters.Keys | Should -Contain 'WhatIf'
            $command.Parameters.Keys | Should -Contain 'Confirm'
        }

        It '<_> changes nothing, so there is nothing to confirm' -ForEach ($commands | Where-Object { $_ -notin $changing }) {
            (Get-Command $_).Parameters.Keys | Should -Not -Contain 'WhatIf'
            $_ | Should -Match '^(Get|Test|Measure|Wait|Connect)-'
        }

        It '<_> does not ask by itself, since High would break runbooks' -ForEach $changing {
            $metadata = [Management.Automation.CommandMetadata]::new((Get-Command $_))
            $metadata.ConfirmImpact | Should -BeIn 'Low', 'Medium'
        }
    }

    Context 'Its topics' {
        It '<_> is found by Get-Help, without marks of Markdown' -ForEach $topics {
            $text = Get-Help $_ | Out-String
            $text | Should -Match "TOPIC\s+$_"
            $text | Should -Match 'SHORT DESCRIPTION'
            $text | Should -Not -Match '```|\]\(|\*\*'
        }

        It 'name only commands that there are' -ForEach @{ Topics = $topics } {
            $known = (Get-Command -Module VirtMigrate).Name
            foreach ($topic in $Topics) {
                $named = [regex]::Matches((Get-Help $topic | Out-String), '\b[A-Z][a-z]+-Vm[A-Za-z]*\b').Value | Sort-Object -Unique
                $named | Where-Object { $_ -notin $known } | Should -BeNullOrEmpty -Because "$topic names it"
            }
        }
    }

    Context 'What it shows of parameters' {
        It 'has the syntax of a simple command line for <Command>' -ForEach @(
            @{ Command = 'Get-Vm'; Like = '*Get-Vm*[[[]-Name] <string`[`]>]*' }
            @{ Command = 'Start-VmMigration'; Like = '*Start-VmMigration*[[]-Vm] <VmSelector`[`]> [[][[]-Destination] <string>]*' }
            @{ Command = 'Stop-VmMigration'; Like = '*Stop-VmMigration*[[]-Vm] <VmSelector`[`]>*' }
        ) {
            Get-Command $Command -Syntax | Out-String -Width 4000 | Should -BeLike $Like
        }
    }
}
