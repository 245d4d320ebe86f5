<#
.SYNOPSIS
Builds and runs all tests, and says how many passed and failed. Called by build.ps1 Test, which has made the module and its package.

.PARAMETER Configuration
The build configuration.

.PARAMETER Filter
Runs the tests whose full name contains this.

.PARAMETER Lab
Runs the tests that need real libvirt hosts, too.

.PARAMETER Seed
Shuffles the order of the tests (tests/TestOrder.cs, tests/Pester/Invoke-PesterSuite.ps1). 0: by the commit.

.OUTPUTS
How many failed.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Configuration,

    [string] $Filter,

    [switch] $Lab,

    [int] $Seed
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
# What a program's exit code means is said where it is run.
$PSNativeCommandUseErrorActionPreference = $false

$Root = Split-Path $PSScriptRoot
$Folder = Join-Path $Root out test-results

# The xunit tests of the lab have one of their own: Pester runs beside them in others, since a migration mostly waits for its link.
$XunitSlot = 1

# The seed of the commit that is checked out: the first 31 bits of its hash, at least 1; 1 where there is no commit.
function Get-CommitSeed {
    $hash = (Get-Command git -CommandType Application -ErrorAction Ignore) ? (git -C $Root rev-parse HEAD 2>$null) : ''
    "$hash" -match '^[0-9a-f]{40}' ? [Math]::Max(1, [Convert]::ToUInt32("$hash".Substring(0, 8), 16) -shr 1) : 1
}

# A step of the run that breaks is one failure; the others are still worth running.
function New-Result([string] $Name, [string] $Problem) {
    [pscustomobject] @{ Name = $Name; Passed = 0; Failed = 1; Skipped = 0; Failures = @(@{ Test = $Name; Message = $Problem }) }
}

# Starts xunit's tests of a project; what they print goes to a file, so that the lines of parts that run side by side don't mix.
function Start-Xunit([string] $Project, [string] $Slot = '') {
    $trx = "$Project.trx"
    Remove-Item (Join-Path $Folder $trx) -ErrorAction Ignore
    $arguments = @('--default-signal=INT,HUP,QUIT', 'dotnet', 'test', '--project', (Join-Path $PSScriptRoot $Project), '--no-build', '--configuration', $Configuration)
    $arguments += '--results-directory', $Folder, '--report-xunit-trx', '--report-xunit-trx-filename', $trx, '--no-progress'
    $arguments += $Filter ? @('--filter-method', "*$Filter*") : @()
    $output = Join-Path $Folder "$Project.txt"
    $process = Start-Process env $arguments -Environment @{ LAB_SLOT = $Slot } -RedirectStandardOutput $output -RedirectStandardError "$output.err" -PassThru
    # The handle is asked for now, since the exit code can't be had of a process that was never looked at while it ran.
    $null = $process.Handle
    [pscustomobject] @{ Run = $Project; Process = $process; Output = $output; Trx = Join-Path $Folder $trx }
}

function Receive-Xunit($Started) {
    $Started.Process.WaitForExit()
    Write-Host "`n== $($Started.Run)`n$((Get-Content $Started.Output, "$($Started.Output).err" -Raw) -join '')"
    if (-not (Test-Path $Started.Trx)) {
        return New-Result $Started.Run "The tests ended with exit code $($Started.Process.ExitCode) and without results."
    }
    try {
        $run = ([xml] (Get-Content $Started.Trx -Raw)).TestRun
    }
    catch {
        # xunit ends its file where a test's message has a character that XML does not know, such as those that colour a console.
        return New-Result $Started.Run "The results can't be read; what is printed above names the tests that failed. $("$_".Substring(0, [Math]::Min(200, "$_".Length)))"
    }
    $counters = $run.ResultSummary.Counters
    $failures = @($run.GetElementsByTagName('UnitTestResult').Where({ $_.outcome -eq 'Failed' }).ForEach({
        @{ Test = $_.testName; Message = $_.GetElementsByTagName('Message').ForEach({ $_.InnerText.Trim() }) -join "`n" } }))
    $failed = [int] $counters.total - [int] $counters.passed - [int] $counters.notExecuted
    # Exit code 8: there was no test to run, as with a filter for another project.
    if ($Started.Process.ExitCode -notin 0, 8 -and $failed -eq 0) {
        $failed = 1
        $failures = @(@{ Test = $Started.Run; Message = "No test failed, but the run ended with exit code $($Started.Process.ExitCode)." })
    }
    [pscustomobject] @{
        Name = $Started.Run; Passed = [int] $counters.passed; Failed = $failed; Skipped = [int] $counters.notExecuted; Failures = $failures
    }
}

$Seed = $Seed ? $Seed : (Get-CommitSeed)
Write-Host "The order of the tests is that of -Seed $Seed."
$env:VIRTMIGRATE_TEST_SEED = $Seed
# What a test starts in a process of its own is the PowerShell that runs now.
$env:VIRTMIGRATE_TEST_PWSH = $PSHOME
$env:PSModulePath = (Join-Path $Root out modules) + [IO.Path]::PathSeparator + $env:PSModulePath
$env:POWERSHELL_TELEMETRY_OPTOUT = 1
$null = New-Item $Folder -ItemType Directory -Force

$results = [Collections.Generic.List[object]]::new()
$started = @()
try {
    foreach ($project in @('Core.Tests', 'Pester') + ($Lab ? @('Contract.Tests') : @())) {
        dotnet build (Join-Path $PSScriptRoot $project) --configuration $Configuration --nologo --verbosity quiet -consoleLoggerParameters:NoSummary | Out-Host
        if ($LASTEXITCODE -ne 0) {
            $results.Add((New-Result $project 'It does not build.'))
        }
    }
    $results.Add((Receive-Xunit (Start-Xunit Core.Tests)))
    if ($Lab) {
        $slot = & (Join-Path $PSScriptRoot Lab lab) slots $XunitSlot
        # What a run that was killed left there is no lab to begin with.
        env "LAB_SLOT=$slot" (Join-Path $PSScriptRoot Lab lab) down
        $started = @(Start-Xunit Contract.Tests $slot)
    }
    $results.AddRange(@(& (Join-Path $PSScriptRoot Pester Invoke-PesterSuite.ps1) -Filter $Filter -SkipLab:(-not $Lab) -Folder (Join-Path $Folder Pester)))
    foreach ($one in $started) {
        $results.Add((Receive-Xunit $one))
    }
}
catch {
    $results.Add((New-Result 'the run of the tests' "$_"))
}
finally {
    # They take their labs down before they end.
    foreach ($one in $started.Where({ -not $_.Process.HasExited })) {
        kill -INT $one.Process.Id
        $one.Process.WaitForExit()
    }
}

$passed, $failed, $skipped = 'Passed', 'Failed', 'Skipped' | ForEach-Object { ($results | Measure-Object $_ -Sum).Sum }
if ($passed + $failed -eq 0) {
    $results.Add((New-Result 'the run of the tests' 'There was no test to run.'))
    $failed = 1
}

# Once more at the end, where a long run is looked at first.
foreach ($failure in $results | ForEach-Object Failures) {
    Write-Host "`n$("Failed: $($failure.Test) (-Seed $Seed)`n$($failure.Message)" -replace '\r?\n', "`n    ")"
}
Write-Host "`n$passed passed, $failed failed$($skipped ? ", $skipped skipped" : '')"
$failed
