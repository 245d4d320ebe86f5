# The package is all that is needed: a process that has nothing else finds it, migrates, and shows its views and its help.

Describe 'The installed package' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
        # In an empty folder for modules, as Install-PSResource unpacks it, without what NuGet's clients keep for themselves.
        $package = (Get-Item "$PSScriptRoot/../../out/VirtMigrate.*.nupkg" | Sort-Object LastWriteTime)[-1]
        $modules = Join-Path $TestDrive modules
        $folder = [IO.Path]::Combine($modules, 'VirtMigrate', $package.BaseName.Substring('VirtMigrate.'.Length))
        [IO.Compression.ZipFile]::ExtractToDirectory($package.FullName, $folder)
        Remove-Item -LiteralPath "$folder/VirtMigrate.nuspec", "$folder/[Content_Types].xml"
        Remove-Item "$folder/_rels" -Recurse -Force
        $null = New-Item "$TestDrive/home" -ItemType Directory
        if (-not $lab.Obstacle) {
            New-LabGuest $lab installed -Option --dirty, 5
        }

        # Runs a script in a process that finds this module and no other, of a user who has nothing yet.
        function Invoke-Installed([string] $Script) {
            $program, $first = Get-PowerShellCommand
            $arguments = @($first).Where({ $_ }) + @('-NoProfile', '-NonInteractive', '-Command', $Script)
            $start = [Diagnostics.ProcessStartInfo]::new($program, [string[]] $arguments)
            $start.WorkingDirectory = $TestDrive
            $start.Environment['PSModulePath'] = $modules
            $start.Environment['HOME'] = "$TestDrive/home"
            $start.Environment['NO_COLOR'] = '1'
            $start.RedirectStandardOutput = $start.RedirectStandardError = $true
            $process = [Diagnostics.Process]::Start($start)
            try {
                $output, $errors = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
                if (-not $process.WaitForExit(120000)) {
                    $process.Kill($true)
                    throw "The script did not end:`n$($output.Result)$($errors.Result)"
                }
                [pscustomobject] @{ Output = $output.Result; Error = $errors.Result }
            }
            finally {
                $process.Dispose()
            }
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'moves a VM over <Transport>, with no other assembly of ours' -ForEach @{ Transport = 'Libvirt' }, @{ Transport = 'Virsh' } {
        Skip-WithoutLab $lab
        $way = New-LabWay $lab installed
        $run = Invoke-Installed @"
`$null = Connect-VmHost '$($lab.Kvm1)', '$($lab.Kvm2)' -Transport $Transport
`$result = Get-Vm installed -VmHost '$($way.FromUri)' | Start-VmMigration -Destination '$($way.ToUri)' -Live
"transport `$(`$result.Source.Transport)"
"outcome `$(`$result.Outcome), verified `$((`$result | Test-VmMigrationResult).IsVerified)"
"module `$((Get-Module VirtMigrate).ModuleBase)"
foreach (`$assembly in [AppDomain]::CurrentDomain.GetAssemblies().Where({ `$_.GetName().Name -match '^(VirtMigrate(\.Core)?|CliWrap)$' })) {
    "loaded `$(`$assembly.Location)"
}
"@
        $run.Error | Should -BeNullOrEmpty
        $lines = $run.Output -split "`n"
        $lines | Should -Contain "transport $Transport"
        $lines | Should -Contain 'outcome Completed, verified True'
        $lines | Should -Contain "module $folder"
        $loaded = @($lines -like 'loaded *')
        $loaded.Count | Should -BeIn 2, 3
        $loaded | ForEach-Object { $_ | Should -BeLike "loaded $folder/*" }
        Assert-Whole installed -On $way.To
    }

    It 'has its views and its help' {
        $run = Invoke-Installed 'Get-VmMigrationPolicy VeryLarge; (Get-Help Get-Vm).Synopsis; Get-Help about_VmMigration'
        $run.Error | Should -BeNullOrEmpty
        $run.Output | Should -BeLike '*300 to 5000 ms*'
        $run.Output | Should -BeLike '*Gets the VMs of one or more libvirt hosts*'
        $run.Output | Should -BeLike '*about_VmMigration*'
    }
}
