<#
.SYNOPSIS
Builds, tests, shows and packages VirtMigrate.

.DESCRIPTION
Runs in PowerShell 7.4 or later and, where that can't be installed, in tests/Shell:

    dotnet run --project tests/Shell -- build.ps1 Test

Everything that it makes is under out/.

.PARAMETER Task
Build    puts the finished module into out/VirtMigrate: Import-Module ./out/VirtMigrate
Demo     migrates guests between two real libvirt hosts on this machine, with its progress (root, Linux)
Test     builds, and runs all tests; the last line says how many passed and failed
Docs     makes the MAML in src/VirtMigrate/en-US of the pages in docs/en-US (needs Microsoft.PowerShell.PlatyPS)
Bench    runs the benchmarks; all further arguments are theirs
Package  makes out/VirtMigrate.<version>.nupkg, the same bytes from the same commit
Simulate runs the engine against simulated hosts on which things go wrong: -Runs many, or one with its trace (-Seed);
or it replays the record of a real migration (-Trace)

.PARAMETER Configuration
The build configuration.

.PARAMETER Filter
Test: runs the tests whose full name, Namespace.Class.Method, contains this.

.PARAMETER SkipLab
Test: leaves out the tests that need real libvirt hosts.

.PARAMETER Seed
Test: shuffles the order of the tests by this number; the same number gives the same order on every machine. Without it the number is made
of the commit (the first 31 bits of its hash), so that each commit is tested in an order of its own; without git it is 1.
Simulate: the run to be repeated, with its trace.

.PARAMETER Runs
Simulate: how many runs.

.PARAMETER Batch
Simulate: several VMs a run, with the queue and the registry of one session.

.PARAMETER Trace
Simulate: the record of a real migration that is to be replayed (VIRTMIGRATE_TRACE, see about_VmMigration), or a folder of such records.

.PARAMETER Arguments
Bench: the benchmarks' own arguments.

.EXAMPLE
./build.ps1 Test -Filter HostAddress -SkipLab

.EXAMPLE
./build.ps1 Test -Seed 7

.EXAMPLE
./build.ps1 Bench -Estimate

.EXAMPLE
./build.ps1 Simulate -Runs 5000000

.EXAMPLE
./build.ps1 Simulate -Seed 4711

.EXAMPLE
./build.ps1 Simulate -Trace ./20261201-140312-001-web1.jsonl
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Docs', 'Bench', 'Package', 'Simulate')]
    [string] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [string] $Filter,

    [switch] $SkipLab,

    [ValidateRange(1, [int]::MaxValue)]
    [int] $Seed,

    [ValidateRange(1, [int]::MaxValue)]
    [int] $Runs = 20000,

    [switch] $Batch,

    [string] $Trace,

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Arguments = @()
)

# Only language, .NET and the engine's own cmdlets below: the engine package that tests/Shell hosts has no others.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Root = $PSScriptRoot
$Out = [IO.Path]::Combine($Root, 'out')
$ModuleDirectory = [IO.Path]::Combine($Out, 'VirtMigrate')
$Lab = [IO.Path]::Combine($Root, 'tests', 'Lab', 'lab')
$Pages = [IO.Path]::Combine($Root, 'docs', 'en-US')
$Packaging = [IO.Path]::Combine($Root, 'src', 'VirtMigrate', 'Package')

function Write-Line([string] $Text) {
    $Host.UI.WriteLine($Text)
}

# Runs a native command with its output going where ours goes; a failure is an error.
function Invoke-Native([string] $File, [string[]] $ArgumentList) {
    & $File @ArgumentList
    if ($LASTEXITCODE -ne 0) {
        throw "$File $ArgumentList ended with exit code $LASTEXITCODE."
    }
}

# Switches that all builds share, so that none of them compiles again what another has built.
function Get-BuildSwitch {
    @(
        '--configuration', $Configuration, '--nologo', '--verbosity', 'quiet', '-consoleLoggerParameters:NoSummary'
    )
}

function Get-ArtifactPath([string] $Kind, [string] $Project) {
    [IO.Path]::Combine($Out, 'artifacts', $Kind, $Project, $Configuration.ToLowerInvariant())
}

function Remove-Directory([string] $Path) {
    if ([IO.Directory]::Exists($Path)) {
        [IO.Directory]::Delete($Path, $true)
    }
}

