# What a measured dirty rate looks like on a console of 100 columns, and what is left of it in a file. Needs no lab.

Describe 'A dirty rate' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Subject
        $first = [VirtMigrate.DirtyRateReading]::new(40MB, [timespan]::FromSeconds(1), $null)
        $second = [VirtMigrate.DirtyRateReading]::new(12MB, [timespan]::FromSeconds(10), [DateTimeOffset]::UnixEpoch)
        $first.Mode = $second.Mode = 'DirtyRing'
        $second.Vcpus = [VirtMigrate.VcpuDirtyRate[]] @([VirtMigrate.VcpuDirtyRate]::new(0, 4MB), [VirtMigrate.VcpuDirtyRate]::new(1, 8MB))
        $readings = [VirtMigrate.DirtyRateReading[]] @($first, $second)
        $points = [VirtMigrate.DirtyMemoryPoint[]] @($readings | ForEach-Object { [VirtMigrate.DirtyMemoryPoint]::new($_.Period, $_.DistinctBytes) })
        $rate = [VirtMigrate.VmDirtyRate] @{
            Vm = 'web'
            Uuid = New-Guid
            VmHost = [VirtMigrate.VmHost] @{
                Name = 'kvm1'
                Uri = 'qemu+tcp://kvm1/system'
                Transport = 'Libvirt'
                Hypervisor = 'QEMU'
                LibvirtVersion = '9.0.0'
                Architecture = 'x86_64'
            }
            Readings = $readings
            Curve = [VirtMigrate.DirtyMemoryCurve]::Through($points, 256MB)
        }

        # What is shown in 100 columns, with single blanks.
        function Get-Word([object] $Object) {
            $text = Get-Shown $Object 100
            foreach ($line in $text -split "`n") {
                $line.TrimEnd().Length | Should -BeLessOrEqual 100 -Because $line
            }
            $text -replace '\s+', ' '
        }
    }

    It 'shows in a row the longest period' {
        Get-Word $rate | Should -BeLike '*web kvm1 10 s DirtyRing 12 MiB/s 120 MiB*'
    }

    It 'shows its readings in a table of their own' {
        $text = Get-Word $rate.Readings
        $text | Should -BeLike '*1 s DirtyRing 40 MiB/s 40 MiB*'
        $text | Should -BeLike '*10 s DirtyRing 12 MiB/s 120 MiB vCPU 0: 4 MiB/s, vCPU 1: 8 MiB/s*'
    }

    It 'shows in a list a line for each reading and each point of its curve' {
        $lines = (Get-Shown ($rate | Format-List) 200) -split "`n" | ForEach-Object { $_.Trim() -replace ' +: ', ': ' }
        $lines | Should -Contain 'BytesPerSecond: 12 MiB/s'
        $lines | Should -Contain 'Readings: 1 s: 40 MiB/s, 40 MiB distinct (from a measurement that was already running)'
        $lines -match '^10 s: 12 MiB/s, 120 MiB distinct \(.+\), vCPU 0: 4 MiB/s, vCPU 1: 8 MiB/s$' | Should -HaveCount 1
        $lines | Should -Contain 'Curve: 1 s: 40 MiB'
        $lines | Should -Contain '10 s: 120 MiB'
    }

    It 'is the same list on a console of 100 columns' {
        Get-Word ($rate | Format-List) | Should -BeLike '*BytesPerSecond : 12 MiB/s*Curve : 1 s: 40 MiB 10 s: 120 MiB*'
    }

    It 'still has its points, its readings and the name of its VM when it was serialized<As>' -ForEach @(
        @{ As = ''; Again = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($args[0])) } }
        @{ As = ' to a file'; Again = { Export-Clixml "$TestDrive/rate.xml" -InputObject $args[0]; Import-Clixml "$TestDrive/rate.xml" } }
    ) {
        $back = & $Again $rate
        $back.PSTypeNames[0] | Should -Be 'Deserialized.VirtMigrate.VmDirtyRate'
        $back.Vm | Should -Be 'web'
        $back.Curve.Points[-1].Bytes | Should -Be 120MB
        $back.Readings[-1].BytesPerSecond | Should -Be 12MB
        $back.Readings[-1].Vcpus | Should -HaveCount 2
    }
}
