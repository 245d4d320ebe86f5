# A session for each rate of the links between the hosts, so that what one rate achieved is not taken for what another one will.

$links = @{}

function Open-Link([int] $Link, [string[]] $VmHost) {
    $links[$Link] = [runspacefactory]::CreateRunspace()
    $links[$Link].Open()
    $null = Invoke-Link $Link Import-Module @{ Name = $Module }
    $null = Invoke-Link $Link Connect-VmHost @{ VmHost = $VmHost }
}

# Runs a command in the session of a rate.
function Invoke-Link([int] $Link, [string] $Command, [hashtable] $Arguments) {
    $shell = [powershell]::Create($links[$Link]).AddCommand($Command).AddParameters($Arguments)
    try {
        $shell.Invoke()
        if ($shell.Streams.Error.Count -gt 0) {
            throw $shell.Streams.Error[0]
        }
    }
    finally {
        $shell.Dispose()
    }
}

# Keeps the dirty rate for the estimates of all sessions.
function Measure-Link([int] $Link, [hashtable] $Arguments) {
    $script:rate = Invoke-Link $Link Measure-VmDirtyRate $Arguments
    $rate
}

function Get-LinkEstimate([int] $Link, [hashtable] $Arguments) {
    Invoke-Link $Link Get-VmMigrationEstimate ($Arguments + @{ DirtyRate = $rate })
}
