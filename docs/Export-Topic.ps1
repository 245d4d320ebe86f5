<#
.SYNOPSIS
Makes the about topics that Get-Help shows of the about pages.

.DESCRIPTION
Headings become capitals, code is indented without its fences, and none of Markdown's marks stays.

.PARAMETER Page
The pages.

.PARAMETER Destination
The folder for the topics: the module's folder of the pages' language.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string[]] $Page,

    [Parameter(Mandatory)]
    [string] $Destination
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function ConvertTo-Topic([string[]] $Markdown) {
    $isCode = $false
    foreach ($line in $Markdown) {
        if ($line -match '^```') {
            $isCode = -not $isCode
        }
        elseif ($isCode) {
            "    $line".TrimEnd()
        }
        elseif ($line -match '^# (?<name>.+)') {
            'TOPIC', "    $($Matches.name)"
        }
        elseif ($line -match '^## (?<name>.+)') {
            $Matches.name.ToUpperInvariant()
        }
        else {
            $line -replace '^### ' -replace '\[([^\]]+)\]\([^)]+\)', '$1' -replace '\*\*|`'
        }
    }
}

foreach ($file in $Page) {
    Set-Content (Join-Path $Destination "$(Split-Path $file -LeafBase).help.txt") (ConvertTo-Topic (Get-Content $file))
}