function Copy-File([string] $Directory, [string] $Pattern, [string] $Destination) {
    if ([IO.Directory]::Exists($Directory)) {
        $null = [IO.Directory]::CreateDirectory($Destination)
        foreach ($file in [IO.Directory]::GetFiles($Directory, $Pattern)) {
            [IO.File]::Copy($file, [IO.Path]::Combine($Destination, [IO.Path]::GetFileName($file)), $true)
        }
    }
}

# An about page as Get-Help shows it: headings in capitals, code indented without its fences, none of Markdown's marks.
function ConvertTo-Topic([string] $Markdown) {
    $isCode = $false
    $lines = foreach ($line in $Markdown.Split("`n")) {
        if ($line -match '^```') {
            $isCode = -not $isCode
        }
        elseif ($isCode) {
            "    $line".TrimEnd()
        }
        elseif ($line -match '^# (?<name>.+)') {
            'TOPIC', "    $($Matches.name)"
        }
        elseif ($line -match '^## (?<name>.+)') {
            $Matches.name.ToUpperInvariant()
        }
        else {
            $line -replace '^### ' -replace '\[([^\]]+)\]\([^)]+\)', '$1' -replace '\*\*|`'
        }
    }
    $lines -join "`n"
}

# What is made of the other files: the release notes in the manifest and, last, the list of all that is there.
function Complete-Module([string] $Path) {
    $changelog = [IO.Path]::Combine($Root, 'docs', 'CHANGELOG.md')
    & ([IO.Path]::Combine($Packaging, 'Set-ReleaseNotes.ps1')) -Manifest ([IO.Path]::Combine($Path, 'VirtMigrate.psd1')) -Changelog $changelog
    $assets = [IO.Path]::Combine($Out, 'artifacts', 'obj', 'VirtMigrate', 'project.assets.json')
    & ([IO.Path]::Combine($Packaging, 'New-Sbom.ps1')) -Module $Path -Assets $assets `
        -Destination ([IO.Path]::Combine($Path, 'sbom', 'VirtMigrate.cdx.json'))
}

function Build-Module {
    $project = [IO.Path]::Combine($Root, 'src', 'VirtMigrate')
    $published = Get-ArtifactPath publish VirtMigrate
    Remove-Directory $published
    Invoke-Native dotnet (@('publish', $project, '--output', $published) + (Get-BuildSwitch))

    # Assembled beside its place and moved there whole, so that nobody imports half a module.
    $staging = "$ModuleDirectory.new"
    $former = "$ModuleDirectory.old"
    Remove-Directory $staging
    Remove-Directory $former
    Copy-File $published '*.dll' $staging
    Copy-File $project '*.ps1xml' $staging
    Copy-File $Root 'VirtMigrate.psd1' $staging
    Copy-File $Root 'LICENSE' $staging
    Copy-File $Packaging 'THIRD-PARTY-NOTICES.txt' $staging
    Copy-File $Packaging 'icon.png' $staging
    Copy-File ([IO.Path]::Combine($project, 'en-US')) '*-Help.xml' ([IO.Path]::Combine($staging, 'en-US'))
    foreach ($page in [IO.Directory]::GetFiles($Pages, 'about_*.md')) {
        $topic = [IO.Path]::Combine($staging, 'en-US', "$([IO.Path]::GetFileNameWithoutExtension($page)).help.txt")
        [IO.File]::WriteAllText($topic, (ConvertTo-Topic ([IO.File]::ReadAllText($page))))
    }
    Complete-Module $staging
    if ([IO.Directory]::Exists($ModuleDirectory)) {
        [IO.Directory]::Move($ModuleDirectory, $former)
    }
    [IO.Directory]::Move($staging, $ModuleDirectory)
    Remove-Directory $former
    Write-Line "Built $ModuleDirectory"
}

function Test-LabPossible {
    if (-not $IsLinux) {
        Write-Line 'The lab is left out: it needs Linux.'
    }
    elseif (-not [Environment]::IsPrivilegedProcess) {
        Write-Line 'The lab is left out: it makes network namespaces and needs root.'
    }
    else {
        return $true
    }
    $false
}

# These slots, or others where another checkout's labs are in them.
function Find-LabSlot([string[]] $Wanted) {
    $slots = @(& $Lab slots @Wanted)
    if ($LASTEXITCODE -ne 0) {
        throw "There is no slot for a lab: lab slots ended with exit code $LASTEXITCODE."
    }
    $slots
}

# An empty one is none: .NET would set it, and the engine makes an empty text of $null.
function Set-EnvironmentVariable([string] $Name, [string] $Value) {
    [Environment]::SetEnvironmentVariable($Name, ($Value ? $Value : [NullString]::Value))
}

# Runs something with an environment variable set.
function Use-EnvironmentVariable([string] $Name, [string] $Value, [scriptblock] $Action) {
    $former = [Environment]::GetEnvironmentVariable($Name)
    Set-EnvironmentVariable $Name $Value
    try {
        & $Action
    }
    finally {
        Set-EnvironmentVariable $Name $former
    }
}

function Use-LabSlot([string] $Slot, [scriptblock] $Action) {
    Use-EnvironmentVariable LAB_SLOT $Slot $Action
}

function Remove-Lab([string] $Slot) {
    Use-LabSlot $Slot { & $Lab down }
}

# Runs something in a lab of its own, or the one that LAB_SLOT names, which is gone afterwards, come what may. What a run
# that was killed left there is no lab to begin with.
function Use-Lab([string] $Slot, [scriptblock] $Body) {
    Use-LabSlot ($env:LAB_SLOT ? $env:LAB_SLOT : (Find-LabSlot $Slot)) {
        & $Lab down
        try {
            & $Body
        }
        finally {
            & $Lab down
        }
    }
}

function Build-TestProject([string] $Name) {
    Write-Line ''
    Write-Line "== $Name"
    Invoke-Native dotnet (@('build', [IO.Path]::Combine($Root, 'tests', $Name)) + (Get-BuildSwitch))
}

function Get-TestResultPath([string] $Run) {
    [IO.Path]::Combine($Out, 'test-results', "$Run.trx")
}

# The arguments with which dotnet runs a test project. The results of an earlier run are gone then.
function Get-TestArgument([string] $Name, [string] $Run, [string[]] $Switch) {
    $results = Get-TestResultPath $Run
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($results))
    [IO.File]::Delete($results)
    $Switch += '-noLogo', '-result-trx', $results
    if ([Console]::IsOutputRedirected -or $env:NO_COLOR) {
        $Switch += '-noColor'
    }
    if ($Filter) {
        $Switch += '-method', "*$Filter*"
    }
    @([IO.Path]::Combine((Get-ArtifactPath bin $Name), "$Name.dll")) + $Switch
}

# One run of a test project: adds what its results file says to the tally. A run that gives no result counts as failed.
function Invoke-TestRun([string] $Name, [string] $Run, [hashtable] $Tally, [string[]] $Switch = @()) {
    $arguments = Get-TestArgument $Name $Run $Switch
    & dotnet @arguments
    Add-Result (Get-TestResultPath $Run) $LASTEXITCODE $Tally
}

# The lab's tests run in three parts side by side, each in a lab of its own: a migration mostly waits for its link. What is in none of
# these is in the first part.
$LabTests = 'VirtMigrate.LabTests'
$MostRunAgain = 5
$OtherParts = @(
    @{ Name = 'Second'; Slot = '4'; Namespaces = 'Errors', 'Hosts', 'Options', 'Package', 'Readiness', 'Transports.Tools' }
    @{ Name = 'Third'; Slot = '5'; Namespaces = 'Faults', 'Jobs', 'PostCopy', 'Transports.Cmdlets', 'Transports.Names', 'Transports.Seam' }
)

function Test-Lab([hashtable] $Total) {
    Build-TestProject $LabTests
    $tally = @{ Passed = 0; Failed = 0; Skipped = 0; Failures = @() }
    try {
        Test-LabParts $tally
        if (-not $Filter) {
            Test-LabAgain $tally
        }
    }
    finally {
        foreach ($key in @($tally.Keys)) {
            $Total[$key] += $tally[$key]
        }
    }
}

# The hosts are real, and the machine may be busy with other things for longer than a test has patience. What failed runs once more,
# alone; what passes then is told by name. Where more than a few failed it is not that.
function Test-LabAgain([hashtable] $Tally) {
    $failed = $Tally.Failures.Where({ $_.Test.StartsWith("$LabTests.") })
    if ($failed.Count -eq 0 -or $failed.Count -gt $MostRunAgain -or $failed.Count -ne $Tally.Failed) {
        return
    }
    Write-Line ''
    Write-Line "== $LabTests, once more what failed"
    $again = @{ Passed = 0; Failed = 0; Skipped = 0; Failures = @() }
    $methods = [Linq.Enumerable]::Distinct([string[]] ($failed.Test -replace '\(.*'))
    $switch = @('-reporter', 'verbose') + $methods.ForEach({ '-method', $_ })
    Use-Lab 1 { Invoke-TestRun $LabTests "$LabTests.Again" $again $switch }
    foreach ($test in $failed.Test) {
        if ($test -notin $again.Failures.ForEach({ $_.Test })) {
            Write-Line "Failed first, and passed when it ran alone: $test$(Get-OrderNote)"
        }
    }
    $Tally.Passed += $failed.Count - $again.Failed
    $Tally.Failed = $again.Failed
    $Tally.Failures = $again.Failures
}

function Test-LabParts([hashtable] $Tally) {
    $switch = '-reporter', 'verbose'
    if ($env:LAB_SLOT) {
        Use-Lab $env:LAB_SLOT { Invoke-TestRun $LabTests $LabTests $Tally $switch }
        return
    }

    $slot, $otherSlots = Find-LabSlot (@('1') + $OtherParts.Slot)
    $others = foreach ($part in $OtherParts) {
        Start-OtherPart $part $otherSlots[$OtherParts.IndexOf($part)] $switch
    }
    try {
        $exclude = $OtherParts.Namespaces.ForEach({ '-namespace-', "$LabTests.$_" })
        Use-Lab $slot { Invoke-TestStep $Tally { Invoke-TestRun $LabTests $LabTests $Tally ($switch + $exclude) } }
        foreach ($other in $others) {
            $other.Process.WaitForExit()
            Write-Line ''
            Write-Line "== $($other.Run)"
            Write-Line ([IO.File]::ReadAllText($other.Output))
            Invoke-TestStep $Tally { Add-Result (Get-TestResultPath $other.Run) $other.Process.ExitCode $Tally }
        }
    }
    finally {
        foreach ($other in $others) {
            if (-not $other.Process.HasExited) {
                $other.Process.Kill($true)
                $other.Process.WaitForExit()
            }
            Remove-Lab $other.Slot
        }
    }
}

# Its output goes to a file, so that the lines of the parts don't mix.
function Start-OtherPart([hashtable] $Part, [string] $Slot, [string[]] $Switch) {
    Remove-Lab $Slot
    $run = "$LabTests.$($Part.Name)"
    $output = [IO.Path]::ChangeExtension((Get-TestResultPath $run), 'txt')
    $include = $Part.Namespaces.ForEach({ '-namespace', "$LabTests.$_" })
    $arguments = Get-TestArgument $LabTests $run ($Switch + $include)
    $start = [Diagnostics.ProcessStartInfo]::new('bash')
    foreach ($argument in @('-c', 'output=$1; shift; exec "$@" > "$output" 2>&1', 'bash', $output, 'dotnet') + $arguments) {
        $start.ArgumentList.Add($argument)
    }
    $start.Environment['LAB_SLOT'] = $Slot
    @{ Run = $run; Slot = $Slot; Output = $output; Process = [Diagnostics.Process]::Start($start) }
}

function Add-Result([string] $Path, [int] $ExitCode, [hashtable] $Tally) {
    if (-not [IO.File]::Exists($Path)) {
        throw "The tests ended with exit code $ExitCode and without results."
    }
    $run = ([xml] [IO.File]::ReadAllText($Path)).TestRun
    $counters = $run.ResultSummary.Counters
    foreach ($result in $run.GetElementsByTagName('UnitTestResult')) {
        if ($result.GetAttribute('outcome') -eq 'Failed') {
            $message = $result.GetElementsByTagName('Message').ForEach({ $_.InnerText.Trim() }) -join "`n"
            $Tally.Failures += @{ Test = $result.GetAttribute('testName'); Message = $message }
        }
    }
    $failed = [int] $counters.total - [int] $counters.passed - [int] $counters.notExecuted
    $Tally.Passed += [int] $counters.passed
    $Tally.Failed += $failed
    $Tally.Skipped += [int] $counters.notExecuted
    if ([int] $counters.total -eq 0 -and -not $Filter) {
        throw 'There was no test to run.'
    }
    if ($ExitCode -ne 0 -and $failed -eq 0) {
        throw "No test failed, but the run ended with exit code $ExitCode."
    }
}

