<#
.SYNOPSIS
What a command tells whoever sits at the console, beside its objects and errors.
#>
Set-StrictMode -Version 3.0

# Runs a command here, and gives what it tells, such as what -WhatIf would do.
function Get-Said([scriptblock] $Command) {
    $file = [IO.Path]::Combine([IO.Path]::GetTempPath(), "$([guid]::NewGuid()).txt")
    $null = Start-Transcript $file -UseMinimalHeader
    try {
        $null = & $Command
    }
    finally {
        $null = Stop-Transcript
        $text = Get-Content $file -Raw
        Remove-Item $file
    }
    $text
}
