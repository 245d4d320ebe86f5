<#
.SYNOPSIS
Recovers after a failure: finds out where each VM is, and repairs what can be repaired.

.DESCRIPTION
Needs nothing from the session in which the failure happened: it asks the hosts. It checks the migrations of all the hosts given and at every VM
that one of them runs or that a report of Clear-VmHost.ps1 names, and says for each what was found:

Running        a migration is under way; with -Wait the script waits for its end
PostCopyPaused each host holds half of the VM; with -Resume the migration is resumed. Destroy neither half.
RolledBack     the VM is on its source, as before; with -Retry it is moved again where the error may be temporary
Completed      the VM is on its destination
Doubled        the VM runs on two hosts at once, which corrupts its disks: decide at once which of them to stop
Unknown        a host does not answer; nothing is done to the VM until it does

Without -Wait, -Resume and -Retry it changes nothing. Never asks a question. The exit code says what is left:
0  each VM is in one place
1  it could not begin
2  VMs did not reach the destination that the report names, or still move
3  a VM is doubled, unknown, or in a post-copy that is broken: a person is needed

.PARAMETER VmHost
All hosts that VMs may be on.

.PARAMETER ReportPath
A report of Clear-VmHost.ps1.

.PARAMETER Wait
Waits for migrations that are under way.

.PARAMETER Resume
Resumes post-copy migrations that broke.

.PARAMETER Retry
Moves VMs of the report again whose failure may be temporary.

.EXAMPLE
./Repair-VmMigration.ps1 kvm1, kvm2

.EXAMPLE
pwsh -NonInteractive -File Repair-VmMigration.ps1 kvm1,kvm2 -ReportPath drained.json -Wait -Resume -Retry
#>
#requires -Version 7.4
#requires -Modules VirtMigrate
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [string[]] $VmHost,

    [string] $ReportPath,

    [switch] $Wait,

    [switch] $Resume,

    [switch] $Retry
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# "a,b" is one word where pwsh -File reads it.
$VmHost = $VmHost -split ',' | Where-Object { $_ }
$report = $ReportPath ? @(Get-Content -Raw -LiteralPath $ReportPath | ConvertFrom-Json) : @()

$hosts = @(Connect-VmHost $VmHost -ErrorAction Continue)
if ($hosts.Count -eq 0) {
    throw 'None of the hosts can be reached.'
}
$isBlind = $hosts.Count -lt $VmHost.Count

function New-Finding([object] $From, [string] $Found, [string] $Message, [string] $Action = 'none') {
    [pscustomobject] @{ Vm = $From.Vm; Uuid = "$($From.Uuid)"; Found = $Found; Source = "$($From.Source)"; Destination = "$($From.Destination)"; Action = $Action; Message = $Message }
}

# 1. What moves, and what broke half-way.
$jobs = @(Get-VmMigrationJob -VmHost $hosts)
$findings = @(
    foreach ($job in $jobs | Where-Object Status -EQ Running) {
        if ($Wait -and $PSCmdlet.ShouldProcess($job.Vm, 'Wait for the migration')) {
            $ended = $job | Wait-VmMigrationJob -ErrorAction Continue
            New-Finding $job "$($ended.Status)" "$($ended.Error)" 'waited'
        }
        else {
            New-Finding $job Running "It moves from '$($job.Source)' ($($job.PercentComplete) %)."
        }
    }
    foreach ($job in $jobs | Where-Object Status -EQ PostCopyPaused) {
        $result = $Resume ? ($job | Resume-VmMigration -ErrorAction Continue -Confirm:$false) : $null
        if ($result) {
            New-Finding $job "$($result.Outcome)" "$($result.Verification.Message)" 'resumed'
        }
        else {
            New-Finding $job PostCopyPaused 'Each host holds a half of it. Destroy neither; resume it (-Resume).'
        }
    }
)

# 2. What runs twice. A half that is still arriving is paused, and a half of a post-copy was dealt with above.
$findings += @(Get-Vm -VmHost $hosts -State Running | Group-Object Uuid | Where-Object Count -GT 1 | ForEach-Object {
        $vm = $_.Group[0]
        if ("$($vm.Uuid)" -notin $findings.Uuid -and ($_.Group.VmHost.Uuid | Sort-Object -Unique).Count -gt 1) {
            New-Finding @{ Vm = $vm.Name; Uuid = $vm.Uuid; Source = $_.Group[0].VmHost; Destination = $_.Group[1].VmHost } Doubled "It runs on $($_.Group.VmHost -join ' and '). Two instances corrupt its disks: stop one of them now."
        }
    })

# 3. What the report says has not gone well, and where it is now.
foreach ($entry in $report | Where-Object { "$($_.Uuid)" -notin $findings.Uuid -and $_.Outcome -ne 'Completed' }) {
    $seen = Test-VmMigrationResult $entry.Uuid -VmHost $entry.Source -Destination $entry.Destination -ErrorAction Continue
    if (-not $seen -or $seen.Outcome -eq 'Unknown') {
        $findings += New-Finding $entry Unknown ($seen ? $seen.Message : 'Its hosts could not be asked.')
    }
    elseif ($seen.Outcome -eq 'RolledBack' -and $Retry -and $entry.CanRetry) {
        $result = Start-VmMigration $entry.Uuid -VmHost $entry.Source -Destination $entry.Destination -ErrorAction Continue
        $findings += New-Finding $entry ($result ? "$($result.Outcome)" : 'RolledBack') ($result ? $result.Verification.Message : $entry.Error) 'tried again'
    }
    else {
        $findings += New-Finding $entry "$($seen.Outcome)" ($seen.Outcome -eq 'RolledBack' ? "$($seen.Message) $($entry.Error)" : $seen.Message)
    }
}

$findings
if ($isBlind) {
    Write-Warning 'Not all hosts answered; nothing is known about VMs that may be on the others.'
}
if ($isBlind -or ($findings | Where-Object Found -In Doubled, Unknown, PostCopyPaused)) {
    exit 3
}
exit ($findings | Where-Object Found -NE Completed) ? 2 : 0
