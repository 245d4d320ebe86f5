<#
.SYNOPSIS
Moves running guests between two real libvirt hosts and checks that they arrived. Called by build.ps1 Demo.

.DESCRIPTION
Expects the lab's commands to work (LAB_SLOT says which lab) and the module in out/VirtMigrate. It shows each line
before it runs it; behind "PS>" is what one would type, with hosts of one's own.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
$lab = [IO.Path]::Combine($PSScriptRoot, 'lab')
$guests = 'web01', 'web02', 'db01'

function Invoke-Lab {
    $Host.UI.WriteLine("`$ tests/Lab/lab $args")
    & $lab @args
    if ($LASTEXITCODE -ne 0) {
        throw "tests/Lab/lab $args ended with exit code $LASTEXITCODE."
    }
}

function Show-Command([scriptblock] $Command) {
    $Host.UI.WriteLine('')
    $Host.UI.WriteLine("PS> $("$Command".Trim())")
    & $Command | Out-Default
}

# The lab's shell assignments: LAB_HOST1_TCP='qemu+tcp://...' and so on.
function Get-LabSetting([string] $Name) {
    foreach ($line in & $lab env) {
        if ($line -match "^(?:export )?$Name='?([^']*)'?$") {
            return $Matches[1]
        }
    }
    throw "tests/Lab/lab env says nothing of $Name."
}

Set-Location $root

Invoke-Lab up 2
foreach ($guest in $guests) {
    Invoke-Lab guest $guest --host 1 --memory 256 --dirty 10 --working-set 64
}
# A slow link, so that there is something to watch.
Invoke-Lab link 1 --rate 400mbit

$env:LIBVIRT_DEFAULT_URI = Get-LabSetting LAB_HOST1_TCP
$env:VIRTMIGRATE_DESTINATION = Get-LabSetting LAB_HOST2_TCP
$Host.UI.WriteLine('')
$Host.UI.WriteLine("LIBVIRT_DEFAULT_URI=$env:LIBVIRT_DEFAULT_URI")
$Host.UI.WriteLine("VIRTMIGRATE_DESTINATION=$env:VIRTMIGRATE_DESTINATION")

Show-Command { Import-Module ./out/VirtMigrate }
Show-Command { Get-Vm }
Show-Command { Get-Vm | Start-VmMigration -Live -Parallel 4 }
Show-Command { Get-Vm | Test-VmMigrationResult }
Show-Command { Get-VmMigrationJob }

$Host.UI.WriteLine('')
foreach ($guest in $guests) {
    Invoke-Lab check $guest
}