# The PowerShell that the acceptance tests can run in: this process's own, else the one that PATH leads to, else nothing.
function Find-PowerShell {
    $own = [Environment]::ProcessPath
    if ([IO.Path]::GetFileNameWithoutExtension($own) -eq 'pwsh') {
        return $own
    }
    @(Get-Command pwsh -CommandType Application -ErrorAction Ignore).ForEach('Source').Where({ $_ }, 'First')
}

# Why the acceptance tests can't run, or nothing. They are Pester's, which needs all of PowerShell.
function Get-AcceptanceObstacle([string] $PowerShell) {
    if (-not $PowerShell) {
        return 'it needs PowerShell 7.4 or later, and there is no pwsh here'
    }
    $try = 'try { Import-Module Pester -MinimumVersion 5.5 -ErrorAction Stop } catch { $_.Exception.Message; exit 1 }'
    $answer = & $PowerShell -NoProfile -NonInteractive -Command $try
    if ($LASTEXITCODE -ne 0) {
        "Pester 5.5 or later can't be imported: $answer"
    }
}

# The results of Pester are NUnit's. A file or block that breaks is no test, so that the exit code counts as well.
function Add-AcceptanceResult([string] $Path, [int] $ExitCode, [hashtable] $Tally) {
    if (-not [IO.File]::Exists($Path)) {
        throw "Pester ended with exit code $ExitCode and without results."
    }
    $counters = ([xml] [IO.File]::ReadAllText($Path)).'test-results'
    $failed = [int] $counters.failures + [int] $counters.errors + [int] $counters.inconclusive + [int] $counters.invalid
    $skipped = [int] $counters.skipped + [int] $counters.ignored
    $Tally.Passed += [int] $counters.total - $failed - $skipped
    $Tally.Failed += $failed
    $Tally.Skipped += $skipped
    if ([int] $counters.total -eq 0 -and -not $Filter) {
        throw 'There was no acceptance test to run.'
    }
    if ($ExitCode -ne 0 -and $failed -eq 0) {
        throw "No acceptance test failed, but Pester ended with exit code $ExitCode."
    }
}

