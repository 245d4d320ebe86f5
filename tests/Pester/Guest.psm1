<#
.SYNOPSIS
Guests of the lab: a real Linux that keeps writing and verifying its memory. They are booted, moved by virsh, and waited for.
#>
Set-StrictMode -Version 3.0

# Boots guests, which all take the same options of lab guest, and returns when they tick.
function New-LabGuest($Lab, [string[]] $Name, [string[]] $Option = @()) {
    foreach ($one in $Name) {
        $null = $Lab.Guests.Add($one)
    }
    $module = (Get-Module Lab).Path
    $problems = $Name | ForEach-Object -ThrottleLimit 2 -Parallel {
        Import-Module $using:module
        $name, $option = $_, $using:Option
        Invoke-Step {
            Invoke-Lab destroy $name
            Invoke-Lab guest $name --memory 192 @option
        }
    }
    if ($problems) {
        throw $problems -join "`n"
    }
}

# Boots a guest whose definition is not quite the lab's: the script block changes it before. Returns when the guest ticks.
function New-EditedGuest($Lab, [string] $Name, [string[]] $Option = @(), [scriptblock] $Edit) {
    New-LabGuest $Lab $Name -Option (@($Option) + '--off')
    $definition = [xml] (Invoke-Virsh $Lab.Kvm1 dumpxml --inactive $Name)
    $null = & $Edit $definition.DocumentElement
    Invoke-VirshXml $Lab.Kvm1 define $definition.OuterXml
    $said = Invoke-Virsh $Lab.Kvm1 start $Name
    if ($said -match 'error:') {
        throw $said
    }
    Wait-Tick $Lab $Name 3
}

function Remove-LabGuest($Lab, [string[]] $Name) {
    foreach ($one in $Name) {
        $null = Invoke-Lab destroy $one
        $null = $Lab.Guests.Remove($one)
    }
}

# Brings a running guest back to the first host, and drops what its visits left on the second.
function Reset-LabGuest($Lab, [string] $Name) {
    Clear-LabLink
    if ((Invoke-Virsh $Lab.Kvm2 domstate $Name) -match '^(running|paused)') {
        $said = Invoke-Virsh $Lab.Kvm2 migrate --live --persistent --undefinesource $Name $Lab.Kvm1
        if ($LASTEXITCODE -ne 0) {
            throw "'$Name' did not come back: $said"
        }
    }
    else {
        $null = Invoke-Virsh $Lab.Kvm2 undefine $Name
    }
}

# The way of a guest from the host that it is on to the other, where nothing is left of an earlier visit. So a test can go on from where
# the one before left the guest, instead of bringing it back.
function New-LabWay($Lab, [string] $Name) {
    $isBack = (Invoke-Virsh $Lab.Kvm2 domstate $Name) -match '^(running|paused)'
    $from, $to = $isBack ? @('kvm2', 'kvm1') : @('kvm1', 'kvm2')
    $way = [pscustomobject]@{ From = $from; To = $to; FromUri = $Lab.$from; ToUri = $Lab.$to; Ends = @{ VmHost = $from; Destination = $to } }
    $null = Invoke-Virsh $way.ToUri undefine $Name
    $way
}

# Migrates by virsh, as another person's session does, and returns its process at once.
function Start-VirshMigration($Lab, [string] $Name, [string[]] $Option = @()) {
    $start = [Diagnostics.ProcessStartInfo]::new('virsh')
    foreach ($argument in @('-c', $Lab.Kvm1, 'migrate', '--live', '--persistent') + $Option + @($Name, $Lab.Kvm2)) {
        $start.ArgumentList.Add($argument)
    }
    $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    [Diagnostics.Process]::Start($start)
}

# Waits until memory leaves a host, by virsh's account.
function Wait-Leaving([string] $Uri, [string] $Name) {
    Wait-Until "'$Name' leaves $Uri" { (Invoke-Virsh $Uri domjobinfo $Name --rawstats) -match 'memory_processed: *[1-9]' }
}

# Waits until memory crosses, by virsh's account.
function Wait-Moving($Lab, [string] $Name) {
    Wait-Leaving $Lab.Kvm1 $Name
}

# A guest in software emulation that lacks a page of its own code right after the switch can block its QEMU for good.
function Wait-Fetching($Lab, [string] $Name) {
    Wait-Until "'$Name' runs on the destination" { (Invoke-Virsh $Lab.Kvm2 domstate $Name --reason) -eq 'running (post-copy)' }
    $console = [IO.Path]::Combine($Lab.Shared, 'consoles', "$Name.log")
    $ticks = { @(Select-String -Path $console -Pattern '^tick ').Count }
    $goal = (& $ticks) + 12
    Wait-Until "'$Name' ticks there" { (& $ticks) -ge $goal }
}

# Waits until a guest has ticked so often since it booted.
function Wait-Tick($Lab, [string] $Name, [int] $Count) {
    $console = [IO.Path]::Combine($Lab.Shared, 'consoles', "$Name.log")
    Wait-Until "'$Name' ticks" { (Test-Path -LiteralPath $console) -and (Select-String -LiteralPath $console -Pattern "^tick $Count " -Quiet) }
}

# What a guest's QEMU itself answers.
function Get-QemuAnswer([string] $Uri, [string] $Name, [string] $Command) {
    (Invoke-Virsh $Uri qemu-monitor-command $Name "{`"execute`":`"$Command`"}" | ConvertFrom-Json).return
}

# What QEMU has switched on for its migrations.
function Get-QemuCapability([string] $Uri, [string] $Name) {
    (Get-QemuAnswer $Uri $Name query-migrate-capabilities | Where-Object state).capability
}

Export-ModuleMember -Function *
