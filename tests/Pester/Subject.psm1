<#
.SYNOPSIS
The module under test: as it is packed, in this PowerShell and in one of its own.
#>
Set-StrictMode -Version 3.0

$ModulePath = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'VirtMigrate'))

# The finished module, as it is packed, with a session of its own for each file: estimates go by the migrations before.
function Import-Subject {
    if (-not (Test-Path $ModulePath)) {
        throw "There is nothing to test in '$ModulePath'. Build it first: build.ps1 Build"
    }
    Remove-Module VirtMigrate -ErrorAction Ignore
    Import-Module $ModulePath -Global -ErrorAction Stop
}

# The words that start another PowerShell like this one, which may be an assembly that dotnet runs.
function Get-PowerShellCommand {
    $program = [Environment]::ProcessPath
    [IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet' ? @($program, [Environment]::GetCommandLineArgs()[0]) : @($program)
}

# Runs a script in a PowerShell of its own, as a runbook is run: nobody is there to answer. One that asks all the same would
# wait for ever, so it is ended after two minutes, and the test sees that.
function Invoke-Runbook([string] $Script, [string[]] $Switch = '-NonInteractive') {
    $file = [IO.Path]::Combine([IO.Path]::GetTempPath(), "$([guid]::NewGuid()).ps1")
    Set-Content -Path $file -Value "Import-Module '$ModulePath'`n$Script"
    $program, $first = Get-PowerShellCommand
    $start = [Diagnostics.ProcessStartInfo]::new($program)
    foreach ($argument in @($first).Where({ $_ }) + @('-NoProfile') + $Switch + @('-File', $file)) {
        $start.ArgumentList.Add($argument)
    }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $start.Environment['NO_COLOR'] = '1'
    $process = [Diagnostics.Process]::Start($start)
    try {
        $process.StandardInput.Close()
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEndAsync()
        if (-not $process.WaitForExit(120000)) {
            $process.Kill($true)
            throw "The script did not end by itself:`n$Script`n$($output.Result)$($errors.Result)"
        }
        $process.WaitForExit()
        [pscustomobject]@{
            ExitCode = $process.ExitCode
            Output = $output.Result -replace '\e\[[\d;?]*[a-zA-Z]'
            Error = $errors.Result -replace '\e\[[\d;?]*[a-zA-Z]'
        }
    }
    finally {
        $process.Dispose()
        Remove-Item $file
    }
}

Export-ModuleMember -Function *