# The acceptance tests run in a process of their own: one that has loaded the module can't load one that was built later.
function Test-Acceptance([hashtable] $Tally, [bool] $InLab) {
    Write-Line ''
    Write-Line '== Pester'
    $powerShell = Find-PowerShell
    $obstacle = Get-AcceptanceObstacle $powerShell
    if ($obstacle) {
        Write-Line "tests/Pester is left out: $obstacle"
        return
    }

    $results = [IO.Path]::Combine($Out, 'test-results', 'Pester.xml')
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($results))
    [IO.File]::Delete($results)
    $arguments = @(
        '-NoProfile', '-NonInteractive', '-File', [IO.Path]::Combine($Root, 'tests', 'Pester', 'Invoke-Acceptance.ps1'), '-Result', $results
        $Filter ? @('-Filter', $Filter) : @()
        $InLab ? @() : '-SkipLab'
    )
    $run = {
        & $powerShell @arguments
        Add-AcceptanceResult $results $LASTEXITCODE $Tally
    }
    if ($InLab) {
        Use-Lab 6 $run
    }
    else {
        & $run
    }
}

# What a failure is told with, so that the run can be replayed.
function Get-OrderNote {
    " (-Seed $Seed)"
}

# The seed of the commit that is checked out: the first 31 bits of its hash, at least 1; 1 where there is no commit.
function Get-CommitSeed {
    $git = @(Get-Command git -CommandType Application -ErrorAction Ignore).ForEach('Source').Where({ $_ }, 'First')
    $hash = $git ? (& "$git" -C $Root rev-parse HEAD 2>$null) : ''
    $hash -match '^[0-9a-f]{40}' ? [Math]::Max(1, [Convert]::ToUInt32($hash.Substring(0, 8), 16) -shr 1) : 1
}

