<#
.SYNOPSIS
PowerShell in a process of its own, on a terminal of its own: what a test ends by a signal, a key or by closing the terminal.

.DESCRIPTION
The terminal is script's (util-linux). The process leads a session and a process group, as one that a terminal window starts does.
#>
Set-StrictMode -Version 3.0

# Every process that the terminal's has started carries this in its environment, also when its parent is gone.
$Marker = 'VIRTMIGRATE_TERMINAL'

# Starts a script and returns when PowerShell has begun it.
function Start-Terminal([string] $Script) {
    $folder = [IO.Directory]::CreateTempSubdirectory('virtmigrate-terminal-').FullName
    $file, $begun = 'script.ps1', 'begun' | ForEach-Object { [IO.Path]::Combine($folder, $_) }
    Set-Content -Path $file -Value @"
`$ProgressPreference = 'SilentlyContinue'
Import-Module '$((Get-Module VirtMigrate).ModuleBase)'
[IO.File]::WriteAllText('$begun.new', `$PID)
[IO.File]::Move('$begun.new', '$begun')
$Script
"@
    # What runs the tests, such as nohup, may ignore what this process is to hear.
    $command = @('env', '--default-signal=INT,QUIT,HUP,TERM') + (Get-PowerShellCommand) + @('-NoProfile', '-File', $file)
    $line = 'exec ' + (@($command).Where({ $_ }).ForEach({ "'$_'" }) -join ' ')
    $start = [Diagnostics.ProcessStartInfo]::new('script', [string[]] @('--quiet', '--return', '--command', $line, '/dev/null'))
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $start.Environment[$Marker] = $folder
    $start.Environment['NO_COLOR'] = '1'
    $start.Environment['SHELL'] = '/bin/sh'
    $process = [Diagnostics.Process]::Start($start)
    $terminal = [pscustomobject]@{
        Process = $process
        Folder = $folder
        Output = $process.StandardOutput.ReadToEndAsync()
        Shell = 0
    }
    Wait-Until 'PowerShell has begun its script' { $process.HasExited -or (Test-Path $begun) }
    if ($process.HasExited) {
        throw "PowerShell did not begin: $(Get-Screen $terminal)"
    }
    $terminal.Shell = [int](Get-Content $begun)
    $terminal
}

# Sends PowerShell a signal, or with -Group all processes of its group.
function Send-Signal($Terminal, [string] $Signal, [switch] $Group) {
    & env kill "-$Signal" '--' ($Group ? "-$($Terminal.Shell)" : $Terminal.Shell)
}

function Send-CtrlC($Terminal) {
    $Terminal.Process.StandardInput.Write([char] 3)
    $Terminal.Process.StandardInput.Flush()
}

# Types a line, unless PowerShell has ended meanwhile. Before it reads one, it asks the terminal where the cursor is, which nobody answers here.
function Send-Line($Terminal, [string] $Text) {
    try {
        $Terminal.Process.StandardInput.Write("`e[1;1R$Text`r")
        $Terminal.Process.StandardInput.Flush()
    }
    catch [IO.IOException] {
        Write-Verbose "Nobody reads '$Text' any more."
    }
}

# As a terminal's window is closed, or the connection that it is reached by breaks.
function Close-Terminal($Terminal) {
    & env kill -KILL $Terminal.Process.Id
}

# Waits for the end of PowerShell, and says how long it took.
function Wait-Terminal($Terminal, [int] $Seconds = 30) {
    $begun = [Diagnostics.Stopwatch]::StartNew()
    while (Test-Path "/proc/$($Terminal.Shell)/status") {
        if ($begun.Elapsed.TotalSeconds -gt $Seconds) {
            throw "PowerShell has not ended within $Seconds s. On its terminal: $($Terminal.Output.IsCompleted ? (Get-Screen $Terminal) : 'not closed')"
        }
        Start-Sleep -Milliseconds 50
    }
    $begun.Elapsed
}

# All that was on the screen of a terminal that is closed, without what steers it.
function Get-Screen($Terminal) {
    $Terminal.Output.Result -replace '\e\[[\d;?]*[a-zA-Z]' -replace '\e[=>]'
}

# What the process has started and what still lives, one command line each.
function Get-Descendant($Terminal) {
    foreach ($folder in [IO.Directory]::GetDirectories('/proc').Where({ $_ -match '/\d+$' })) {
        try {
            if ([IO.File]::ReadAllText("$folder/environ").Contains("$Marker=$($Terminal.Folder)", [StringComparison]::Ordinal)) {
                [IO.File]::ReadAllText("$folder/cmdline").Replace([char] 0, ' ')
            }
        }
        catch [IO.IOException], [UnauthorizedAccessException] {
            # It has ended meanwhile.
        }
    }
}

# Leaves nothing of it, whatever became of the test.
function Remove-Terminal($Terminal) {
    if ($null -eq $Terminal) {
        return
    }
    if (Test-Path "/proc/$($Terminal.Shell)/status") {
        Send-Signal $Terminal KILL
    }
    if (-not $Terminal.Process.HasExited) {
        $Terminal.Process.Kill()
    }
    $Terminal.Process.Dispose()
    Remove-Item $Terminal.Folder -Recurse
}

Export-ModuleMember -Function *
