<#
.SYNOPSIS
Puts a version's section of the changelog into a module manifest, as its release notes.

.DESCRIPTION
The changelog is where the notes are written. Galleries show those of the manifest and, for the package itself, those of the
nuspec, which New-Package.ps1 takes from the manifest.

.PARAMETER Manifest
The manifest to change: that of the finished module.

.PARAMETER Changelog
The changelog, with a section "## [version] - date" for every version.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Manifest,

    [Parameter(Mandatory)]
    [string] $Changelog
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

. (Join-Path $PSScriptRoot Manifest.ps1)

$data = Import-PowerShellDataFile $Manifest
$version = Get-PackageVersion $data
$section = [regex]::Match(
    (Get-Content $Changelog -Raw), "^## \[$([regex]::Escape($version))\][^\n]*\n(?<notes>.*?)(?=^## |\z)", 'Multiline, Singleline')

# A line that goes on is one line, which those who show it break by themselves.
$notes = $section.Groups['notes'].Value.Trim() -replace '\n {2}(?=\S)', ' '
if (-not $notes) {
    throw "$(Split-Path $Changelog -Leaf) says nothing about version $version."
}

$text = Get-Content $Manifest -Raw
$place = [regex]::Match($text, '(?<=PSData\s*=\s*@\{)\r?\n')
$quoted = [Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($notes)
Set-Content $Manifest $text.Insert($place.Index, "`n            ReleaseNotes = '$quoted'") -NoNewline