# Runs a step of the tests; one that breaks is one failure, and the others are still worth running.
function Invoke-TestStep([hashtable] $Tally, [scriptblock] $Step) {
    try {
        & $Step
    }
    catch {
        $Host.UI.WriteErrorLine("Failed: $($_.Exception.Message)")
        $Tally.Failed++
        $Tally.Failures += @{ Test = 'build.ps1'; Message = $_.Exception.Message }
    }
}

function Invoke-Test {
    $tally = @{ Passed = 0; Failed = 0; Skipped = 0; Failures = @() }
    Write-Line "The order of the tests is that of -Seed $Seed$($IsCommitSeed ? ', which follows from the commit' : '')."
    if ($SkipLab) {
        Write-Line 'The lab is left out, as asked (-SkipLab).'
    }
    $inLab = -not $SkipLab -and (Test-LabPossible)
    if ($inLab) {
        # The fast tests, too, ask libvirt and virsh, of libvirt's own test driver.
        Invoke-TestStep $tally { Invoke-Native $Lab install }
    }
    Invoke-TestStep $tally { Invoke-Package }
    Invoke-TestStep $tally {
        Build-TestProject VirtMigrate.Tests
        Invoke-TestRun VirtMigrate.Tests VirtMigrate.Tests $tally
    }
    if ($inLab) {
        Invoke-TestStep $tally { Test-Lab $tally }
    }
    Invoke-TestStep $tally { Test-Acceptance $tally $inLab }
    if ($tally.Passed + $tally.Failed -eq 0) {
        $Host.UI.WriteErrorLine('Failed: no test was run.')
        $tally.Failed++
    }

    # Once more at the end, where a long run is looked at first.
    foreach ($failure in $tally.Failures) {
        Write-Line ''
        Write-Line ("Failed: $($failure.Test)$(Get-OrderNote)`n$($failure.Message)" -replace '\r?\n', "`n    ")
    }

    $skipped = $tally.Skipped -gt 0 ? ", $($tally.Skipped) skipped" : ''
    Write-Line ''
    Write-Line "$($tally.Passed) passed, $($tally.Failed) failed$skipped"
    exit ($tally.Failed -gt 0 ? 1 : 0)
}

