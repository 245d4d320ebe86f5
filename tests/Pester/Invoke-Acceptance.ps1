<#
.SYNOPSIS
Runs the acceptance tests in one lab, which is down afterwards. Called by build.ps1 Test.

.DESCRIPTION
Meant for a process of its own: a session that has loaded the module can't load one that was built later. `Invoke-Pester
tests/Pester` does as well, with a lab for each file.

.PARAMETER Filter
Runs the tests whose full name contains this.

.PARAMETER SkipLab
Leaves out the tests that need real libvirt hosts.

.PARAMETER Result
The file that the results are written to, in NUnit's XML.
#>
[CmdletBinding()]
param(
    [string] $Filter,

    [switch] $SkipLab,

    [string] $Result
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
# Nobody looks at the bars of the migrations under test.
$ProgressPreference = 'SilentlyContinue'

Import-Module Pester -MinimumVersion 5.5
Import-Module "$PSScriptRoot/Lab.psm1"

# A file's place in the order: its name, or what a seed makes of it, so that none depends on what another left.
function Get-Place([string] $Name) {
    $seed = $env:VIRTMIGRATE_TEST_SEED
    $seed ? [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes("$seed $Name"))) : $Name
}

$configuration = New-PesterConfiguration
$configuration.Run.Path = (Get-ChildItem $PSScriptRoot -Filter *.Tests.ps1 | Sort-Object { Get-Place $_.Name }).FullName
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
if ($Filter) {
    $configuration.Filter.FullName = "*$Filter*"
}
if ($Result) {
    $configuration.TestResult.Enabled = $true
    $configuration.TestResult.OutputPath = $Result
}

# The tests themselves are not to inherit these.
$ErrorActionPreference = 'Continue'
Set-StrictMode -Off

$env:VIRTMIGRATE_SKIP_LAB = $SkipLab ? 'the lab is left out, as asked (-SkipLab)' : $null
# One lab for all files. With a filter, those that are left bring it up if they need it.
$isOurs = -not $Filter -and -not (Get-LabObstacle) -and -not (Test-LabUp)
try {
    if ($isOurs) {
        $null = Invoke-Lab up 3
    }
    $run = Invoke-Pester -Configuration $configuration
}
finally {
    if ($isOurs) {
        $null = Invoke-Lab down
    }
}

# A file that can't be read, or a block that breaks, is a failure too, though no test is.
exit ($run.Result -eq 'Passed' ? 0 : 1)
