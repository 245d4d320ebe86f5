# Measure-VmDirtyRate, held to what virsh domdirtyrate-calc and domstats --dirtyrate say.

Describe 'Dirty rate' {
    BeforeAll {
        Import-Module "$PSScriptRoot/Lab.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            New-LabGuest $lab rate-busy -Option --dirty, 40, --working-set, 80
            New-LabGuest $lab rate-idle
            New-LabGuest $lab rate-off -Option --off
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    It 'is what virsh has of the same measurement' {
        $rate = Measure-VmDirtyRate rate-busy -VmHost kvm1 -Period 2
        Assert-Declared $rate Measure-VmDirtyRate
        $statistics = Invoke-Virsh $lab.Kvm1 domstats rate-busy --dirtyrate
        $statistics | Should -Match "dirtyrate.megabytes_per_second=$($rate.BytesPerSecond / 1MB)(\D|$)"
        $statistics | Should -Match 'dirtyrate.calc_period=2(\D|$)'
        $statistics | Should -Match 'dirtyrate.calc_mode=page-sampling'
        $rate.Period.TotalSeconds | Should -Be 2
        $rate.Mode | Should -Be 'PageSampling'
        $rate.Vm | Should -Be 'rate-busy'
        $rate.VmHost.Name | Should -Be 'kvm1'
        Get-Shown $rate | Should -Match "rate-busy.*\b$($rate.BytesPerSecond / 1MB) MB/s"
    }

    It 'tells a guest that writes from one that does not, both measured at once' {
        $rates = Get-Vm rate-busy, rate-idle -VmHost kvm1 | Measure-VmDirtyRate -Period 1
        $rates.Vm | Should -Be 'rate-busy', 'rate-idle'
        $rates[0].BytesPerSecond | Should -BeGreaterThan (2 * $rates[1].BytesPerSecond)
    }

    It 'has a reading for each period, in their order, and a curve that does not fall' {
        $rate = Measure-VmDirtyRate rate-busy -VmHost kvm1 -Period 2, 1
        $rate.Readings.Period.TotalSeconds | Should -Be 2, 1
        $rate.BytesPerSecond | Should -Be $rate.Readings[0].BytesPerSecond -Because 'the longest period is the one that counts'
        $rate.DistinctBytes | Should -Be ($rate.BytesPerSecond * 2)
        $rate.Readings[0].Start | Should -BeLessOrEqual $rate.Readings[1].Start
        Get-Shown $rate.Readings | Should -Match 'MB/s'
    }

    It 'speaks of its VM to other commands' {
        $rate = Measure-VmDirtyRate rate-idle -VmHost kvm1 -Period 1
        ($rate | Get-Vm).Name | Should -Be 'rate-idle'
    }

    It 'is not measured of a VM that stands still, and the others are' {
        $problem = Get-Problem { $script:rates = Measure-VmDirtyRate rate-off, rate-idle -VmHost kvm1 -Period 1 }
        Assert-Problem $problem VmNotRunning InvalidOperation "'rate-off' is shut off" 'virsh -c'
        $problem.TargetObject.Name | Should -Be 'rate-off'
        $rates.Vm | Should -Be 'rate-idle'
    }

    It 'is not measured in a mode that needs KVM where there is none' {
        $problem = Get-Problem { Measure-VmDirtyRate rate-idle -VmHost kvm1 -Period 1 -Mode DirtyRing }
        Assert-Problem $problem DirtyRateModeUnsupported NotImplemented 'DirtyRing' '-Mode PageSampling'
        Assert-Whole rate-idle -On kvm1
    }

    It 'is not measured of a VM that there is not' {
        Assert-Problem (Get-Problem { Measure-VmDirtyRate rate-none -VmHost kvm1 }) VmNotFound ObjectNotFound "'rate-none'" 'Get-Vm'
        Get-Problem { Measure-VmDirtyRate 'nothing-*' -VmHost kvm1 } | Should -BeNullOrEmpty
    }

    It 'is not measured over <_> seconds' -ForEach 0, 61 {
        { Measure-VmDirtyRate rate-idle -VmHost kvm1 -Period $_ } |
            Should -Throw -ErrorId 'ParameterArgumentValidationError,VirtMigrate.Cmdlets.MeasureVmDirtyRateCommand'
    }

    It 'is measured again and again until the pipeline has had enough' {
        $rates = Measure-VmDirtyRate rate-idle -VmHost kvm1 -Period 1 -Watch | Select-Object -First 2
        $rates | Should -HaveCount 2
        $rates[1].StartTime | Should -BeGreaterThan $rates[0].StartTime
    }
}
