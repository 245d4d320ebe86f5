# The library and the programs by which a transport reaches a host: one is missing, broken, hangs or dies. That is an error which says so,
# with what to do, and never taken for an answer.

Describe 'Tools' {
    BeforeDiscovery {
        $programs = @{ Transport = 'Virsh'; Tool = 'virsh' }, @{ Transport = 'Ssh'; Tool = 'ssh' }
    }

    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/Terminal.psm1"
        Import-Module "$PSScriptRoot/../Pester/ToolProcess.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab tool
        }

        # A host's address as a transport goes there.
        function Get-Uri([string] $Transport, [string] $VmHost = 'kvm1') {
            $Transport -eq 'Ssh' ? $lab."${VmHost}SSH" : $lab.$VmHost
        }

        # The words that run a script in a PowerShell of its own, which has the module.
        function Get-CommandLine([string] $Script) {
            $module = (Get-Module VirtMigrate).ModuleBase
            @(Get-PowerShellCommand).Where({ $_ }) + @('-NoProfile', '-NonInteractive', '-Command', "Import-Module '$module'; $Script")
        }

        # Keeps what a command emits in $output, and gives its errors.
        function Get-Trouble([scriptblock] $Command) {
            $script:output = @()
            Get-Problem { $script:output = @(& $Command) }
        }

        # This error alone, and nothing that could be taken for an answer.
        function Assert-Failed([object[]] $Problem, [string] $Message) {
            $output | Should -BeNullOrEmpty
            $advice = 'The request may have been carried out nevertheless. To check: Get-VmMigrationJob, Test-VmMigrationResult*virsh -c'
            Assert-Problem $Problem HostToolFailed ResourceUnavailable $Message $advice
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
        $terminal = $null
    }

    AfterEach {
        if (-not $lab.Obstacle) {
            Remove-Terminal $terminal
            Clear-LabLink
            Disconnect-VmHost *
        }
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'What is missing' {
        BeforeAll {
            # Runs a script where these are missing, and reads the JSON that it prints. The library is hidden by mounts that nobody else sees,
            # and the programs by a PATH without them. A virsh that is there has a library of its own.
            function Invoke-Without([string[]] $Missing, [string] $Script) {
                $hide = @'
library=$(ldconfig -p | sed -n 's/.*libvirt\.so\.0 .*=> //p')
mount -t tmpfs none /mnt
mkdir /mnt/bin
cp "$library" /mnt
ln -s /usr/bin/* /mnt/bin
rm /mnt/bin/virsh
printf '#!/bin/sh\nLD_LIBRARY_PATH=/mnt exec /usr/bin/virsh "$@"\n' >/mnt/bin/virsh
chmod +x /mnt/bin/virsh
while [ "$1" != -- ]; do
    case $1 in
    libvirt) mount --bind /dev/null "$library" ;;
    *) rm "/mnt/bin/$1" ;;
    esac
    shift
done
shift
program=$(command -v "$1")
shift
PATH=/mnt/bin exec "$program" "$@"
'@
                $words = Get-CommandLine $Script
                $said = & env unshare --mount sh -e -c $hide sh @Missing '--' @words 2>&1
                $LASTEXITCODE | Should -Be 0 -Because "$said"
                ($said | Where-Object { $_ -is [string] }) -join '' | ConvertFrom-Json
            }
        }

        It 'is the library: virsh takes its place' {
            $said = Invoke-Without libvirt @"
`$found = Connect-VmHost '$($lab.Kvm1)'
@{ Transport = "`$(`$found.Transport)"; Vm = @((Get-Vm -VmHost `$found).Name); Errors = `$Error.Count } | ConvertTo-Json -Compress
"@
            $said.Transport | Should -Be 'Virsh'
            $said.Vm | Should -Be @((Invoke-Virsh $lab.Kvm1 list --all --name).Split("`n", [StringSplitOptions]::RemoveEmptyEntries))
            $said.Errors | Should -Be 0
        }

        It 'is the library and virsh: a guest moves by ssh' {
            $way = New-LabWay $lab tool
            $from, $to = (Get-Uri Ssh $way.From), (Get-Uri Ssh $way.To)
            $said = Invoke-Without libvirt, virsh @"
`$found = Connect-VmHost '$from', '$to'
`$result = Get-Vm tool -VmHost '$from' | Start-VmMigration -Destination '$to' -Live
@{ Transport = "`$(`$found.Transport)"; Outcome = "`$(`$result.Outcome)"; Errors = `$Error.Count } | ConvertTo-Json -Compress
"@
            $said.Transport | Should -Be 'Ssh Ssh'
            $said.Outcome | Should -Be 'Completed'
            $said.Errors | Should -Be 0
            Assert-Whole tool -On $way.To
        }

        It 'is the library, virsh and ssh: one error names them all' {
            $said = Invoke-Without libvirt, virsh, ssh @"
Connect-VmHost '$($lab.Kvm1SSH)' -ErrorAction SilentlyContinue
`$e = `$Error[0]
@{
    Count = `$Error.Count; Id = `$e.FullyQualifiedErrorId; Category = "`$(`$e.CategoryInfo.Category)"
    Message = "`$e"; Action = `$e.ErrorDetails.RecommendedAction
} | ConvertTo-Json -Compress
"@
            $said.Count | Should -Be 1
            $said.Id | Should -BeLike 'LibvirtMissing,*'
            $said.Category | Should -Be 'NotInstalled'
            $said.Message | Should -BeLike '*libvirt.so.0*'
            foreach ($missing in 'virsh', 'ssh') {
                "$($said.Message) $($said.Action)" | Should -MatchExactly "\b$missing\b"
            }
            $said.Action | Should -BeLike '*apt install libvirt0*libvirt-clients*ssh client*Connect-VmHost root@kvm2 -Transport Ssh*'
        }
    }

    Context 'A broken <Tool>' -ForEach $programs {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $path = $env:PATH
                $broken = New-BrokenTool $Tool
                $uri = Get-Uri $Transport
            }
        }

        BeforeEach {
            if (-not $lab.Obstacle) {
                $env:PATH = "$($broken.Folder):$path"
            }
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Set-BrokenTool $broken good
                $env:PATH = $path
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                $env:PATH = $path
                Remove-BrokenTool $broken
            }
        }

        # An ssh that only opens a connection for others prints nothing that could be cut off.
        It 'connects nobody, until it works: <_>' -ForEach 'dies', 'killed', 'silent', 'garbage', 'binary' {
            Set-BrokenTool $broken $_
            Assert-Failed (Get-Trouble { Connect-VmHost $uri -Transport $Transport }) $Tool
            Set-BrokenTool $broken good
            Get-Trouble { Connect-VmHost $uri -Transport $Transport } | Should -BeNullOrEmpty
            $output | Should -HaveCount 1
        }

        It 'gives no answer about VMs, until it works: <_>' -ForEach 'dies', 'killed', 'silent', 'half', 'most', 'garbage', 'binary' {
            $null = Connect-VmHost $uri -Transport $Transport
            Set-BrokenTool $broken $_
            Assert-Failed (Get-Trouble { Get-Vm -VmHost $uri }) $Tool
            Set-BrokenTool $broken good
            Get-Trouble { Get-VmMigrationJob -VmHost $uri; Get-VmHost } | Should -BeNullOrEmpty
            $output.Name | Should -Be 'kvm1'
        }

        It 'gives no answer about migrations: half' {
            $null = Connect-VmHost $uri -Transport $Transport
            Set-BrokenTool $broken half
            Assert-Failed (Get-Trouble { Get-VmMigrationJob -VmHost $uri }) $Tool
        }

        It 'is told from one that is missing' {
            $env:PATH = '/nowhere'
            $problem = Get-Trouble { Connect-VmHost $uri -Transport $Transport }
            $env:PATH = $path
            $output | Should -BeNullOrEmpty
            Assert-Problem $problem HostToolMissing NotInstalled $Tool "$Tool*-Transport Libvirt"
        }
    }

    Context 'A hanging <Tool>' -ForEach $programs {
        BeforeAll {
            if (-not $lab.Obstacle) {
                $broken = New-BrokenTool $Tool
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-BrokenTool $broken
            }
        }

        It 'ends with the pipeline that waits for it' {
            $terminal = Start-Terminal @"
`$env:PATH = '$($broken.Folder):' + `$env:PATH
`$null = Connect-VmHost '$(Get-Uri $Transport)' -Transport $Transport
[IO.File]::WriteAllText('$($broken.ModeFile)', 'hangs')
Get-Vm -VmHost '$(Get-Uri $Transport)'
'The script goes on.'
"@
            Wait-Until "$Tool hangs" { Get-HangingTool $broken }
            Send-CtrlC $terminal
            $null = Wait-Terminal $terminal
            Get-HangingTool $broken | Should -BeNullOrEmpty
            Get-Screen $terminal | Should -Not -BeLike '*The script goes on*'
        }
    }

    # Half a minute, so both at once.
    It 'end when they are waited for in vain, and that is said: virsh and ssh' {
        $hanging = @('Virsh', 'Ssh').ForEach({
            $broken = New-BrokenTool $_.ToLowerInvariant()
            Set-BrokenTool $broken hangs
            $words = Get-CommandLine @"
`$output = @(Connect-VmHost '$(Get-Uri $_)' -Transport $_ -ErrorAction SilentlyContinue)
`$e = `$Error[0]
@{
    Output = `$output.Count; Errors = `$Error.Count; Id = `$e.FullyQualifiedErrorId; Category = "`$(`$e.CategoryInfo.Category)"
    Action = `$e.ErrorDetails.RecommendedAction
} | ConvertTo-Json -Compress
"@
            $start = [Diagnostics.ProcessStartInfo]::new($words[0], [string[]] $words[1..99])
            $start.RedirectStandardOutput = $true
            $start.Environment['PATH'] = "$($broken.Folder):$env:PATH"
            [pscustomobject]@{ Tool = $broken; Process = [Diagnostics.Process]::Start($start) }
        })
        try {
            foreach ($one in $hanging) {
                $said = $one.Process.StandardOutput.ReadToEnd() | ConvertFrom-Json
                $said.Output | Should -Be 0
                $said.Errors | Should -Be 1
                $said.Id | Should -BeLike 'HostTimeout,*'
                $said.Category | Should -Be 'OperationTimeout'
                $said.Action | Should -BeLike '*A firewall that drops packets*virsh -c * hostname*'
                Get-HangingTool $one.Tool | Should -BeNullOrEmpty
            }
        }
        finally {
            foreach ($one in $hanging) {
                $one.Process.Kill($true)
                $one.Process.Dispose()
                Remove-BrokenTool $one.Tool
            }
        }
    }

    It 'die while they migrate: what is known is said, and the VM is there once: <Tool>' -ForEach $programs {
        $way = New-LabWay $lab tool
        $from, $to = (Get-Uri $Transport $way.From), (Get-Uri $Transport $way.To)
        $null = Connect-VmHost $from, $to -Transport $Transport
        Set-LabLink 100mbit
        $job = Start-VmMigration tool -VmHost $from -Destination $to -Live -AsJob
        try {
            Wait-Leaving $way.FromUri tool
            $migrating = @(Get-ToolProcess $lab).Where({ $_.CommandLine -match 'migrate.*--live' })
            $migrating | Should -HaveCount 1
            & env kill -KILL $migrating.Id
            $problem = @(Get-Problem { $script:result = Receive-Job $job -Wait })
        }
        finally {
            Remove-Job $job -Force
        }
        $result | Should -HaveCount 1
        if ($result.Outcome -eq 'Completed') {
            $problem | Should -BeNullOrEmpty
            $result.Verification.RunsOn | Should -Be $way.To
            Assert-Whole tool -On $way.To
            return
        }
        # The hosts may go on without the program that asked them to, but then it must not be said that they did not.
        $problem | Should -HaveCount 1
        $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        if ($result.Outcome -eq 'RolledBack') {
            Invoke-Virsh $way.ToUri domstate tool | Should -Match 'failed to get domain'
            Clear-LabLink
            Start-Sleep -Seconds 2
            Invoke-Virsh $way.ToUri domstate tool | Should -Match 'failed to get domain'
            Assert-Whole tool -On $way.From
            return
        }
        $result.Outcome | Should -Be 'Unknown'
        Wait-Until 'the hosts are through with it' {
            (Invoke-Virsh $way.FromUri domjobinfo tool) -match 'None' -or (Invoke-Virsh $way.FromUri domstate tool) -eq 'shut off'
        }
        Invoke-Lab check tool | Should -BeLike "*guest 'tool' is whole on *"
    }
}
