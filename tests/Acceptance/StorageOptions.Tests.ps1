# Disks that the hosts do not share: copied which and how as asked, unread on the way where that is asked for, and what is unsafe refused.

# A device of Linux (struct sockaddr_ll): the family, the protocol in network order, and the device's number.
class LinkEndPoint : Net.EndPoint {
    [int] $Device

    LinkEndPoint([int] $device) {
        $this.Device = $device
    }

    [Net.Sockets.AddressFamily] get_AddressFamily() {
        return [Net.Sockets.AddressFamily]::Packet
    }

    [Net.SocketAddress] Serialize() {
        $address = [Net.SocketAddress]::new([Net.Sockets.AddressFamily]::Packet, 20)
        $address[3] = 3
        $bytes = [BitConverter]::GetBytes($this.Device)
        foreach ($i in 0..3) {
            $address[4 + $i] = $bytes[$i]
        }
        return $address
    }
}

Describe 'Storage options' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/DaemonTrace.psm1"
        $lab = Open-Lab
        $images = '/var/lib/libvirt/images'

        # Where QEMU on a host was told last to listen for disks.
        function Get-DiskServer([string] $VmHost) {
            $address = @(Get-DaemonCommand $VmHost nbd-server-start)[-1].addr.data
            "$($address.host):$($address.port)"
        }

        # Changes the image of a guest's only disk. Not every file system takes direct I/O.
        function Set-Image($Domain, [string] $Path) {
            $Domain.devices.disk.source.SetAttribute('file', $Path)
            $Domain.devices.disk.driver.SetAttribute('cache', 'writethrough')
        }

        if (-not $lab.Obstacle) {
            $null = Connect-VmHost $lab.Kvm1, $lab.Kvm2
            'kvm1', 'kvm2' | ForEach-Object { Start-DaemonTrace $_ }
        }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        if (-not $lab.Obstacle) {
            'kvm1', 'kvm2' | ForEach-Object { Stop-DaemonTrace $_ }
        }
        Close-Lab $lab
    }

    Context 'Of three disks, two that are named' {
        BeforeAll {
            # The mixing of the lab's guest, as guest.c has it.
            function Get-Mixed([Numerics.BigInteger] $A, [Numerics.BigInteger] $B) {
                $mask = [Numerics.BigInteger] [ulong]::MaxValue
                $x = ($A * 0x9e3779b97f4a7c15ul + $B * 0xc2b2ae3d27d4eb4ful + 0x165667b19e3779f9ul) -band $mask
                $x = $x -bxor ($x -shr 29)
                $x = ($x * 0xbf58476d1ce4e5b9ul) -band $mask
                $x -bxor ($x -shr 32)
            }

            # Words as a computer of this kind keeps them, a character a byte.
            function Get-Text([Numerics.BigInteger[]] $Word) {
                -join ($Word | ForEach-Object { [Text.Encoding]::Latin1.GetString([BitConverter]::GetBytes([ulong] ($_ -band [ulong]::MaxValue))) })
            }

            # A part of a page of the guest's memory, which stays the same however often it is written: eight words from the second on.
            function Get-PageContent([int] $Page) {
                $first = Get-Mixed $Page 0
                Get-Text (1..8 | ForEach-Object { $first + $_ * [Numerics.BigInteger] 0x9e3779b97f4a7c15ul })
            }

            # The head of a record on its disk: its mark, its number and its first word.
            function Get-RecordContent([int] $Number) {
                Get-Text 0x6c61622d7265636ful, $Number, (Get-Mixed $Number 2)
            }

            # Writes down all that passes on the first host's link, in both directions, until it is stopped.
            function Start-Capture {
                $device = [regex]::Match((Invoke-Lab env), 'LAB_HOST1_LINK=(\S+)').Groups[1].Value
                # Without a protocol it hears nothing yet; with one it would hear every device until it is bound to one.
                $socket = [Net.Sockets.Socket]::new([Net.Sockets.AddressFamily]::Packet, 'Raw', 'Unspecified')
                # SO_RCVBUFFORCE: more than a guest of the lab has, so that nothing is lost while the reader waits for a processor.
                $socket.SetRawSocketOption(1, 33, [BitConverter]::GetBytes(512MB))
                $socket.Bind([LinkEndPoint]::new([int] (Get-Content "/sys/class/net/$device/ifindex")))
                $file = [IO.Path]::Combine($lab.Shared, "$([guid]::NewGuid()).capture")
                # To close it would not wake a reader.
                $socket.ReceiveTimeout = 200
                $state = [hashtable]::Synchronized(@{ IsOver = $false })
                $job = Start-ThreadJob {
                    $socket, $state, $file = $using:socket, $using:state, [IO.File]::Create($using:file)
                    # A veth hands on segments of up to 64 KiB.
                    $packet = [byte[]]::new(128KB)
                    while (-not $state.IsOver) {
                        try {
                            $file.Write($packet, 0, $socket.Receive($packet))
                        }
                        catch [Net.Sockets.SocketException] {
                            # Nothing came for a while.
                        }
                    }
                    $file.Dispose()
                }
                [pscustomobject] @{ Socket = $socket; State = $state; File = $file; Job = $job }
            }

            # Ends a capture, and tells how many of these texts have passed, and how many bytes in all.
            function Stop-Capture($Capture, [string[]] $Text = @()) {
                Wait-Until 'all that has passed was written down' { $Capture.Socket.Available -eq 0 }
                # The two counts of struct tpacket_stats: seen, and dropped.
                $statistics = [byte[]]::new(8)
                $null = $Capture.Socket.GetRawSocketOption(263, 6, $statistics)
                $Capture.State.IsOver = $true
                $null = $Capture.Job | Receive-Job -Wait -AutoRemoveJob
                $Capture.Socket.Dispose()
                [BitConverter]::ToUInt32($statistics, 4) | Should -Be 0 -Because 'no packet may pass unseen'
                $passed = [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($Capture.File))
                Remove-Item $Capture.File
                [pscustomobject] @{ Found = @($Text.Where({ $passed.Contains($_, 'Ordinal') })).Count; Bytes = $passed.Length }
            }

            # Migrates while all that passes is written down.
            function Invoke-Captured([scriptblock] $Migration, [string[]] $Text) {
                $capture = Start-Capture
                try {
                    & $Migration
                }
                finally {
                    $script:passed = Stop-Capture $capture $Text
                }
            }

            if (-not $lab.Obstacle) {
                $content = @(1..8 | ForEach-Object { Get-PageContent $_ }) + @(1..8 | ForEach-Object { Get-RecordContent $_ })
                $local, $shared = "$images/disks-2.raw", [IO.Path]::Combine($lab.Shared, 'images', 'disks-3.raw')
                foreach ($file in $local, $shared) {
                    $null = Invoke-Lab exec kvm1 sh -c "printf 'from kvm1' > $file; truncate -s 1M $file"
                }
                New-EditedGuest $lab disks -Option --disk, local -Edit {
                    param($domain)
                    foreach ($disk in @{ vdb = $local }, @{ vdc = $shared }) {
                        $copy = $domain.devices.AppendChild(@($domain.devices.disk)[0].CloneNode($true))
                        $copy.source.SetAttribute('file', "$($disk.Values)")
                        $copy.target.SetAttribute('dev', "$($disk.Keys)")
                        $null = $copy.RemoveChild($copy['address'])
                    }
                }
                $there = @{ VmHost = 'kvm1'; Destination = 'kvm2'; CopyStorage = 'All'; MigrateDisk = 'vda', 'vdb'; SynchronousWrites = $true }
                Invoke-Captured { $script:plain = Start-VmMigration disks @there -Live -WarningAction SilentlyContinue } $content
                $plainPassed = $passed
                $checked = Invoke-Lab check disks
                $copied = Invoke-Lab exec kvm2 head -c 9 $local

                # And back, over a port of our choice, onto an image that is not the newest. Over tcp nobody tells that it is another one.
                $back = @{ VmHost = 'kvm2'; Destination = 'kvm1'; CopyStorage = 'All'; MigrateDisk = 'vda', 'vdb'; DisksPort = 49301; Tls = $true }
                Invoke-Captured {
                    $job = Start-VmMigration disks @back -Live -AssumeSeparateStorage -Confirm:$false -Bandwidth 32MB -AsJob
                    try {
                        Wait-Leaving $lab.Kvm2 disks
                        $script:parameters = Get-QemuAnswer $lab.Kvm2 disks query-migrate-parameters
                    }
                    finally {
                        $script:encrypted = Receive-Job $job -Wait -WarningAction SilentlyContinue
                    }
                } $content
                $encryptedPassed = $passed
            }
        }

        AfterAll {
            if (-not $lab.Obstacle) {
                Remove-LabGuest $lab disks
                foreach ($vmHost in 'kvm1', 'kvm2') {
                    $null = Invoke-Lab exec $vmHost rm -f $local $shared
                }
            }
        }

        It 'copies these whole, each write at once at both ends, and not the third' {
            $plain.Outcome | Should -Be 'Completed'
            $mirrors = @(Get-DaemonCommand kvm1 blockdev-mirror)
            $mirrors.'job-id' | Sort-Object | Should -Be 'drive-virtio-disk0', 'drive-virtio-disk1'
            $mirrors.sync | Should -Be 'full', 'full'
            $mirrors.'copy-mode' | Should -Be 'write-blocking', 'write-blocking'
            $copied | Should -Be 'from kvm1'
            # The guest reads back what it wrote on the other host.
            $checked | Should -BeLike '*is whole on kvm2:*'
        }

        It 'copies them back, over the port that is given' {
            $encrypted.Outcome | Should -Be 'Completed'
            Get-DiskServer kvm1 | Should -BeLike '*:49301'
            Assert-Whole disks -On kvm1
        }

        It 'lets the network read memory and disks without -Tls' {
            # A content may lie across two packets, but not half of all.
            $plainPassed.Found | Should -BeGreaterOrEqual (0.75 * $content.Count)
        }

        It 'lets nobody read them with -Tls' {
            $encryptedPassed.Found | Should -Be 0
            $encryptedPassed.Bytes | Should -BeGreaterThan $encrypted.Transferred
            $parameters.'tls-creds' | Should -Not -BeNullOrEmpty
        }
    }

    It 'copies of an image over a base that both hosts have only the difference' {
        try {
            'kvm1', 'kvm2' | ForEach-Object { $null = Invoke-Lab exec $_ qemu-img create -q -f raw "$images/base.raw" 64M }
            New-LabGuest $lab overlay -Option --off, --disk, local, --disk-format, qcow2
            'kvm1', 'kvm2' | ForEach-Object {
                $null = Invoke-Lab exec $_ qemu-img create -q -f qcow2 -b "$images/base.raw" -F raw "$images/overlay.qcow2"
            }
            $null = Invoke-Virsh $lab.Kvm1 start overlay
            Wait-Tick $lab overlay 3
            $before = @(Get-DaemonCommand kvm1 blockdev-mirror).Count
            $with = @{ CopyStorage = 'Incremental'; DisksUri = "tcp://$($lab.Kvm2ADDRESS):49302"; WarningAction = 'SilentlyContinue' }
            (Start-VmMigration overlay -VmHost kvm1 -Destination kvm2 -Live @with).Outcome | Should -Be 'Completed'
            $mirrors = @(Get-DaemonCommand kvm1 blockdev-mirror | Select-Object -Skip $before)
            $mirrors | Should -HaveCount 1
            $mirrors.sync | Should -Be 'top'
            Get-DiskServer kvm2 | Should -Be "$($lab.Kvm2ADDRESS):49302"
            Assert-Whole overlay -On kvm2
        }
        finally {
            Remove-LabGuest $lab overlay
            'kvm1', 'kvm2' | ForEach-Object { $null = Invoke-Lab exec $_ rm -f "$images/base.raw" }
        }
    }

    It 'passes over libvirt''s doubts about a disk only when asked, and lets nobody change the VM meanwhile' {
        try {
            # Both hosts see this image, but libvirt does not know that.
            New-EditedGuest $lab unsafe -Option --disk, local -Edit {
                Set-Image $args[0] ([IO.Path]::Combine((Split-Path $lab.Shared), "kvm1$images/unsafe.raw"))
            }
            $ends = @{ VmHost = 'kvm1'; Destination = 'kvm2'; Live = $true }
            $problem = @(Get-Problem { Start-VmMigration unsafe @ends -SkipCheck All })
            $problem | Should -HaveCount 1
            "$problem" | Should -BeLike '*Unsafe migration: Migration without shared storage is unsafe*'
            $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty

            # Nobody is there to be asked.
            $run = Invoke-Runbook @"
Start-VmMigration unsafe -VmHost '$($lab.Kvm1)' -Destination '$($lab.Kvm2)' -Unsafe -ErrorVariable problem -ErrorAction SilentlyContinue
"`$(`$problem.FullyQualifiedErrorId) `$(`$problem.CategoryInfo.Category) `$problem `$(`$problem.ErrorDetails.RecommendedAction)"
"@
            $run.Output | Should -BeLike "ConfirmationNeeded,* PermissionDenied *skips libvirt's storage safety checks*-Confirm:`$false*"
            Invoke-Virsh $lab.Kvm2 domstate unsafe | Should -Match 'failed to get domain'
            Assert-Whole unsafe -On kvm1

            (Start-VmMigration unsafe @ends -PeerToPeer -Unsafe -ChangeProtection -Confirm:$false).Outcome | Should -Be 'Completed'
            # VIR_MIGRATE_LIVE, PEER2PEER, PERSIST_DEST, CHANGE_PROTECTION and UNSAFE. A client's libvirt would protect of its own accord.
            $calls = @(Get-DaemonCall kvm1 virDomainMigratePerform3Params)
            $calls[-1] | Should -BeLike 'flags=0x30b*'
            Assert-Whole unsafe -On kvm2
        }
        finally {
            Remove-LabGuest $lab unsafe
        }
    }

    It 'ends a migration at an I/O error of the guest when asked (-AbortOnError)' {
        $folder = '/var/lib/libvirt/small'
        try {
            foreach ($vmHost in 'kvm1', 'kvm2') {
                $null = Invoke-Lab exec $vmHost sh -ec "mkdir -p $folder; mount -t tmpfs -o size=4m tmpfs $folder; truncate -s 64M $folder/disk.raw"
            }
            New-EditedGuest $lab io-error -Option --disk, local -Edit { Set-Image $args[0] "$folder/disk.raw" }
            $before = @(Get-DaemonCommand kvm1 migrate_cancel).Count
            $with = @{ AbortOnError = $true; Unsafe = $true; Bandwidth = 4MB; Confirm = $false }
            $job = Start-VmMigration io-error -VmHost kvm1 -Destination kvm2 -Live -AsJob @with
            Wait-Leaving $lab.Kvm1 io-error
            $null = Invoke-Lab exec kvm1 sh -c "cat /dev/zero > $folder/rest 2>&1; true"
            $problem = @(Get-Problem { Receive-Job $job -Wait })

            # The source's libvirtd ends the job; its reason or the destination's comes first, as it happens.
            $problem | Should -HaveCount 1
            "$problem" | Should -BeLike "*paused (I/O error) on 'kvm1'*"
            @(Get-DaemonCommand kvm1 migrate_cancel).Count - $before | Should -Be 1
            Invoke-Virsh $lab.Kvm1 domstate io-error --reason | Should -Be 'paused (I/O error)'
            Invoke-Virsh $lab.Kvm2 domstate io-error | Should -Match 'failed to get domain'
            $null = Invoke-Lab exec kvm1 rm "$folder/rest"
            $null = Invoke-Virsh $lab.Kvm1 resume io-error
            Assert-Whole io-error -On kvm1
        }
        finally {
            Get-Job | Where-Object PSJobTypeName -EQ VmMigration | Remove-Job -Force
            Remove-LabGuest $lab io-error
            foreach ($vmHost in 'kvm1', 'kvm2') {
                $null = Invoke-Lab exec $vmHost sh -c "umount $folder; rmdir $folder"
            }
        }
    }
}
