<#
.SYNOPSIS
A script that runs in a session of its own while the test goes on, with what it has told so far.
#>
Set-StrictMode -Version 3.0

# Starts a script in a session that has the module and is connected to these hosts.
function Start-Session([string[]] $VmHost, [string] $Script) {
    $module = (Get-Module VirtMigrate).ModuleBase
    $shell = [powershell]::Create([runspacefactory]::CreateRunspace())
    $shell.Runspace.Open()
    $output = [Management.Automation.PSDataCollection[psobject]]::new()
    $begin = 'param($module, $vmHost) Import-Module $module; $null = Connect-VmHost $vmHost'
    $null = $shell.AddScript($begin).AddArgument($module).AddArgument($VmHost)
    $null = $shell.AddStatement().AddScript($Script)
    $nothing = [Management.Automation.PSDataCollection[psobject]]::new()
    $nothing.Complete()
    $running = $shell.BeginInvoke($nothing, $output)
    [pscustomobject] @{ Shell = $shell; Output = $output; Running = $running }
}

# What a stream has so far; to enumerate it would wait for its end.
function Get-Sofar($Collection) {
    for ($i = 0; $i -lt $Collection.Count; $i++) {
        $Collection[$i]
    }
}

# The progress records of the module so far.
function Get-SessionProgress($Session) {
    Get-Sofar $Session.Shell.Streams.Progress
}

# Presses Ctrl+C, and returns when the script has stopped.
function Stop-Session($Session) {
    $Session.Shell.Stop()
}

# Waits for the script's end, and gives its output and its errors, one that ended it among them.
function Receive-Session($Session) {
    if (-not $Session.Running.AsyncWaitHandle.WaitOne(120000)) {
        throw 'The script did not end within two minutes.'
    }
    # What the test stopped has no reason of its own.
    $state = $Session.Shell.InvocationStateInfo
    [pscustomobject] @{
        Output = @(Get-Sofar $Session.Output)
        Errors = @($state.State -eq 'Failed' ? $state.Reason.ErrorRecord : @()) + @(Get-Sofar $Session.Shell.Streams.Error)
    }
}

# Runs another script in the session, whose first one has ended, and gives its output.
function Invoke-Session($Session, [string] $Script) {
    $shell = [powershell]::Create($Session.Shell.Runspace)
    try {
        $shell.AddScript($Script).Invoke()
    }
    finally {
        $shell.Dispose()
    }
}

# Leaves nothing of it, whatever became of the test.
function Remove-Session($Session) {
    if ($null -ne $Session) {
        $Session.Shell.Stop()
        $Session.Shell.Runspace.Dispose()
        $Session.Shell.Dispose()
        $Session.Output.Dispose()
    }
}

Export-ModuleMember -Function Start-Session, Get-SessionProgress, Stop-Session, Receive-Session, Invoke-Session, Remove-Session
