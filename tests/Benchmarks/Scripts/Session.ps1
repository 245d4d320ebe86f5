<#
.SYNOPSIS
A warm session with the finished module: what the benchmarks measure. It carries out what it is asked for and says how long that took.

.PARAMETER Module
The module's manifest.

.PARAMETER Pipe
The name of the pipe on which requests come, a line of JSON each: a Command, its Arguments, and which properties to Read of what it emits.
An answer is a line with the Seconds, the Count of objects, what was Read of each, and the Error, if there was one.
#>
param(
    [Parameter(Mandatory)]
    [string] $Module,

    [Parameter(Mandatory)]
    [string] $Pipe
)

# Every error ends the benchmark.
$ErrorActionPreference = 'Stop'
Import-Module $Module
. "$PSScriptRoot/Commands.ps1"
. "$PSScriptRoot/Links.ps1"

# A property's value, with dots between nested ones, or the object as text. Times are seconds.
function Read-Value($Object, [string] $Path) {
    $value = $Object
    foreach ($name in $Path -split '\.' -ne '') {
        $value = $null -eq $value ? $null : $value.$name
    }
    switch ($value) {
        { $null -eq $_ } { $null; break }
        { $_ -is [timespan] } { $_.TotalSeconds; break }
        { $_ -is [string] -or $_.GetType().IsPrimitive } { $_; break }
        default { "$_" }
    }
}

$stream = [IO.Pipes.NamedPipeClientStream]::new('.', $Pipe, 'InOut')
$stream.Connect()
$reader, $writer = [IO.StreamReader]::new($stream), [IO.StreamWriter]::new($stream)
$clock = [Diagnostics.Stopwatch]::new()
while ($null -ne ($line = $reader.ReadLine())) {
    $request = ConvertFrom-Json $line -AsHashtable
    $arguments = $request.Arguments
    $answer = @{ Seconds = 0; Count = 0; Read = @(); Error = $null }
    try {
        $clock.Restart()
        $output = & $request.Command @arguments
        $answer.Seconds = $clock.Elapsed.TotalSeconds
        $answer.Count = @($output).Count
        if ($request.Read.Count -gt 0) {
            $answer.Read = @(
                foreach ($object in $output) {
                    $values = @{}
                    foreach ($path in $request.Read) {
                        $values[$path] = Read-Value $object $path
                    }
                    $values
                }
            )
        }
    }
    catch {
        $answer.Error = "$_"
    }
    $writer.WriteLine((ConvertTo-Json $answer -Depth 4 -Compress))
    $writer.Flush()
}
