#Requires -Version 7.4

<#
.SYNOPSIS
Builds, tests, shows and packages VirtMigrate. Everything that it makes is under out/.

.PARAMETER Task
Build    puts the finished module into out/VirtMigrate: Import-Module ./out/VirtMigrate
Demo     migrates guests between two real libvirt hosts on this machine, with its progress (root, Linux)
Test     builds, and runs all tests; the last line says how many passed and failed
Docs     makes the MAML in src/VirtMigrate/en-US of the pages in docs/en-US (needs Microsoft.PowerShell.PlatyPS)
Bench    runs the benchmarks; all further arguments are theirs
Package  makes out/VirtMigrate.<version>.nupkg, the same bytes each time
Simulate runs the engine against simulated hosts on which things go wrong

.PARAMETER Filter
Test: runs the tests whose full name contains this.

.PARAMETER SkipLab
Test: leaves out the tests that need real libvirt hosts.

.PARAMETER Seed
Test: shuffles the order of the tests by this number; without it each commit has an order of its own.
Simulate: repeats this run, with its trace.

.PARAMETER Runs
Simulate: how many runs.

.PARAMETER Batch
Simulate: several VMs a run, with the queue and the registry of one session.

.PARAMETER Trace
Simulate: replays the record of a real migration (VIRTMIGRATE_TRACE, see about_VmMigration), or a folder of such records.

.EXAMPLE
./build.ps1 Simulate -Seed 4711
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Docs', 'Bench', 'Package', 'Simulate')]
    [string] $Task = 'Build',
    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',
    [string] $Filter,
    [switch] $SkipLab,
    [ValidateRange(1, [int]::MaxValue)]
    [int] $Seed,
    [ValidateRange(1, [int]::MaxValue)]
    [int] $Runs = 20000,
    [switch] $Batch,
    [string] $Trace,
    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Arguments = @()
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$Out = Join-Path $PSScriptRoot out
$Module = Join-Path $Out VirtMigrate
$Lab = Join-Path $PSScriptRoot tests Lab lab
# The lab makes network namespaces.
$HasLab = $IsLinux -and [Environment]::IsPrivilegedProcess
$Switches = '--configuration', $Configuration, '--nologo', '--verbosity', 'quiet', '-consoleLoggerParameters:NoSummary'

function Build-Module {
    $project = Join-Path $PSScriptRoot src VirtMigrate
    $packaging = Join-Path $project Package
    Remove-Item $Module -Recurse -Force -ErrorAction Ignore
    dotnet publish $project --output $Module @Switches
    & (Join-Path $PSScriptRoot docs Export-Topic.ps1) -Page (Get-Item (Join-Path $PSScriptRoot docs en-US about_*.md)) -Destination (Join-Path $Module en-US)
    & (Join-Path $packaging Set-ReleaseNotes.ps1) -Manifest (Join-Path $Module VirtMigrate.psd1) -Changelog (Join-Path $PSScriptRoot docs CHANGELOG.md)
    # Last: it lists all that is there.
    & (Join-Path $packaging New-Sbom.ps1) -Module $Module -Assets (Join-Path $Out artifacts obj VirtMigrate project.assets.json) `
        -Destination (Join-Path $Module sbom VirtMigrate.cdx.json)
    Write-Host "Built $Module"
}

function Build-Package {
    Build-Module
    Write-Host "Packed $(& (Join-Path $PSScriptRoot src VirtMigrate Package New-Package.ps1) -Module $Module -Destination $Out)"
}

# Builds a program of tests/ and says where it is.
function Build-Program([string] $Name) {
    dotnet build (Join-Path $PSScriptRoot tests $Name) @Switches | Out-Host
    Join-Path $Out artifacts bin $Name $Configuration.ToLowerInvariant() "$Name.dll"
}

# Runs something in a lab, which is down afterwards, come what may. What a run that was killed left there is no lab to begin with.
function Use-Lab([int] $Slot, [scriptblock] $Body) {
    & $Lab install
    $env:LAB_SLOT ??= & $Lab slots $Slot
    & $Lab down
    try {
        & $Body
    }
    finally {
        & $Lab down
    }
}

switch ($Task) {
    Build { Build-Module }
    Package { Build-Package }
    Test {
        $HasLab = $HasLab -and -not $SkipLab
        # The fast tests, too, ask libvirt and virsh, of libvirt's own test driver.
        if ($HasLab) {
            & $Lab install
        }
        Build-Package
        $failed = & (Join-Path $PSScriptRoot tests Invoke-Suite.ps1) -Configuration $Configuration -Filter $Filter -Lab:$HasLab -Seed $Seed
        exit ($failed -eq 0 ? 0 : 1)
    }
    Demo {
        if (-not $HasLab) {
            throw 'The demo starts libvirt hosts in network namespaces: it needs Linux, and root.'
        }
        Build-Module
        Use-Lab 2 { & (Join-Path $PSScriptRoot tests Lab demo.ps1) }
    }
    Docs {
        # The MAML is kept with the sources, so that a build needs no platyPS.
        Import-Module Microsoft.PowerShell.PlatyPS -MinimumVersion 1.0
        & (Join-Path $PSScriptRoot docs Export-Maml.ps1) -Page (Get-Item (Join-Path $PSScriptRoot docs en-US *-*.md)) -Folder (Join-Path $Out help) `
            -Destination (Join-Path $PSScriptRoot src VirtMigrate en-US VirtMigrate.dll-Help.xml)
    }
    Bench {
        Build-Module
        $program = Build-Program Benchmarks
        if ($HasLab) { Use-Lab 3 { dotnet $program @Arguments } }
        else { dotnet $program @Arguments }
    }
    Simulate {
        $PSNativeCommandUseErrorActionPreference = $false
        $how = $Trace ? @('--trace', $Trace) : $Seed ? @('--seed', $Seed) : @('--runs', $Runs)
        $how += $Batch ? @('--batch') : @()
        dotnet (Build-Program Simulation) @how
        exit $LASTEXITCODE
    }
}
