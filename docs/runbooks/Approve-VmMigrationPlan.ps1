<#
.SYNOPSIS
Approves a plan of New-VmMigrationPlan.ps1.

.DESCRIPTION
Shows the moves, asks, and writes into the plan who approved it and when, with a hash of the moves: a plan that is changed afterwards is no
longer approved. -Confirm:$false approves without asking; in a session that can't prompt (pwsh -NonInteractive), nothing is approved.

The hash guards against mistakes, not against people: whoever can write the file can approve it. Keep plans where only those who may
approve can write, or under version control.

.PARAMETER Path
The plan.

.PARAMETER By
Who approves it.

.EXAMPLE
./Approve-VmMigrationPlan.ps1 plan.json
#>
#requires -Version 7.4
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path,

    [string] $By = "$([Environment]::UserName)@$([Environment]::MachineName)"
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$plan = Get-Content -Raw -LiteralPath $Path | ConvertFrom-Json -AsHashtable
$notReady = @($plan.Moves | Where-Object { -not $_.IsReady })
if ($notReady.Count -gt 0) {
    throw "These VMs are not ready: $($notReady.Vm -join ', '). Fix what the plan's Findings say and make it again, or leave them out."
}

$moves = $plan.Moves | ForEach-Object { "$($_.Vm) from $($_.Source) to $($_.Destination)" }
try {
    $isApproved = $PSCmdlet.ShouldProcess("$Path`n$($moves -join "`n")", 'Approve')
}
catch {
    throw "Nothing is approved: this session can't ask. -Confirm:`$false approves without asking. ($($_.Exception.Message))"
}
if ($isApproved) {
    $text = $plan.Moves | ConvertTo-Json -Depth 5 -AsArray -Compress
    $plan.Approval = [ordered] @{
        By   = $By
        Time = [datetime]::UtcNow.ToString('o')
        Hash = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($text)))
    }
    $plan | ConvertTo-Json -Depth 5 | Set-Content -LiteralPath $Path
}
