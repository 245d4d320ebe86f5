<#
.SYNOPSIS
The programs that transports run: those at work, and ones that stand for virsh or ssh and break as they are told.
#>
Set-StrictMode -Version 3.0

# This machine's virsh and ssh that speak to the lab's hosts. What a host runs for itself is seen from here as well, and is no concern.
function Get-ToolProcess($Lab) {
    $network = $Lab.Kvm1ADDRESS -replace '\d+$'
    foreach ($line in & env pgrep --ns $PID --nslist pid --list-full --exact 'virsh|ssh') {
        if ($line.Contains($network, [StringComparison]::Ordinal)) {
            $id, $command = $line -split ' ', 2
            [pscustomobject]@{ Id = [int] $id; CommandLine = $command }
        }
    }
}

# Nothing of a migration is left, neither on this machine nor, of a virsh that ssh started, on the source.
function Assert-NoTool($Lab, [string] $On = 'kvm1') {
    Wait-Until 'no virsh and no ssh is left here' { -not (Get-ToolProcess $Lab) }
    Wait-Until "no virsh is left on $On" { -not (Invoke-Lab exec $On sh -c 'pgrep -x virsh || true') }
}

# A virsh or ssh that does what the real one does until Set-BrokenTool tells it otherwise. Its folder is to come first in a PATH.
function New-BrokenTool([string] $Name) {
    $folder = [IO.Directory]::CreateTempSubdirectory('virtmigrate-broken-').FullName
    # Other tests of this machine may have programs of their own that hang.
    $seconds = Get-Random -Minimum 100000000 -Maximum 999999999
    $tool = [pscustomobject]@{ Folder = $folder; ModeFile = "$folder/mode"; Seconds = $seconds }
    Set-Content "$folder/$Name" @"
#!/bin/sh
real=/usr/bin/$Name
case `$(cat '$($tool.ModeFile)') in
good) exec `$real "`$@" ;;
dies) exit 1 ;;
killed) kill -9 `$`$ ;;
hangs) exec sleep $seconds ;;
silent) exit 0 ;;
half) `$real "`$@" >"`$0.`$`$"; head -c `$((`$(wc -c <"`$0.`$`$") / 2)) "`$0.`$`$"; rm "`$0.`$`$" ;;
most) `$real "`$@" >"`$0.`$`$"; head -c -20 "`$0.`$`$"; rm "`$0.`$`$" ;;
garbage) head -c 300 /dev/urandom | base64 ;;
binary) head -c 300 /dev/urandom ;;
esac
"@
    & env chmod +x "$folder/$Name"
    Set-BrokenTool $tool good
    $tool
}

function Set-BrokenTool($Tool, [string] $Mode) {
    [IO.File]::WriteAllText($Tool.ModeFile, $Mode)
}

# The processes of such a tool that hang.
function Get-HangingTool($Tool) {
    & env pgrep --full --exact "sleep $($Tool.Seconds)"
}

function Remove-BrokenTool($Tool) {
    foreach ($id in Get-HangingTool $Tool) {
        & env kill -KILL $id
    }
    Remove-Item $Tool.Folder -Recurse
}

Export-ModuleMember -Function *
