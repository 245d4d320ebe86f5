<#
.SYNOPSIS
Drains a host: moves its VMs to others, so that it can be shut down.

.DESCRIPTION
Waits for migrations that are under way on the host, moves its running VMs, the largest first, and checks the host again. Each VM goes
to the destination that is ready for it and has the most memory to spare. A VM that can't be moved stays, with the reason as an error,
and the others move. Nothing is forced: what stays is for a person to decide.

Never asks a question. The exit code says how it went:
0  no VM runs on the host any more (or -WhatIf was given)
1  it could not begin
2  VMs are left on the host
3  it is unknown where a VM runs, or its post-copy broke: see Repair-VmMigration.ps1

.PARAMETER VmHost
The host to drain.

.PARAMETER Destination
The hosts that take the VMs. One that can't be reached is left out, with an error.

.PARAMETER Option
Further parameters of Start-VmMigration, such as @{ Policy = 'SuspendIfNeeded'; CopyStorage = 'All' }.

.PARAMETER ThrottleLimit
How many VMs move at once.

.PARAMETER IncludeShutOff
Moves the definitions of VMs that are shut off as well.

.PARAMETER ReportPath
A JSON file for the result of each VM. Repair-VmMigration.ps1 reads it.

.EXAMPLE
pwsh -NonInteractive -File Clear-VmHost.ps1 kvm1 kvm2,kvm3 -ReportPath drained.json

.EXAMPLE
./Clear-VmHost.ps1 kvm1 kvm2 -Option @{ PostCopy = $true; Timeout = 600; OnTimeout = 'PostCopy' } -WhatIf
#>
#requires -Version 7.4
#requires -Modules VirtMigrate
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $VmHost,

    [Parameter(Mandatory, Position = 1)]
    [string[]] $Destination,

    [hashtable] $Option = @{},

    [ValidateRange(1, 64)]
    [int] $ThrottleLimit = 2,

    [switch] $IncludeShutOff,

    [string] $ReportPath
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# "a,b" is one word where pwsh -File reads it.
$Destination = $Destination -split ',' | Where-Object { $_ }

$source = Connect-VmHost $VmHost
$targets = @(Connect-VmHost $Destination -ErrorAction Continue | Where-Object Uuid -NE $source.Uuid)
if ($targets.Count -eq 0) {
    throw "None of the destinations can be reached: $($Destination -join ', ')."
}

# With one destination it is named; of several, the module takes the best for each VM, if no default is in its way.
$env:VIRTMIGRATE_DESTINATION = $null
$goal = $targets.Count -eq 1 ? @{ Destination = $targets[0] } : @{}

Get-VmMigrationJob -VmHost $source | Where-Object Status -EQ Running | Wait-VmMigrationJob -ErrorAction Continue | Out-Null

$vms = @(Get-Vm -VmHost $source | Where-Object { $IncludeShutOff -or $_.State -ne 'ShutOff' } | Sort-Object Memory -Descending)
$results = @($vms | Start-VmMigration @goal @Option -ThrottleLimit $ThrottleLimit -ErrorAction Continue -ErrorVariable problems)
$results
if ($ReportPath -and -not $WhatIfPreference) {
    $moved = $results | Select-Object Vm,
        @{ Name = 'Uuid'; Expression = { "$($_.Uuid)" } },
        @{ Name = 'Source'; Expression = { $_.Source.Uri } },
        @{ Name = 'Destination'; Expression = { $_.Destination.Uri } },
        @{ Name = 'Outcome'; Expression = { "$($_.Outcome)" } },
        ErrorId, Error, CanRetry, Command

    # A VM that did not begin has no result, but an error.
    $stayed = $vms | Where-Object Uuid -NotIn @($results.ForEach('Uuid')) | ForEach-Object {
        $vm = $_
        $problem = $problems | Where-Object { $_.TargetObject -is $vm.GetType() -and $_.TargetObject.Uuid -eq $vm.Uuid } | Select-Object -First 1
        [pscustomobject] @{
            Vm = $vm.Name; Uuid = "$($vm.Uuid)"; Source = $vm.VmHost.Uri; Destination = $targets[0].Uri; Outcome = 'NotBegun'
            ErrorId = $problem ? $problem.FullyQualifiedErrorId.Split(',')[0] : $null; Error = "$problem"; CanRetry = $false; Command = $null
        }
    }
    ConvertTo-Json -Depth 2 -InputObject @(@($moved) + @($stayed) | Where-Object { $_ }) | Set-Content -LiteralPath $ReportPath
}

if ($WhatIfPreference) {
    exit 0
}
if ($results | Where-Object Outcome -In Unknown, PostCopyPaused) {
    exit 3
}

# Not the results but the host says whether it is empty: a VM may have been started meanwhile.
$left = @(Get-Vm -VmHost $source | Where-Object { $_.State -ne 'ShutOff' })
if ($left.Count -gt 0) {
    Write-Warning "Left on '$source': $($left.Name -join ', ')"
    exit 2
}
exit ($results | Where-Object Outcome -NE Completed) ? 2 : 0
