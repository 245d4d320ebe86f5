<#
.SYNOPSIS
Carries out a plan that was approved.

.DESCRIPTION
Moves the VMs of a plan with the options that it names. What was approved is what happens: the plan must be as it was when it was approved, and
not older than -MaxAge; each VM is identified by its UUID and must still be on the host that the plan names; and the readiness checks
are made again, because much may have changed meanwhile. A VM that fails a check stays, and the others move.

Never asks a question. The exit code says how it went:
0  every VM of the plan runs where the plan wants it (or -WhatIf was given)
1  nothing was started: the plan is not approved, or a host can't be reached
2  VMs are left where they were
3  it is unknown where a VM runs, or its post-copy broke: see Repair-VmMigration.ps1

.PARAMETER Path
The plan.

.PARAMETER MaxAge
How old an approval may be, in hours.

.PARAMETER ThrottleLimit
How many VMs move at once.

.EXAMPLE
pwsh -NonInteractive -File Invoke-VmMigrationPlan.ps1 plan.json
#>
#requires -Version 7.4
#requires -Modules VirtMigrate
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path,

    [ValidateRange(0, 8760)]
    [double] $MaxAge = 24,

    [ValidateRange(1, 64)]
    [int] $ThrottleLimit = 2
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$plan = Get-Content -Raw -LiteralPath $Path | ConvertFrom-Json -AsHashtable
if (-not $plan.Approval) {
    throw "'$Path' is not approved. See Approve-VmMigrationPlan.ps1."
}
$text = $plan.Moves | ConvertTo-Json -Depth 5 -AsArray -Compress
$hash = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($text)))
if ($hash -ne $plan.Approval.Hash) {
    throw "'$Path' was changed after $($plan.Approval.By) approved it."
}
$approved = ([datetime] $plan.Approval.Time).ToUniversalTime()
$age = [datetime]::UtcNow - $approved
if ($age.TotalHours -gt $MaxAge) {
    throw "'$Path' was approved $([math]::Round($age.TotalHours)) hours ago. Make the plan again: the hosts may have changed."
}
Write-Verbose "Approved by $($plan.Approval.By) at $($approved.ToString('u'))."

$null = Connect-VmHost (@($plan.Moves.Source) + @($plan.Moves.Destination) | Sort-Object -Unique)

# VMs with the same hosts and options move in parallel.
$results = @($plan.Moves | Group-Object { "$($_.Source) $($_.Destination) $($_.Options | ConvertTo-Json -Compress)" } | ForEach-Object {
        $first = $_.Group[0]
        $options = $first.Options
        $_.Group.Uuid | Start-VmMigration -VmHost $first.Source -Destination $first.Destination @options -ThrottleLimit $ThrottleLimit -ErrorAction Continue
    })
$results

if ($WhatIfPreference) {
    exit 0
}
if ($results | Where-Object Outcome -In Unknown, PostCopyPaused) {
    exit 3
}
exit @($results | Where-Object Outcome -EQ Completed).Count -eq @($plan.Moves).Count ? 0 : 2
