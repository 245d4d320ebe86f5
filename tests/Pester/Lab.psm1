<#
.SYNOPSIS
The lab: its hosts, what is changed on them and taken back, and what virsh says of them.

.DESCRIPTION
A test file opens the lab in BeforeAll, calls Skip-WithoutLab in BeforeEach and closes the lab in AfterAll. A lab that is up
already, such as the one that Invoke-PesterSuite.ps1 brings up for all files, is used and left; one that a file has brought up
goes down with it.

What nearly every file needs besides comes along: the module under test (Subject.psm1), the lab's guests (Guest.psm1), and assertions on
what a user sees (Assertion.psm1). The other modules are imported by the files that need them.
#>
Set-StrictMode -Version 3.0

$Root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
$LabCommand = [IO.Path]::Combine($Root, 'tests', 'Lab', 'lab')

# What would change where the module looks for hosts.
$Settings = 'LIBVIRT_DEFAULT_URI', 'VIRTMIGRATE_DESTINATION', 'VIRTMIGRATE_TRANSPORT'

# What is to be taken back, the last change on top.
$HostChanges = [Collections.Generic.Stack[hashtable]]::new()

'Subject', 'Guest', 'Assertion' | ForEach-Object { Import-Module "$PSScriptRoot/$_.psm1" -Global }

# Runs the lab's script, in the slot that LAB_SLOT names.
function Invoke-Lab {
    $slot = $env:LAB_SLOT ? $env:LAB_SLOT : '6'
    $text = (& env "LAB_SLOT=$slot" $LabCommand @args 2>&1) -join "`n"
    if ($LASTEXITCODE -ne 0) {
        throw "lab ${args}: $text"
    }
    $text
}

# Makes a step, and gives only why it failed, so that the others are made as well.
function Invoke-Step([scriptblock] $Step) {
    try {
        $null = & $Step
    }
    catch {
        "$_"
    }
}

# Why there can be no lab here, or nothing.
function Get-LabObstacle {
    if ($env:VIRTMIGRATE_SKIP_LAB) {
        $env:VIRTMIGRATE_SKIP_LAB
    }
    elseif (-not $IsLinux) {
        'the lab needs Linux'
    }
    elseif (-not [Environment]::IsPrivilegedProcess) {
        'the lab makes network namespaces and needs root'
    }
    elseif (-not (Test-Path "$Root/out/lab/vmlinuz")) {
        'the lab is not installed: tests/Lab/lab install'
    }
}

function Test-LabUp {
    try {
        $null = Invoke-Lab env
        $true
    }
    catch {
        $false
    }
}

# What of the lab's hosts a file must leave as it was, since the next one meets it. Nothing where no lab is up.
function Get-LabState {
    if ((Get-LabObstacle) -or -not (Test-LabUp)) {
        return
    }
    (Invoke-Lab state) -split "`n"
}

# What is another than before; a host may need a little to be through with what it was asked for.
function Compare-LabState([string[]] $Before) {
    $deadline = [DateTime]::UtcNow.AddSeconds(15)
    do {
        $now = @(Get-LabState)
        $differences = @($now.Where({ $_ -notin $Before }) -replace '^', '+ ') + @($Before.Where({ $_ -notin $now }) -replace '^', '- ')
        if (-not $differences) {
            return
        }
        Start-Sleep -Milliseconds 500
    } while ([DateTime]::UtcNow -lt $deadline)
    $differences
}

# What lab env says, by its names. The lines are meant for a shell, so a shell reads them.
function Get-LabVariable {
    $script = (Invoke-Lab env) + "`nfor name in `$(compgen -v LAB_); do printf '%s=%s\n' `"`$name`" `"`${!name}`"; done"
    $variables = @{}
    foreach ($line in bash -c $script) {
        $name, $value = $line -split '=', 2
        $variables[$name] = $value
    }
    $variables
}

# Brings three hosts up, if they aren't, and says how they are reached. Where that can't be, it says why.
function Open-Lab {
    Import-Subject
    $lab = [pscustomobject]@{ Obstacle = Get-LabObstacle; IsOwn = $false; Guests = [Collections.Generic.HashSet[string]]::new(); Former = @{} }
    if ($lab.Obstacle) {
        return $lab
    }
    foreach ($name in $Settings) {
        $lab.Former[$name] = [Environment]::GetEnvironmentVariable($name)
        [Environment]::SetEnvironmentVariable($name, $null)
    }
    if (-not (Test-LabUp)) {
        $lab.IsOwn = $true
        $null = Invoke-Lab up 3
    }
    foreach ($variable in (Get-LabVariable).GetEnumerator()) {
        switch -Regex ($variable.Key) {
            '^LAB_HOST(\d)_TCP$' { $lab | Add-Member "Kvm$($Matches[1])" $variable.Value }
            '^LAB_HOST(\d)_(ADDRESS|TLS|SSH)$' { $lab | Add-Member "Kvm$($Matches[1])$($Matches[2])" $variable.Value }
            '^LAB_SHARED$' { $lab | Add-Member Shared $variable.Value }
            '^LAB_EMULATOR$' { $lab | Add-Member Emulator $variable.Value }
            '^LAB_PKI$' { $lab | Add-Member Pki $variable.Value }
        }
    }
    $lab
}