function Invoke-Demo {
    if (-not (Test-LabPossible)) {
        exit 1
    }
    Build-Module
    Invoke-Native $Lab install
    Use-Lab 2 { & ([IO.Path]::Combine($Root, 'tests', 'Lab', 'demo.ps1')) }
}

# The MAML is kept with the sources, so that a build needs no platyPS.
function Export-Help {
    try {
        Import-Module Microsoft.PowerShell.PlatyPS -MinimumVersion 1.0 -ErrorAction Stop
    }
    catch {
        Write-Line "The help is not made: Microsoft.PowerShell.PlatyPS can't be imported here ($($_.Exception.Message))"
        exit 1
    }
    $maml = [IO.Path]::Combine($Root, 'src', 'VirtMigrate', 'en-US', 'VirtMigrate.dll-Help.xml')
    & ([IO.Path]::Combine($Root, 'docs', 'Export-Maml.ps1')) -Page ([IO.Directory]::GetFiles($Pages, '*-*.md')) `
        -Folder ([IO.Path]::Combine($Out, 'help')) -Destination $maml
    Write-Line "Made $maml"
}

function Invoke-Bench {
    $name = 'VirtMigrate.Benchmarks'
    Build-Module
    Invoke-Native dotnet (@('build', [IO.Path]::Combine($Root, 'tests', $name)) + (Get-BuildSwitch))
    $program = [IO.Path]::Combine((Get-ArtifactPath bin $name), "$name.dll")
    if (Test-LabPossible) {
        Invoke-Native $Lab install
        Use-Lab 3 { Invoke-Native dotnet (@($program) + $Arguments) }
    }
    else {
        Invoke-Native dotnet (@($program) + $Arguments)
    }
}

function Invoke-Package {
    Build-Module
    $path = & ([IO.Path]::Combine($Packaging, 'New-Package.ps1')) -Module $ModuleDirectory -Destination $Out
    Write-Line "Packed $path"
}

function Invoke-Simulation {
    $name = 'VirtMigrate.Simulation'
    Invoke-Native dotnet (@('build', [IO.Path]::Combine($Root, 'tests', $name)) + (Get-BuildSwitch))
    $how = $Trace ? @('--trace', $Trace) : $Seed ? @('--seed', $Seed) : @('--runs', $Runs)
    & dotnet ([IO.Path]::Combine((Get-ArtifactPath bin $name), "$name.dll")) @($how + @($Batch ? @('--batch') : @()))
    exit $LASTEXITCODE
}

if ($Arguments.Count -gt 0 -and $Task -ne 'Bench') {
    throw "$Task takes no further arguments: $Arguments"
}

switch ($Task) {
    Build { Build-Module }
    # By tests/TestOrder.cs and tests/Pester/Invoke-Acceptance.ps1.
    Test {
        $IsCommitSeed = $Seed -eq 0
        if ($IsCommitSeed) {
            $Seed = Get-CommitSeed
        }
        Use-EnvironmentVariable VIRTMIGRATE_TEST_SEED $Seed { Invoke-Test }
    }
    Demo { Invoke-Demo }
    Docs { Export-Help }
    Bench { Invoke-Bench }
    Package { Invoke-Package }
    Simulate { Invoke-Simulation }
}
