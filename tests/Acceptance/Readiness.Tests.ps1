# Test-VmMigrationReadiness, and what Start-VmMigration makes of it.

Describe 'Readiness' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        $lab = Open-Lab
        if (-not $lab.Obstacle) {
            # One has a disc in its drive that only the source has.
            New-LabGuest $lab ready-1, ready-disc -Option --off
            $disc = '/var/lib/libvirt/images/ready.iso'
            $null = Invoke-Lab exec kvm1 sh -c "head -c 4096 /dev/zero > $disc"
            $null = Invoke-Virsh $lab.Kvm1 attach-disk ready-disc $disc sda --targetbus sata --type cdrom --mode readonly --config
            $null = Invoke-Virsh $lab.Kvm1 start ready-disc
            $null = Invoke-Virsh $lab.Kvm1 start ready-1
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        if (-not $lab.Obstacle) {
            foreach ($number in 1, 2) {
                $null = Invoke-Lab exec "kvm$number" rm -f /var/lib/libvirt/images/ready.iso
            }
        }
        Close-Lab $lab
    }

    It 'says of a VM that can go that it is ready, and what was looked at' {
        $report = Test-VmMigrationReadiness ready-1 -VmHost kvm1 -Destination kvm2
        Assert-Declared $report Test-VmMigrationReadiness
        $report.IsReady | Should -BeTrue -Because "these stand in the way: $($report.Obstacles)"
        $report.Obstacles | Should -BeNullOrEmpty
        $report.Source.Name | Should -Be 'kvm1'
        $report.Destination.Name | Should -Be 'kvm2'
        $report.Checks.Count | Should -BeGreaterThan 50
        ($report.Checks.Category | Sort-Object -Unique).Count | Should -BeGreaterThan 8
        $report.Checks.Message | Should -Not -BeNullOrEmpty
        $report.Checks | Group-Object Id | Where-Object Count -GT 1 | Should -BeNullOrEmpty
    }

    It 'says what stands in the way, with libvirt''s own words for it, and what to do' {
        $report = Test-VmMigrationReadiness ready-disc -VmHost kvm1 -Destination kvm2
        $report.IsReady | Should -BeFalse
        $report.Obstacles | Should -HaveCount 1
        $obstacle = $report.Obstacles[0]
        $obstacle.Id | Should -Be 'CdromImages'
        $obstacle.Status | Should -Be 'Failed'
        $obstacle.Category | Should -Be 'Storage'
        $obstacle.Message | Should -BeLike "*$disc*"
        $obstacle.Recommendation | Should -BeLike '*--eject*'
        # The check tells the truth: this is what virsh runs into.
        $truth = Invoke-Virsh $lab.Kvm1 migrate --live --persistent ready-disc $lab.Kvm2
        $truth | Should -BeLike "*$disc*"
        Get-Shown $obstacle | Should -Match 'CdromImages'
        Get-Shown ($report | Format-List) | Should -Match 'CdromImages'
    }

    It 'answers with True and False where only that is asked for' {
        $quiet = 'ready-1', 'ready-disc' | Test-VmMigrationReadiness -VmHost kvm1 -Destination kvm2 -Quiet
        $quiet | Should -BeOfType bool
        $quiet | Should -Be $true, $false
    }

    It 'makes only the checks that are asked for' {
        $report = Test-VmMigrationReadiness ready-disc -VmHost kvm1 -Destination kvm2 -Category Cpu, Storage -SkipCheck cdromimages
        $report.Checks.Category | ForEach-Object ToString | Sort-Object -Unique | Should -Be 'Cpu', 'Storage'
        $report.Checks.Id | Should -Not -Contain 'CdromImages'
        $report.Skipped | Should -Be 'CdromImages'
        $report.IsReady | Should -BeTrue
    }

    It 'warns of a check that there is not' {
        $null = Test-VmMigrationReadiness 'nothing-*' -VmHost kvm1 -Destination kvm2 -SkipCheck Cpus -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeLike "*there is no check 'Cpus'*"
    }

    It 'checks each VM against each host, also the one that it is on and one that is not there' {
        $nobody = 'qemu+tcp://no-such-host.invalid/system'
        $reports = Get-Vm ready-1 -VmHost kvm1 | Test-VmMigrationReadiness -Destination kvm2, kvm1, $nobody
        $reports.IsReady | Should -Be $true, $false, $false
        "$($reports.Destination)" | Should -Be 'kvm2 kvm1 no-such-host.invalid'
        $reports[1].Obstacles[0].Id | Should -Be 'SameHost'
        $reports[2].Obstacles.Id | Should -Be 'ControlPort', 'DaemonAnswers'
        $reports[2].Obstacles.Message | Should -BeLike '*no-such-host.invalid*'
        Get-Shown ($reports | Format-Table -View Matrix) | Should -Match 'ready-1'
    }

    It 'counts what could not be verified as an obstacle where it is to be strict' {
        $report = Test-VmMigrationReadiness ready-1 -VmHost kvm1 -Destination kvm2 -Strict
        $report.IsStrict | Should -BeTrue
        $report.IsReady | Should -BeFalse
        $report.Obstacles.Status | Sort-Object -Unique | Should -Be 'NotVerified'
        Test-VmMigrationReadiness ready-1 -VmHost kvm1 -Destination kvm2 -Quiet | Should -BeTrue -Because 'else that is no obstacle'
    }

    It 'knows the options that go along' {
        $report = Test-VmMigrationReadiness ready-1 -VmHost kvm1 -Destination kvm2 -Parallel 4 -Tunnelled -Category Options
        $report.IsReady | Should -BeFalse
        $report.Obstacles.Message -join ' ' | Should -Match 'Tunnelled'
    }

    It 'changes nothing on the hosts' {
        $before = Invoke-Virsh $lab.Kvm2 list --all --uuid
        $null = Get-Vm 'ready-*' -VmHost kvm1 | Test-VmMigrationReadiness -Destination kvm2
        Invoke-Virsh $lab.Kvm2 list --all --uuid | Should -Be $before
    }

    It 'goes on where the way between the hosts drops all that is sent, and says so' {
        # Another port than ours: only the hosts' own way is cut.
        $null = Invoke-Lab exec kvm2 sh -c ("nft 'add table inet lab; add chain inet lab in { type filter hook input priority 0; }; " +
            "add rule inet lab in ip saddr $($lab.Kvm1ADDRESS) tcp dport { 22, 16509, 16514 } drop'")
        try {
            $report = Test-VmMigrationReadiness ready-1 -VmHost $lab.Kvm1SSH -Destination $lab.Kvm2 -PeerToPeer
            $report.Checks.Count | Should -BeGreaterThan 50
            $report.Checks.Where({ $_.Defect }) | Should -BeNullOrEmpty
            $check = $report.Checks | Where-Object Id -EQ PeerToPeerConnection
            $check.Status | Should -Be 'Failed'
            $check.Message | Should -BeLike '*gets no answer from the destination''s URI within 15 s*'
            $problem = Get-Problem { Start-VmMigration ready-1 -VmHost $lab.Kvm1SSH -Destination $lab.Kvm2 -PeerToPeer }
            Assert-Problem $problem VmNotReady ResourceUnavailable 'PeerToPeerConnection' '-PeerToPeer:$false'
        }
        finally {
            $null = Invoke-Lab exec kvm2 nft delete table inet lab
        }
    }

    It 'says that there is no such VM' {
        $problem = Get-Problem { Test-VmMigrationReadiness ready-none -VmHost kvm1 -Destination kvm2 }
        Assert-Problem $problem VmNotFound ObjectNotFound "'ready-none'" 'Get-Vm'
        $problem.TargetObject | Should -Be 'ready-none'
    }

    It 'keeps a VM from beginning to move, until it is mended or skipped' {
        $problem = Get-Problem { Start-VmMigration ready-disc -VmHost kvm1 -Destination kvm2 }
        Assert-Problem $problem VmNotReady ResourceUnavailable "'ready-disc' can't be migrated to 'kvm2': CdromImages" '--eject'
        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*-SkipCheck CdromImages*'
        Invoke-Virsh $lab.Kvm2 domstate ready-disc | Should -Match 'failed to get domain'

        $job = Start-VmMigration ready-disc -VmHost kvm1 -Destination kvm2 -AsJob
        $null = Wait-Job $job
        $job.State | Should -Be 'Failed'
        $problem = Get-Problem { Receive-Job $job -AutoRemoveJob -Wait }
        $problem | Should -HaveCount 1
        $problem.FullyQualifiedErrorId | Should -Match '^VmNotReady\b'
        $problem.CategoryInfo.Category | Should -Be 'ResourceUnavailable'
        "$problem" | Should -BeLike '*CdromImages*'
        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*--eject*'

        $problem = Get-Problem { Start-VmMigration ready-disc -VmHost kvm1 -Destination kvm2 -SkipCheck cdromimages }
        Assert-Problem $problem CdromMissingOnDestination ObjectNotFound "Cannot access storage file '$disc'" '--eject'

        # A report goes on: what it had found is looked at once more.
        $report = Test-VmMigrationReadiness ready-disc kvm2 -VmHost kvm1 -MaxDowntime 900 -Parallel 2
        $report.IsReady | Should -BeFalse
        Assert-Problem (Get-Problem { $report | Start-VmMigration }) VmNotReady ResourceUnavailable CdromImages '--eject'
        $null = Invoke-Lab exec kvm2 sh -c "head -c 4096 /dev/zero > $disc"
        (Test-VmMigrationReadiness ready-disc -VmHost kvm1 -Destination kvm2).IsReady | Should -BeTrue
        $result = $report | Start-VmMigration
        $result.Outcome | Should -Be 'Completed'
        $result.Connections | Should -Be 2 -Because 'the options of the report go along'
        $result.Options['MaxDowntime'] | Should -Be 900
    }
}