# Leaves the session, and the lab, as they were found. Every step is made, whatever became of the others.
function Close-Lab($Lab) {
    if ($null -eq $Lab -or $Lab.Obstacle) {
        return
    }
    Disconnect-VmHost * -ErrorAction SilentlyContinue
    foreach ($name in $Settings) {
        [Environment]::SetEnvironmentVariable($name, $Lab.Former[$name])
    }
    if ($Lab.IsOwn) {
        $HostChanges.Clear()
        $null = Invoke-Lab down
        return
    }
    $problems = @(
        Invoke-Step { Clear-LabLink }
        foreach ($guest in $Lab.Guests) {
            Invoke-Step { Invoke-Lab destroy $guest }
        }
        Invoke-Step { Restore-LabHost }
        # The next file has the same hosts.
        foreach ($uri in $Lab.Kvm1, $Lab.Kvm2) {
            (Invoke-Virsh $uri list --all --name) -split "`n" | Where-Object { $_ } | ForEach-Object { "'$_' is left on $uri." }
        }
    )
    if ($problems) {
        throw $problems -join "`n"
    }
}

# To be called before each test that needs the lab.
function Skip-WithoutLab($Lab) {
    if ($Lab.Obstacle) {
        Set-ItResult -Skipped -Because $Lab.Obstacle
    }
}

# Limits the link of the source, so that there is time to look at a migration.
function Set-LabLink([string] $Rate) {
    $null = Invoke-Lab link kvm1 --rate $Rate
}

function Clear-LabLink {
    $null = Invoke-Lab link kvm1 --clear
}

# Changes a host by a shell command until Restore-LabHost, which runs each command of the undo, also where the change failed half-way.
# What libvirtd reads when it starts needs -Restart; its VMs outlive it.
function Edit-LabHost([string] $VmHost, [string] $Change, [string[]] $Undo, [switch] $Restart) {
    $HostChanges.Push(@{ VmHost = $VmHost; Undo = $Undo; Restart = $Restart })
    if ($Restart) {
        $null = Invoke-Lab kill $VmHost libvirtd
    }
    $null = Invoke-Lab exec $VmHost sh -e -c $Change
    if ($Restart) {
        $null = Invoke-Lab start $VmHost
    }
}

# Takes back all that was changed, the last change first. No step is left out because another one failed.
function Restore-LabHost {
    $problems = while ($HostChanges.Count -gt 0) {
        $change = $HostChanges.Pop()
        if ($change.Restart) {
            Invoke-Step { Invoke-Lab kill $change.VmHost libvirtd }
        }
        foreach ($command in $change.Undo) {
            Invoke-Step { Invoke-Lab exec $change.VmHost sh -e -c $command }
        }
        if ($change.Restart) {
            Invoke-Step { Invoke-Lab start $change.VmHost }
        }
    }
    if ($problems) {
        throw $problems -join "`n"
    }
}

# Has a firewall of the second host look at what comes in, by a rule of nftables, until Restore-LabHost.
function Set-LabFirewall([string] $Rule) {
    $change = "nft 'add table inet lab; add chain inet lab in { type filter hook input priority 0; }; add rule inet lab in $Rule'"
    Edit-LabHost kvm2 $change 'nft delete table inet lab'
}

# What virsh says: the peer that the module is compared with.
function Invoke-Virsh([string] $Uri) {
    ((& env LC_ALL=C virsh -c $Uri @args 2>&1) -join "`n").Trim()
}

# Has virsh define or create something of XML.
function Invoke-VirshXml([string] $Uri, [string] $Command, [string] $Xml) {
    $file = [IO.Path]::GetTempFileName()
    try {
        Set-Content $file $Xml
        $said = Invoke-Virsh $Uri $Command $file
        if ($said -match '(?m)^error:') {
            throw "virsh $Command on ${Uri}: $said`n$Xml"
        }
    }
    finally {
        Remove-Item $file
    }
}

# Waits for something that has to come true; how long it takes is no matter, within reason.
function Wait-Until([string] $What, [scriptblock] $Condition) {
    $deadline = [DateTime]::UtcNow.AddMinutes(1)
    while (-not (& $Condition)) {
        if ([DateTime]::UtcNow -gt $deadline) {
            throw "Within a minute it did not come true that $What."
        }
        Start-Sleep -Milliseconds 250
    }
}

Export-ModuleMember -Function *
