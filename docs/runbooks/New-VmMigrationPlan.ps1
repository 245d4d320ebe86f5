<#
.SYNOPSIS
Writes down which VMs would move, where and how, for approval.

.DESCRIPTION
Checks the VMs against the destination and writes a plan: a JSON file with the moves, what the checks found, and the virsh command that does
the same. It changes nothing on the hosts. Approve-VmMigrationPlan.ps1 approves the plan, and Invoke-VmMigrationPlan.ps1 carries it out.

The exit code says how it went:
0  every VM of the plan is ready
1  it could not be made
2  the plan is written, but not every VM is ready: see Findings

.PARAMETER Vm
Names of VMs, with wildcards.

.PARAMETER VmHost
The host that they are on.

.PARAMETER Destination
The host that they are to move to.

.PARAMETER Path
The file to write.

.PARAMETER Option
Further parameters of Start-VmMigration, whose values are texts, numbers or true and false: @{ Parallel = 4; PostCopy = $true }.

.EXAMPLE
./New-VmMigrationPlan.ps1 web* kvm1 kvm2 -Path plan.json -Option @{ Parallel = 4 }
#>
#requires -Version 7.4
#requires -Modules VirtMigrate
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [SupportsWildcards()]
    [string[]] $Vm,

    [Parameter(Mandatory, Position = 1)]
    [string] $VmHost,

    [Parameter(Mandatory, Position = 2)]
    [string] $Destination,

    [Parameter(Mandatory)]
    [string] $Path,

    [hashtable] $Option = @{}
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$source, $target = Connect-VmHost $VmHost, $Destination
$moves = @(Get-Vm $Vm -VmHost $source | Test-VmMigrationReadiness -Destination $target @Option | ForEach-Object {
        [ordered] @{
            Vm          = $_.Vm
            Uuid        = "$($_.Uuid)"
            Source      = $_.Source.Uri
            Destination = $_.Destination.Uri
            Options     = $Option
            IsReady     = $_.IsReady
            Findings    = @($_.Checks | Where-Object Status -In Failed, Warning | ForEach-Object { "$($_.Id): $($_.Message)" })
        }
    })
if ($moves.Count -eq 0) {
    throw "'$source' has no VM of that name: $($Vm -join ', ')."
}

[ordered] @{
    Created   = [datetime]::UtcNow.ToString('o')
    CreatedBy = "$([Environment]::UserName)@$([Environment]::MachineName)"
    Moves     = $moves
    Approval  = $null
} | ConvertTo-Json -Depth 5 | Set-Content -LiteralPath $Path

Get-Item -LiteralPath $Path
exit ($moves | Where-Object { -not $_.IsReady }) ? 2 : 0
