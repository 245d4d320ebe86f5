<#
.SYNOPSIS
Evens out the memory that VMs take on a group of hosts, a few migrations a night.

.DESCRIPTION
Takes the host whose running VMs hold the largest share of its memory and the one with the smallest, and moves the VM that brings the
two closest together, provided that the destination is ready for it and that its migration is sure to end: its dirty rate is
measured and its migration estimated with the options given. Then it checks the hosts again. A VM that is not ready, or too busy,
is skipped for this run.

It ends when the shares are within -Tolerance of one another, after -MaxMoves, at -Until, or when there is nothing left that would help.

Never asks a question. The exit code says how it went:
0  the hosts are even, or as even as they get in the moves and the time allowed
1  it could not begin
2  a VM that should have moved is still where it was
3  it is unknown where a VM runs, or its post-copy broke: see Repair-VmMigration.ps1

.PARAMETER VmHost
The hosts of the group, two at least. All must be reached.

.PARAMETER Tolerance
By how much the shares may differ: 0.1 for a tenth of a host's memory.

.PARAMETER MaxMoves
The most migrations of one run.

.PARAMETER Until
When no further migration is to begin: a time of day, today's or tomorrow's, whichever comes next.

.PARAMETER Option
Parameters of Start-VmMigration that are also considered by the estimate, such as @{ Parallel = 4; MaxDowntime = 500 }.

.PARAMETER Period
The periods for which a VM's dirty rate is measured, in seconds. More of them make the estimate more certain.

.EXAMPLE
pwsh -NonInteractive -File Invoke-VmRebalance.ps1 kvm1,kvm2,kvm3 -Until 05:00

.EXAMPLE
./Invoke-VmRebalance.ps1 kvm1, kvm2 -Tolerance 0.2 -WhatIf
#>
#requires -Version 7.4
#requires -Modules VirtMigrate
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [string[]] $VmHost,

    [ValidateRange(0.0, 1.0)]
    [double] $Tolerance = 0.1,

    [ValidateRange(1, 1000)]
    [int] $MaxMoves = 5,

    [datetime] $Until = [datetime]::MaxValue,

    [hashtable] $Option = @{},

    [ValidateRange(1, 60)]
    [int[]] $Period = (1, 2, 5, 10, 30)
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# "a,b" is one word where pwsh -File reads it.
$VmHost = $VmHost -split ',' | Where-Object { $_ }
if ($Until -lt [datetime]::Now) {
    $Until = $Until.AddDays(1)
}

# Only with all of them in sight are the shares true.
$hosts = @(Connect-VmHost $VmHost | Sort-Object Uri -Unique)
if ($hosts.Count -lt 2) {
    throw 'Give at least two hosts.'
}

function Get-Share([object] $Of, [long] $Less = 0) {
    $memory = (Get-Vm -VmHost $Of | Where-Object State -NE ShutOff | Measure-Object Memory -Sum).Sum
    ($memory - $Less) / $Of.Memory
}

# The VM whose move leaves the least difference, if that is less than there is now.
function Find-Candidate([object] $From, [object] $To, [double] $Difference, [guid[]] $PassedOver) {
    Get-Vm -VmHost $From -State Running | Where-Object Uuid -NotIn $PassedOver |
        Select-Object @{ Name = 'Vm'; Expression = { $_ } }, @{
            Name = 'Difference'
            Expression = { [math]::Abs($Difference - ($_.Memory / $From.Memory) - ($_.Memory / $To.Memory)) }
        } |
        Where-Object Difference -LT $Difference | Sort-Object Difference | Select-Object -First 1 -ExpandProperty Vm
}

# Whether the VM's migration is sure to end; why not goes to the log.
function Test-Candidate([object] $Vm, [object] $To) {
    $report = $Vm | Test-VmMigrationReadiness -Destination $To @Option
    if (-not $report.IsReady) {
        Write-Warning "'$($Vm.Name)' is skipped: $($report.Obstacles.Message -join ' ')"
        return $false
    }
    $rate = $Vm | Measure-VmDirtyRate -Period $Period
    $estimate = $rate | Get-VmMigrationEstimate -Destination $To @Option
    if ($estimate.Verdict -ne 'Converges') {
        Write-Warning "'$($Vm.Name)' is skipped: $($estimate.Verdict); it would need $($estimate.Recommendation)."
        return $false
    }
    $true
}

$passedOver = [Collections.Generic.List[guid]]::new()
$worst = 0
$moves = 0
while ($moves -lt $MaxMoves -and [datetime]::Now -lt $Until) {
    $shares = @($hosts | Select-Object @{ Name = 'VmHost'; Expression = { $_ } }, @{ Name = 'Share'; Expression = { Get-Share $_ } } | Sort-Object Share)
    $from, $to = $shares[-1], $shares[0]
    $difference = $from.Share - $to.Share
    Write-Verbose ('{0} {1:p1}, {2} {3:p1}' -f $from.VmHost, $from.Share, $to.VmHost, $to.Share)
    if ($difference -le $Tolerance) {
        break
    }
    $vm = Find-Candidate $from.VmHost $to.VmHost $difference $passedOver
    if (-not $vm) {
        Write-Verbose 'No VM is left whose move would help.'
        break
    }
    $passedOver.Add($vm.Uuid)
    if (-not (Test-Candidate $vm $to.VmHost)) {
        continue
    }
    $moves++
    $result = $vm | Start-VmMigration -Destination $to.VmHost @Option -ErrorAction Continue
    $result
    if ($WhatIfPreference) {
        # Nothing moves, and so the next look would find the same.
        break
    }
    if (-not $result -or $result.Outcome -eq 'RolledBack') {
        $worst = [math]::Max($worst, 2)
    }
    elseif ($result.Outcome -ne 'Completed') {
        # What is not understood is not added to.
        exit 3
    }
}
exit $worst
