<#
.SYNOPSIS
Runs the Pester tests: each file in a PowerShell of its own, several files at once, those of tests/Acceptance each in a lab of its own.

.DESCRIPTION
A lab's hosts stay up from file to file; Invoke-File.ps1 makes sure that each finds them as the one before did. A file whose process
dies or takes longer than its time fails by its name. All labs are down afterwards. To run one file by hand: Invoke-Pester FILE.

.PARAMETER Filter
Runs the tests whose full name contains this.

.PARAMETER SkipLab
Leaves out the tests that need real libvirt hosts: runs those of tests/Module.Tests alone.

.PARAMETER Folder
Where what the files print and their results are kept.

.OUTPUTS
For each file: Name, Passed, Failed, Skipped, and Failures with Test and Message.
#>
[CmdletBinding()]
param(
    [string] $Filter,

    [switch] $SkipLab,

    [Parameter(Mandatory)]
    [string] $Folder
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# A file's place in the order: its name, or what a seed makes of it, so that none depends on what another left.
function Get-Place([string] $Name) {
    $seed = $env:VIRTMIGRATE_TEST_SEED
    $seed ? [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes("$seed $Name"))) : $Name
}

Import-Module (Join-Path $PSScriptRoot Lab.psm1)
$powerShell = @(Get-PowerShellCommand)
$lab = Join-Path $PSScriptRoot .. Lab lab
$folders = @('Module.Tests') + ($SkipLab ? @() : @('Acceptance')) | ForEach-Object { Join-Path $PSScriptRoot .. $_ }
$files = [Collections.Concurrent.ConcurrentQueue[string]]::new(
    [string[]] ($folders | Get-ChildItem -Filter *.Tests.ps1 | Sort-Object { Get-Place $_.Name }).FullName)
$null = New-Item $Folder -ItemType Directory -Force

$slots = $SkipLab ? @('none') : @(& $lab slots 6 7 8)
$slots | ForEach-Object -ThrottleLimit $slots.Count -Parallel {
    $slot, $lab, $files, $folder = $_, $using:lab, $using:files, $using:Folder
    $minutes = 20

    function New-Failure([string] $Name, [string] $Message) {
        [pscustomobject]@{ Name = $Name; Passed = 0; Failed = 1; Skipped = 0; Failures = @(@{ Test = $Name; Message = $Message }) }
    }

    function Invoke-Slot {
        if ($slot -ne 'none') {
            $said = & env "LAB_SLOT=$slot" $lab @args 2>&1
            if ($LASTEXITCODE -ne 0) {
                throw "lab ${args}: $said"
            }
        }
    }

    # Its own process: one that has loaded the module can't load one that was built later.
    function Invoke-File([string] $File) {
        $name = [IO.Path]::GetFileNameWithoutExtension($File)
        $output, $result = "$folder/$name.txt", "$folder/$name.json"
        Remove-Item $output, $result -ErrorAction Ignore
        # A signal that is ignored here, such as under nohup, is to reach what is tested.
        $arguments = @('--default-signal=INT,HUP,QUIT') + $using:powerShell
        $arguments += '-NoProfile', '-NonInteractive', '-File', "$using:PSScriptRoot/Invoke-File.ps1", '-File', $File, '-Result', $result
        $arguments += $using:Filter ? @('-Filter', $using:Filter) : @()
        $settings = @{ LAB_SLOT = $slot; VIRTMIGRATE_SKIP_LAB = $slot -eq 'none' ? 'the lab is left out, as asked (-SkipLab)' : '' }
        $process = Start-Process env $arguments -Environment $settings -RedirectStandardOutput $output -RedirectStandardError "$output.err" -PassThru
        try {
            $ended = $process.WaitForExit($minutes * 60000)
        }
        finally {
            if (-not $process.HasExited) {
                $process.Kill($true)
                $process.WaitForExit()
            }
        }
        Write-Host "`n== $name`n$((Get-Content $output, "$output.err" -Raw) -join '')"
        if (Test-Path $result) {
            Get-Content $result -Raw | ConvertFrom-Json
        }
        else {
            New-Failure $name ($ended ? "The process of $name ended with exit code $($process.ExitCode) and without results." : "$name took longer than $minutes minutes.")
        }
    }

    try {
        Invoke-Slot down
        Invoke-Slot up 3
        $file = ''
        while ($files.TryDequeue([ref] $file)) {
            $run = Invoke-File $file
            $run
            # What a file did not clean up is no matter for the next.
            if ($run.Failures.Where({ $_.Test -eq $run.Name })) {
                Invoke-Slot down
                Invoke-Slot up 3
            }
        }
    }
    catch {
        New-Failure "lab $slot" "$_"
    }
    finally {
        Invoke-Slot down
    }
}
