# VMs that libvirt does migrate are found ready, and Start-VmMigration lets them go.

Describe 'Readiness without a false alarm' {
    BeforeDiscovery {
        $names = 'plain', 'q35', 'disks', 'cached', 'copied', 'tpm', 'uefi', 'devices', 'tuned', 'model', 'memfd', 'dimm', 'parallel', 'post-copy',
            'steered', 'compressed'
    }

    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        if ($lab.Obstacle) {
            return
        }

        function Get-SharedImage([string] $Name) {
            [IO.Path]::Combine($lab.Shared, 'images', "calm-$Name.img")
        }

        # What each VM is like.
        $settings = [ordered] @{
            plain = @{}
            q35 = @{ Machine = 'q35' }
            disks = @{
                Devices = (Get-DiskXml (Get-SharedImage disks.raw)) + (Get-DiskXml (Get-SharedImage disks.qcow2) qcow2 -Target vdb) +
                    (Get-CdromXml (Get-SharedImage disks.iso)) + "<disk type='file' device='cdrom'><target dev='hdb' bus='ide'/><readonly/></disk>"
            }
            cached = @{ Devices = Get-DiskXml (Get-SharedImage cached) -Cache writeback }
            copied = @{ Devices = Get-DiskXml "$Images/calm-copied.raw" }
            tpm = @{ Devices = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>" }
            uefi = @{
                Machine = 'q35'
                Firmware = "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>" +
                    "<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'/>"
            }
            devices = @{
                Devices = "<interface type='user'/><graphics type='vnc' autoport='yes' listen='0.0.0.0'/><video><model type='vga'/></video>" +
                    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng><serial type='pty'/>" +
                    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>" +
                    "<input type='keyboard' bus='virtio'/><watchdog model='i6300esb' action='none'/>"
            }
            tuned = @{
                Elements = "<cputune><vcpupin vcpu='0' cpuset='0'/></cputune><numatune><memory mode='strict' nodeset='0'/></numatune>" +
                    "<cpu mode='custom' match='exact'><model fallback='forbid'>qemu64</model></cpu>"
            }
            model = @{ Elements = "<cpu mode='host-model'/>" }
            memfd = @{ Elements = "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>" }
            dimm = @{
                Elements = "<maxMemory slots='4' unit='MiB'>512</maxMemory><cpu><numa><cell id='0' cpus='0' memory='64' unit='MiB'/></numa></cpu>"
                Devices = "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>"
                Memory = 192
                Emulator = '/usr/bin/qemu-system-x86_64'
            }
            parallel = @{}
            'post-copy' = @{}
            steered = @{}
            compressed = @{}
        }

        # With which options it moves, where there are any.
        $options = @{
            copied = @{ CopyStorage = 'All' }
            parallel = @{ Parallel = 2 }
            'post-copy' = @{ PostCopy = $true; PostCopyAfterPrecopy = $true }
            steered = @{ Policy = 'MinimalDowntime'; PeerToPeer = $true }
            compressed = @{ Compression = 'xbzrle' }
        }

        $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
        foreach ($image in (Get-SharedImage disks.raw), (Get-SharedImage cached), (Get-SharedImage disks.iso), "$Images/calm-copied.raw") {
            $null = Invoke-Lab exec kvm1 truncate -s 1M $image
        }
        $null = Invoke-Lab exec kvm1 qemu-img create -q -f qcow2 (Get-SharedImage disks.qcow2) 1M
        foreach ($name in $settings.Keys) {
            $setting = $settings[$name]
            New-EmptyVm $lab "calm-$name" @setting
        }
        # One is shut off, one is paused, one has no definition.
        $null = Invoke-Virsh $lab.Kvm1 destroy calm-plain
        $null = Invoke-Virsh $lab.Kvm1 suspend calm-q35
        $null = Invoke-Virsh $lab.Kvm1 undefine calm-disks

        # Those without options in one command; each report brings its options along.
        $plain = @($settings.Keys).Where({ -not $options.ContainsKey($_) }).ForEach({ "calm-$_" })
        $reports = @($plain | Test-VmMigrationReadiness -VmHost kvm1 -Destination kvm2)
        $reports += foreach ($name in $options.Keys) {
            $option = $options[$name]
            Test-VmMigrationReadiness "calm-$name" -VmHost kvm1 -Destination kvm2 @option
        }
        $results = @($reports | Start-VmMigration -ThrottleLimit 3)
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        if (-not $lab.Obstacle) {
            Remove-EmptyVm $lab @($settings.Keys).ForEach({ "calm-$_" })
        }
        Close-Lab $lab
    }

    It 'finds a VM ready that moves: <_>' -ForEach $names {
        $report = @($reports | Where-Object Vm -EQ "calm-$_")
        $report | Should -HaveCount 1
        $report.IsReady | Should -BeTrue -Because "these stand in the way: $($report.Obstacles -join "`n")"
        $result = @($results | Where-Object Vm -EQ "calm-$_")
        $result | Should -HaveCount 1
        $result.Outcome | Should -Be 'Completed'
    }

    It 'knows of the processor of a host''s model, and that the VM runs in software' {
        $report = $reports | Where-Object Vm -EQ calm-model
        $null = Assert-Check $report CpuModel
        $null = Assert-Check $report KvmAcceleration Warning
    }

    It 'has as many VMs as reports and results' {
        $reports | Should -HaveCount $settings.Count
        $results | Should -HaveCount $settings.Count
    }
}
