<#
.SYNOPSIS
Runs one file of tests in this process, and makes sure that it leaves the lab's hosts as it found them. Called by Invoke-PesterSuite.ps1.

.PARAMETER File
The file, such as tests/Acceptance/Guide.Tests.ps1.

.PARAMETER Result
The file for the results, as JSON.

.PARAMETER Filter
Runs the tests whose full name contains this.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $File,

    [Parameter(Mandatory)]
    [string] $Result,

    [string] $Filter
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
# Nobody looks at the bars of the migrations under test.
$ProgressPreference = 'SilentlyContinue'
$PSStyle.OutputRendering = 'PlainText'

Import-Module Pester -MinimumVersion 5.5
Import-Module "$PSScriptRoot/Lab.psm1"

$configuration = New-PesterConfiguration
$configuration.Run.Path = $File
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.RenderMode = 'Plaintext'
if ($Filter) {
    $configuration.Filter.FullName = "*$Filter*"
}

$name = [IO.Path]::GetFileNameWithoutExtension($File)
$before = Get-LabState
# The tests themselves are not to inherit these.
$ErrorActionPreference = 'Continue'
Set-StrictMode -Off
$run = Invoke-Pester -Configuration $configuration
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$failures = @(@($run.Failed).ForEach({ @{ Test = "$name $($_.ExpandedPath)"; Message = "$($_.ErrorRecord)" } }))
if ($run.Result -ne 'Passed' -and -not $failures) {
    # A file that can't be read, or a block that breaks, is a failure too, though no test is.
    $failures += @{ Test = $name; Message = "$((@($run.FailedContainers) + @($run.FailedBlocks)).ForEach({ $_.ErrorRecord }))" }
}
$left = Compare-LabState $before
if ($left) {
    $failures += @{ Test = $name; Message = "The hosts are not left as they were:`n$($left -join "`n")" }
}
[pscustomobject]@{ Name = $name; Passed = $run.PassedCount; Failed = $failures.Count; Skipped = $run.SkippedCount; Failures = $failures } |
    ConvertTo-Json -Depth 4 | Set-Content $Result
exit ($failures ? 1 : 0)
