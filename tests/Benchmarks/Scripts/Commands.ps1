# What takes more than one cmdlet, or what only PowerShell itself can tell.

# Looks so often in a row.
function Get-VmAgain([string] $VmHost, [int] $Times) {
    for ($i = 0; $i -lt $Times; $i++) {
        $null = Get-Vm -VmHost $VmHost
    }
}

function Connect-Again([string] $VmHost, [string] $Transport) {
    Disconnect-VmHost $VmHost
    $null = Connect-VmHost $VmHost -Transport $Transport
}

# Keeps VMs for Test-Selected.
function Select-Vm([string] $Name, [string] $VmHost) {
    $script:selected = Get-Vm $Name -VmHost $VmHost
}

function Test-Selected([string] $Destination) {
    $selected | Test-VmMigrationReadiness -Destination $Destination
}

function Get-Estimate([string] $Vm, [string] $VmHost, [string] $Destination) {
    $rate = Measure-VmDirtyRate $Vm -VmHost $VmHost -Period 1
    Get-VmMigrationEstimate $Vm -VmHost $VmHost -Destination $Destination -DirtyRate $rate -Bandwidth 100MB
}

# Keeps the job for Wait-Migration.
function Start-Migration([hashtable] $Options) {
    $script:job = Start-VmMigration @Options -AsJob
}

# How the job ended.
function Wait-Migration {
    $null = Wait-Job $job
    [pscustomobject]@{ Outcome = $job.Result.Outcome }
    Remove-Job $job
}

# What the job has come to so far.
function Get-Progress {
    [pscustomobject]@{ Text = "$($job.StatusMessage) $($job.Error)" }
}

# What this process holds when it rests. What was left for the finalizers is not counted, the working set is the least of half a minute,
# and idle threads of the pool leave after 20 s. The memory in use is what is resident without what the C library keeps of freed memory.
function Get-Footprint {
    $least = $null
    $clock = [Diagnostics.Stopwatch]::StartNew()
    do {
        $now = Get-Holding
        $least ??= $now
        foreach ($name in @($now.Keys)) {
            $least[$name] = [Math]::Min($least[$name], $now[$name])
        }
        Start-Sleep -Seconds 1
    } while ($clock.Elapsed.TotalSeconds -lt 30)
    Limit-Heap
    $least.Used = (Get-Holding).Resident
    [pscustomobject]$least
}

function Get-Holding {
    foreach ($time in 1, 2) {
        [GC]::Collect([GC]::MaxGeneration, [GCCollectionMode]::Aggressive, $true, $true)
        [GC]::WaitForPendingFinalizers()
    }
    $self = [Diagnostics.Process]::GetCurrentProcess()
    try {
        @{
            Resident = $self.WorkingSet64
            Managed = [GC]::GetTotalMemory($false)
            Descriptors = [IO.Directory]::GetFileSystemEntries('/proc/self/fd').Length
            Threads = $self.Threads.Count
        }
    }
    finally {
        $self.Dispose()
    }
}

# Glibc keeps an arena for each of many threads, and gives back next to nothing of them by itself. Another C library has no such arenas.
function Limit-Heap {
    try {
        $null = $heap::malloc_trim(0)
    }
    catch [EntryPointNotFoundException] {
        return
    }
}

# A compiler in this process, as Add-Type has it, would be most of what it holds.
$heap = & {
    $module = [Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly([Reflection.AssemblyName]::new('Heap'), 'Run').DefineDynamicModule('Heap')
    $type = $module.DefineType('Heap', 'Public')
    $method = $type.DefinePInvokeMethod(
        'malloc_trim', 'libc', 'Public, Static, PinvokeImpl', 'Standard', [int], [type[]] @([UIntPtr]), 'Cdecl', 'Ansi')
    $method.SetImplementationFlags('PreserveSig')
    $type.CreateType()
}
