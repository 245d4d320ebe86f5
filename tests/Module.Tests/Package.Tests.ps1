#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5' }
# The scripts that complete the module and pack it. What is in the finished package is asserted in Core.Tests.

BeforeAll {
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $scripts = "$root/src/VirtMigrate/Package"
    $built = "$root/out/VirtMigrate"
    $assets = "$root/out/artifacts/obj/VirtMigrate/project.assets.json"
    $package = (Get-Item "$root/out/VirtMigrate.*.nupkg" | Sort-Object LastWriteTime)[-1]
}

Describe 'The scripts that complete and pack the module' {
    BeforeEach {
        # Another folder, and another time of each file.
        $module = Join-Path $TestDrive "$(New-Guid)"
        Copy-Item $built $module -Recurse
        Get-ChildItem $module -Recurse -File | ForEach-Object { $_.LastWriteTimeUtc = [DateTime]::UnixEpoch.AddYears(40) }
    }

    Context 'New-Package.ps1' {
        It 'makes the same package of the same module, in another folder at another time' {
            $again = & $scripts/New-Package.ps1 -Module $module -Destination (Join-Path $TestDrive again)
            Split-Path $again -Leaf | Should -Be $package.Name
            (Get-FileHash $again).Hash | Should -Be (Get-FileHash $package.FullName).Hash
        }

        It 'makes another package of a module that differs in one letter' {
            Add-Content "$module/LICENSE" '!' -NoNewline
            $other = & $scripts/New-Package.ps1 -Module $module -Destination (Join-Path $TestDrive other)
            (Get-FileHash $other).Hash | Should -Not -Be (Get-FileHash $package.FullName).Hash
        }
    }

    Context 'New-Sbom.ps1' {
        It 'lists the same module in the same words: it has neither the time nor chance in it' {
            Remove-Item "$module/sbom" -Recurse
            & $scripts/New-Sbom.ps1 -Module $module -Assets $assets -Destination "$TestDrive/list/bom.json"
            Get-Content "$TestDrive/list/bom.json" -Raw | Should -BeExactly (Get-Content "$built/sbom/VirtMigrate.cdx.json" -Raw)
            $bom = Get-Content "$TestDrive/list/bom.json" -Raw | ConvertFrom-Json -AsHashtable
            $bom.Keys | Should -Not -Contain 'serialNumber'
            $bom.metadata.Keys | Should -Not -Contain 'timestamp'
        }

        It 'refuses an assembly of unknown origin' {
            Copy-Item "$module/CliWrap.dll" "$module/Stray.dll"
            { & $scripts/New-Sbom.ps1 -Module $module -Assets $assets -Destination "$TestDrive/stray/bom.json" } |
                Should -Throw 'Stray.dll came with no package.'
            Test-Path "$TestDrive/stray/bom.json" | Should -BeFalse
        }
    }

    Context 'Set-ReleaseNotes.ps1' {
        BeforeEach {
            Copy-Item "$root/VirtMigrate.psd1" $module
            Set-Content "$TestDrive/CHANGELOG.md" @'
# Changelog

## [0.1.0-beta1] - 2026-01-02
### Added
- It's a first
  attempt.

## [0.0.9] - 2026-01-01
- older
'@
        }

        It 'names a prerelease in notes and package' {
            $manifest = Get-Content "$module/VirtMigrate.psd1" -Raw
            Set-Content "$module/VirtMigrate.psd1" $manifest.Replace('PSData = @{', "PSData = @{`n            Prerelease = 'beta1'")
            & $scripts/Set-ReleaseNotes.ps1 -Manifest "$module/VirtMigrate.psd1" -Changelog "$TestDrive/CHANGELOG.md"
            (Import-PowerShellDataFile "$module/VirtMigrate.psd1").PrivateData.PSData.ReleaseNotes |
                Should -BeExactly "### Added`n- It's a first attempt."
            $beta = & $scripts/New-Package.ps1 -Module $module -Destination (Join-Path $TestDrive beta)
            Split-Path $beta -Leaf | Should -BeExactly 'VirtMigrate.0.1.0-beta1.nupkg'
        }

        It 'refuses a version of which the changelog says nothing' {
            { & $scripts/Set-ReleaseNotes.ps1 -Manifest "$module/VirtMigrate.psd1" -Changelog "$TestDrive/CHANGELOG.md" } |
                Should -Throw 'CHANGELOG.md says nothing about version 0.1.0.'
        }
    }
}
