<#
.SYNOPSIS
What the acceptance tests share: the module under test, the lab with its guests, and looks at what a user would see.

.DESCRIPTION
A test file opens the lab in BeforeAll, calls Skip-WithoutLab in BeforeEach and closes the lab in AfterAll. A lab that is up
already, such as the one that Invoke-Acceptance.ps1 brings up for all files, is used and left; one that a file has brought up
goes down with it.
#>
Set-StrictMode -Version 3.0

$Root = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..'))
$LabCommand = [IO.Path]::Combine($Root, 'tests', 'Lab', 'lab')
$ModulePath = [IO.Path]::Combine($Root, 'out', 'VirtMigrate')

# What would change where the module looks for hosts.
$Settings = 'LIBVIRT_DEFAULT_URI', 'VIRTMIGRATE_DESTINATION', 'VIRTMIGRATE_TRANSPORT'

# The finished module, as it is packed, with a session of its own for each file: estimates go by the migrations before.
function Import-Subject {
    if (-not (Test-Path $ModulePath)) {
        throw "There is nothing to test in '$ModulePath'. Build it first: build.ps1 Build"
    }
    Remove-Module VirtMigrate -ErrorAction Ignore
    Import-Module $ModulePath -Global -ErrorAction Stop
}

# The words that start another PowerShell like this one, which may be an assembly that dotnet runs.
function Get-PowerShellCommand {
    $program = [Environment]::ProcessPath
    [IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet' ? @($program, [Environment]::GetCommandLineArgs()[0]) : @($program)
}

# Runs a script in a PowerShell of its own, as a runbook is run: nobody is there to answer. One that asks all the same would
# wait for ever, so it is ended after two minutes, and the test sees that.
function Invoke-Runbook([string] $Script, [string[]] $Switch = '-NonInteractive') {
    $file = [IO.Path]::Combine([IO.Path]::GetTempPath(), "$([guid]::NewGuid()).ps1")
    Set-Content -Path $file -Value "Import-Module '$ModulePath'`n$Script"
    $program, $first = Get-PowerShellCommand
    $start = [Diagnostics.ProcessStartInfo]::new($program)
    foreach ($argument in @($first).Where({ $_ }) + @('-NoProfile') + $Switch + @('-File', $file)) {
        $start.ArgumentList.Add($argument)
    }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $start.Environment['NO_COLOR'] = '1'
    $process = [Diagnostics.Process]::Start($start)
    try {
        $process.StandardInput.Close()
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEndAsync()
        if (-not $process.WaitForExit(120000)) {
            $process.Kill($true)
            throw "The script did not end by itself:`n$Script`n$($output.Result)$($errors.Result)"
        }
        $process.WaitForExit()
        [pscustomobject]@{
            ExitCode = $process.ExitCode
            Output = $output.Result -replace '\e\[[\d;?]*[a-zA-Z]'
            Error = $errors.Result -replace '\e\[[\d;?]*[a-zA-Z]'
        }
    }
    finally {
        $process.Dispose()
        Remove-Item $file
    }
}

# The errors of a command, whether they ended it or not.
function Get-Problem([scriptblock] $Command) {
    try {
        & $Command 2>&1 | Where-Object { $_ -is [Management.Automation.ErrorRecord] }
    }
    catch {
        $_
    }
}

# There was one error, and a user sees all that matters of it.
function Assert-Problem([object[]] $Problem, [string] $Id, [string] $Category, [string] $Message, [string] $Action) {
    $Problem | Should -HaveCount 1 -Because "the errors were: $($Problem -join '; ')"
    $record = $Problem[0]
    $record.FullyQualifiedErrorId | Should -Match "^$Id,VirtMigrate\."
    $record.CategoryInfo.Category | Should -Be $Category
    $record.ToString() | Should -BeLike "*$Message*"
    $record.ErrorDetails.RecommendedAction | Should -BeLike "*$Action*"
    $record.InvocationInfo.MyCommand.ModuleName | Should -Be 'VirtMigrate'
}

# A command emits what it declares, and nothing else.
function Assert-Declared([object[]] $Object, [string] $Command) {
    $declared = (Get-Command $Command).OutputType.Name
    $Object | Should -Not -BeNullOrEmpty
    foreach ($one in $Object) {
        $one.PSTypeNames[0] | Should -BeIn $declared
    }
}

# What Out-Default shows on a console of this width, without colours.
function Get-Shown([object] $Object, [int] $Width = 120) {
    ($Object | Out-String -Width $Width) -replace '\e\[[\d;?]*[a-zA-Z]'
}

# Runs the lab's script, in the slot that LAB_SLOT names.
function Invoke-Lab {
    $slot = $env:LAB_SLOT ? $env:LAB_SLOT : '6'
    $text = (& env "LAB_SLOT=$slot" $LabCommand @args 2>&1) -join "`n"
    if ($LASTEXITCODE -ne 0) {
        throw "lab ${args}: $text"
    }
    $text
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
    # The lines are meant for a shell, so a shell reads them.
    $script = (Invoke-Lab env) + "`nfor name in `$(compgen -v LAB_); do printf '%s=%s\n' `"`$name`" `"`${!name}`"; done"
    foreach ($line in bash -c $script) {
        $name, $value = $line -split '=', 2
        switch -Regex ($name) {
            '^LAB_HOST(\d)_TCP$' { $lab | Add-Member "Kvm$($Matches[1])" $value }
            '^LAB_HOST(\d)_(ADDRESS|TLS|SSH)$' { $lab | Add-Member "Kvm$($Matches[1])$($Matches[2])" $value }
            '^LAB_SHARED$' { $lab | Add-Member Shared $value }
            '^LAB_EMULATOR$' { $lab | Add-Member Emulator $value }
            '^LAB_PKI$' { $lab | Add-Member Pki $value }
        }
    }
    $lab
}

# Leaves the session, and the lab, as they were found.
function Close-Lab($Lab) {
    if ($null -eq $Lab -or $Lab.Obstacle) {
        return
    }
    Disconnect-VmHost * -ErrorAction SilentlyContinue
    foreach ($name in $Settings) {
        [Environment]::SetEnvironmentVariable($name, $Lab.Former[$name])
    }
    if ($Lab.IsOwn) {
        $null = Invoke-Lab down
    }
    else {
        Clear-LabLink
        $problems = foreach ($guest in $Lab.Guests) {
            try {
                $null = Invoke-Lab destroy $guest
            }
            catch {
                "$_"
            }
        }
        # The next file has the same hosts.
        $left = foreach ($uri in $Lab.Kvm1, $Lab.Kvm2) {
            (Invoke-Virsh $uri list --all --name) -split "`n" | Where-Object { $_ } | ForEach-Object { "'$_' is left on $uri." }
        }
        if ($problems -or $left) {
            throw (@($problems) + @($left)) -join "`n"
        }
    }
}

# To be called before each test that needs the lab.
function Skip-WithoutLab($Lab) {
    if ($Lab.Obstacle) {
        Set-ItResult -Skipped -Because $Lab.Obstacle
    }
}

# Boots guests, which all take the same options of lab guest, and returns when they tick.
function New-LabGuest($Lab, [string[]] $Name, [string[]] $Option = @()) {
    foreach ($one in $Name) {
        $null = $Lab.Guests.Add($one)
    }
    $module = $PSCommandPath
    $problems = $Name | ForEach-Object -ThrottleLimit 2 -Parallel {
        & (Import-Module $using:module -PassThru) {
            param($name, $option)
            try {
                $null = Invoke-Lab destroy $name
                $null = Invoke-Lab guest $name --memory 192 @option
            }
            catch {
                "$_"
            }
        } $_ $using:Option
    }
    if ($problems) {
        throw $problems -join "`n"
    }
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

# Limits the link of the source, so that there is time to look at a migration.
function Set-LabLink([string] $Rate) {
    $null = Invoke-Lab link kvm1 --rate $Rate
}

function Clear-LabLink {
    $null = Invoke-Lab link kvm1 --clear
}

# The guest ticks, on this host and no other, and has lost nothing.
function Assert-Whole([string] $Name, [string] $On) {
    Invoke-Lab check $Name | Should -BeLike "*guest '$Name' is whole on ${On}:*"
}

# What virsh says: the peer that the module is compared with.
function Invoke-Virsh([string] $Uri) {
    ((& env LC_ALL=C virsh -c $Uri @args 2>&1) -join "`n").Trim()
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

# Waits for something that has to come true; how long it takes is no matter, within reason.
function Wait-Until([string] $What, [scriptblock] $Condition) {
    $deadline = [DateTime]::UtcNow.AddMinutes(1)
    while (-not (& $Condition)) {
        if ([DateTime]::UtcNow -gt $deadline) {
            throw "Within a minute it did not come true that $What."
        }
        Start-Sleep -Milliseconds 100
    }
}

# Waits until memory crosses, by virsh's account.
function Wait-Moving($Lab, [string] $Name) {
    Wait-Until "'$Name' moves" { (Invoke-Virsh $Lab.Kvm1 domjobinfo $Name --rawstats) -match 'memory_processed: *[1-9]' }
}

# A guest in software emulation that lacks a page of its own code right after the switch can block its QEMU for good.
function Wait-Fetching($Lab, [string] $Name) {
    Wait-Until "'$Name' runs on the destination" { (Invoke-Virsh $Lab.Kvm2 domstate $Name --reason) -eq 'running (post-copy)' }
    $console = [IO.Path]::Combine($Lab.Shared, 'consoles', "$Name.log")
    $ticks = { @(Select-String -Path $console -Pattern '^tick ').Count }
    $goal = (& $ticks) + 12
    Wait-Until "'$Name' ticks there" { (& $ticks) -ge $goal }
}

# Changes to hosts, and VMs that boot nothing: what it takes to see migrations fail for one reason only.

$HostChanges = [Collections.Generic.Stack[hashtable]]::new()

# Changes a host until Restore-LabHost, which runs each line of the undo, also where the change failed half-way. What libvirtd reads
# when it starts needs -Restart; its VMs outlive it.
function Edit-LabHost([string] $VmHost, [string] $Change, [string] $Undo, [switch] $Restart) {
    $HostChanges.Push(@{ VmHost = $VmHost; Undo = $Undo -split "`n"; Restart = $Restart })
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
    $problems = [Collections.Generic.List[string]]::new()
    while ($HostChanges.Count -gt 0) {
        $change = $HostChanges.Pop()
        $steps = @($change.Undo).ForEach({ , @('exec', $change.VmHost, 'sh', '-e', '-c', $_) })
        if ($change.Restart) {
            $steps = @(, @('kill', $change.VmHost, 'libvirtd')) + $steps + @(, @('start', $change.VmHost))
        }
        foreach ($step in $steps) {
            try {
                $null = Invoke-Lab @step
            }
            catch {
                $problems.Add("$_")
            }
        }
    }
    if ($problems) {
        throw $problems -join "`n"
    }
}

# Starts a VM that boots nothing, or only defines it: libvirt's domain and a real QEMU, within half a second. One of that name that this
# file has started goes first. Its UUID is the one by which the lab knows its guests, so that lab destroy removes it.
function New-EmptyVm {
    param(
        $Lab,
        [string] $Name,
        [string] $Devices,
        [string] $Elements,
        [string] $Firmware,
        [string] $Machine = 'pc',
        [string] $Emulator = $Lab.Emulator,
        [int] $Memory = 64,
        [string] $Uri = $Lab.Kvm1,
        [switch] $Off
    )

    if (-not $Lab.Guests.Add($Name)) {
        $null = Invoke-Lab destroy $Name
    }
    $sum = [Security.Cryptography.MD5]::HashData([Text.Encoding]::UTF8.GetBytes("virtmigrate-lab $Name"))
    $digits = [Convert]::ToHexString($sum).ToLowerInvariant()
    $uuid = $digits -replace '^(.{8})(.{4}).(...).(...)(.{12})$', '$1-$2-4$3-8$4-$5'
    $file = [IO.Path]::GetTempFileName()
    try {
        Set-Content $file @"
<domain type="qemu">
  <name>$Name</name>
  <uuid>$uuid</uuid>
  <memory unit="MiB">$Memory</memory>
  <vcpu>1</vcpu>
  <os><type arch="x86_64" machine="$Machine">hvm</type>$Firmware</os>
  <features><acpi/></features>
  $Elements
  <devices>
    <emulator>$Emulator</emulator>
    <controller type="usb" model="none"/>
    <memballoon model="none"/>
    $Devices
  </devices>
</domain>
"@
        $said = Invoke-Virsh $Uri ($Off ? "define $file" : "define $file; start $Name")
    }
    finally {
        Remove-Item $file
    }
    if ($said -notmatch ($Off ? 'defined from' : 'started')) {
        throw "'$Name': $said"
    }
}

# What each check says of a migration, by its id. The options are those of Start-VmMigration; nothing is changed here that it would ask for.
function Get-Check($Lab, [string] $Name, [hashtable] $Option = @{}, [string] $From = $Lab.Kvm1, [string] $To = $Lab.Kvm2) {
    $asked = $Option.Clone()
    $asked.Remove('Confirm')
    $report = Test-VmMigrationReadiness $Name -VmHost $From -Destination $To -WarningAction SilentlyContinue @asked
    $checks = @{}
    foreach ($check in $report.Checks) {
        $checks.Add($check.Id, $check)
    }
    $checks
}

# A check finds that it won't go, says what it saw and what to do, and promises these words of libvirt.
function Assert-Foretold($Check, [string] $LibvirtError) {
    $Check.Status | Should -Be 'Failed' -Because "$Check"
    $Check.Evidence | Should -Not -BeNullOrEmpty
    $Check.Recommendation | Should -Not -BeNullOrEmpty
    $Check.LibvirtError | Should -Not -BeNullOrEmpty
    $LibvirtError | Should -BeLike "*$([wildcardpattern]::Escape($Check.LibvirtError))*"
}

# A migration begins and libvirt refuses it. A user sees all that matters of why, in the error and in the result, which is returned:
# libvirt's words, what to do, whether to try again, and that the VM is where it was, and only there. Where a check is named, it has
# foretold that, in libvirt's words.
function Assert-Failure {
    param(
        $Lab,
        [string] $Name,
        [string] $Id,
        [string] $Category,
        [string] $Message,
        [string] $Action,
        [hashtable] $Option = @{},
        [bool] $CanRetry,
        [string] $Check,
        [string] $From = $Lab.Kvm1,
        [string] $To = $Lab.Kvm2
    )

    if ($Check) {
        $foretold = (Get-Check $Lab $Name $Option $From $To)[$Check]
    }
    $said = @(Start-VmMigration $Name -VmHost $From -Destination $To -SkipCheck All -WarningAction SilentlyContinue @Option 2>&1)
    $problem = $said.Where({ $_ -is [Management.Automation.ErrorRecord] })
    $result = $said.Where({ $_ -isnot [Management.Automation.ErrorRecord] })
    Assert-Problem $problem $Id $Category $Message $Action
    "$problem" | Should -BeLike "*'$Name' is *, and only there."
    if ($Check) {
        Assert-Foretold $foretold "$problem"
    }
    $result | Should -HaveCount 1
    $result[0].Outcome | Should -Be 'RolledBack'
    $result[0].ErrorId | Should -Be $Id
    $result[0].CanRetry | Should -Be $CanRetry
    $result[0].Errors[0].Message | Should -BeLike "*$Message*"
    $result[0]
}

# What lab env says, by its names.
function Get-LabVariable {
    $script = (Invoke-Lab env) + "`nfor name in `$(compgen -v LAB_); do printf '%s=%s\n' `"`$name`" `"`${!name}`"; done"
    $variables = @{}
    foreach ($line in bash -c $script) {
        $name, $value = $line -split '=', 2
        $variables[$name] = $value
    }
    $variables
}

# A session of PowerShell beside this one, in the same process: it has the module, has seen no host yet, and nobody is there to be asked.
function Open-Session {
    $state = [initialsessionstate]::CreateDefault2()
    $state.ImportPSModule([string[]] (Get-Module VirtMigrate).Path)
    $session = [runspacefactory]::CreateRunspace($state)
    $session.Open()
    $session
}

# Begins a script in such a session, which is busy until Wait-Script has returned.
function Start-Script([runspace] $Session, [string] $Script) {
    $shell = [powershell]::Create($Session).AddScript($Script)
    $nothing, $output = [Management.Automation.PSDataCollection[psobject]]::new(), [Management.Automation.PSDataCollection[psobject]]::new()
    $nothing.Complete()
    [pscustomobject]@{ Shell = $shell; Output = $output; Handle = $shell.BeginInvoke($nothing, $output) }
}

# Waits up to two minutes for the script's end. The error that ended it, if one did, is the first.
function Wait-Script($Running) {
    if (-not $Running.Handle.AsyncWaitHandle.WaitOne(120000)) {
        throw 'The script has not ended within two minutes.'
    }
    $errors = @(
        try {
            $null = $Running.Shell.EndInvoke($Running.Handle)
        }
        catch {
            $_.Exception.InnerException.ErrorRecord
        }
    )
    $streams = $Running.Shell.Streams
    [pscustomobject]@{ Output = @($Running.Output); Errors = $errors + @($streams.Error); Progress = @($streams.Progress) }
    $Running.Shell.Dispose()
}

function Invoke-Session([runspace] $Session, [string] $Script) {
    Wait-Script (Start-Script $Session $Script)
}

# Boots a guest whose definition is not quite the lab's: the script block changes it before. Returns when the guest ticks.
function New-EditedGuest($Lab, [string] $Name, [string[]] $Option = @(), [scriptblock] $Edit) {
    New-LabGuest $Lab $Name -Option (@($Option) + '--off')
    $definition = [xml] (Invoke-Virsh $Lab.Kvm1 dumpxml --inactive $Name)
    $null = & $Edit $definition.DocumentElement
    $file = [IO.Path]::GetTempFileName()
    Set-Content $file $definition.OuterXml
    $said = (Invoke-Virsh $Lab.Kvm1 define $file), (Invoke-Virsh $Lab.Kvm1 start $Name) -join ' '
    Remove-Item $file
    if ($said -match 'error:') {
        throw $said
    }
    Wait-Tick $Lab $Name 3
}

# Waits until a guest has ticked so often since it booted.
function Wait-Tick($Lab, [string] $Name, [int] $Count) {
    $console = [IO.Path]::Combine($Lab.Shared, 'consoles', "$Name.log")
    Wait-Until "'$Name' ticks" { (Test-Path -LiteralPath $console) -and (Select-String -LiteralPath $console -Pattern "^tick $Count " -Quiet) }
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

# Waits until memory leaves a host, by virsh's account.
function Wait-Leaving([string] $Uri, [string] $Name) {
    Wait-Until "'$Name' leaves $Uri" { (Invoke-Virsh $Uri domjobinfo $Name --rawstats) -match 'memory_processed: *[1-9]' }
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
