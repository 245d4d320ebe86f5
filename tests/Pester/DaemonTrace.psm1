<#
.SYNOPSIS
What a host's libvirtd is asked for by its clients and what it tells its QEMUs, from Start-DaemonTrace to Stop-DaemonTrace.
#>
Set-StrictMode -Version 3.0

# As the lab configures a daemon.
$OwnLog = '3:file:/var/log/libvirt/libvirtd.log'
$OwnFilters = '2:qemu.qemu_migration 3:*'

$Log = '/var/log/libvirt/trace.log'

function Start-DaemonTrace([string] $VmHost) {
    $null = Invoke-Lab exec $VmHost rm -f $Log
    $null = Invoke-Lab exec $VmHost virt-admin daemon-log-outputs "$OwnLog 1:file:$Log"
    $null = Invoke-Lab exec $VmHost virt-admin daemon-log-filters '1:libvirt.domain 2:qemu.qemu_monitor 3:*'
}

# To be called in any case: every step is made, whatever became of the others.
function Stop-DaemonTrace([string] $VmHost) {
    $null = Invoke-Lab exec $VmHost sh -c "virt-admin daemon-log-filters '$OwnFilters'; virt-admin daemon-log-outputs '$OwnLog'; rm -f $Log"
}

# The arguments that QEMU was given with a command, one object for each time, in order.
function Get-DaemonCommand([string] $VmHost, [string] $Command) {
    foreach ($line in (Invoke-Lab exec $VmHost cat $Log) -split "`n" -match 'QEMU_MONITOR_SEND_MSG:') {
        $message = $line -replace '^.*?msg=' | ConvertFrom-Json
        if ($message.execute -eq $Command) {
            $message.PSObject.Properties['arguments'] ? $message.arguments : [pscustomobject] @{}
        }
    }
}

# How a function of libvirt was called: a text for each time, in order, of the flags and the typed parameters by name, with the first line of each.
function Get-DaemonCall([string] $VmHost, [string] $Function) {
    $calls = [Collections.Generic.List[object]]::new()
    foreach ($line in (Invoke-Lab exec $VmHost cat $Log) -split "`n" -match ": ${Function}:") {
        if ($line -match 'flags=0x[0-9a-f]+') {
            $calls.Add([pscustomobject] @{ Flags = $Matches[0]; Parameters = [Collections.Generic.List[string]]::new() })
        }
        elseif ($line -match 'params\[.*$') {
            $calls[-1].Parameters.Add($Matches[0])
        }
    }
    foreach ($call in $calls) {
        @($call.Flags) + @($call.Parameters | Sort-Object) -join "`n"
    }
}

Export-ModuleMember -Function *
