<#
.SYNOPSIS
Another session of PowerShell in this process: its scripts run while the test goes on, and what they have told so far is seen.
#>
Set-StrictMode -Version 3.0

# Opens a session that has the module, and is connected to these hosts and has seen no other. Nobody is there to be asked.
function Open-Session([string[]] $VmHost) {
    $state = [initialsessionstate]::CreateDefault2()
    $state.ImportPSModule([string[]] [IO.Path]::Combine((Get-Module VirtMigrate).ModuleBase, 'VirtMigrate.psd1'))
    $session = [pscustomobject] @{ Runspace = [runspacefactory]::CreateRunspace($state); Shell = $null; Output = $null; Running = $null }
    $session.Runspace.Open()
    if ($VmHost) {
        $begun = Invoke-Script $session "`$null = Connect-VmHost '$($VmHost -join "', '")'"
        if ($begun.Errors) {
            Close-Session $session
            throw "The session is not connected: $($begun.Errors)"
        }
    }
    $session
}

# Begins a script in a session in which none runs. Its variables are there for the next one.
function Start-Script($Session, [string] $Script) {
    Clear-Script $Session
    $Session.Shell = [powershell]::Create($Session.Runspace).AddScript($Script)
    $Session.Output = [Management.Automation.PSDataCollection[psobject]]::new()
    $nothing = [Management.Automation.PSDataCollection[psobject]]::new()
    $nothing.Complete()
    $Session.Running = $Session.Shell.BeginInvoke($nothing, $Session.Output)
}

# What a stream has so far; to enumerate it would wait for its end.
function Get-Sofar($Collection) {
    for ($i = 0; $i -lt $Collection.Count; $i++) {
        $Collection[$i]
    }
}

# The progress records of the script so far.
function Get-ScriptProgress($Session) {
    Get-Sofar $Session.Shell.Streams.Progress
}

# Presses Ctrl+C, and returns when the script has stopped.
function Stop-Script($Session) {
    $Session.Shell.Stop()
}

# Waits up to two minutes for the script's end, and gives what it told. The error that ended it, if one did, is the first.
function Wait-Script($Session) {
    if (-not $Session.Running.AsyncWaitHandle.WaitOne(120000)) {
        throw 'The script did not end within two minutes.'
    }
    # What the test stopped has no reason of its own.
    $state = $Session.Shell.InvocationStateInfo
    [pscustomobject] @{
        Output = @(Get-Sofar $Session.Output)
        Errors = @($state.State -eq 'Failed' ? $state.Reason.ErrorRecord : @()) + @(Get-Sofar $Session.Shell.Streams.Error)
        Progress = @(Get-ScriptProgress $Session)
    }
}

function Invoke-Script($Session, [string] $Script) {
    Start-Script $Session $Script
    Wait-Script $Session
}

function Clear-Script($Session) {
    if ($Session.Shell) {
        $Session.Shell.Stop()
        $Session.Shell.Dispose()
        $Session.Output.Dispose()
    }
}

# Leaves nothing of a session, whatever became of the test.
function Close-Session($Session) {
    if ($Session) {
        Clear-Script $Session
        $Session.Runspace.Dispose()
    }
}

Export-ModuleMember -Function Open-Session, Start-Script, Get-ScriptProgress, Stop-Script, Wait-Script, Invoke-Script, Close-Session
