# The first command of a new process. Connecting first changes nothing in the whole: Get-Vm would do it.
param([string] $Module, [string] $VmHost)

$clock = [Diagnostics.Stopwatch]::StartNew()
Import-Module $Module
$import = $clock.ElapsedMilliseconds
$null = Connect-VmHost $VmHost
$connect = $clock.ElapsedMilliseconds
$null = Get-Vm -VmHost $VmHost
$list = $clock.ElapsedMilliseconds
"$import $connect $list"
