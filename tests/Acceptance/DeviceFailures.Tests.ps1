# Why a migration fails whose VM has what can't move or be taken over: in libvirt's words, and what to do.

Describe 'Device failures' {
    BeforeAll {
        Import-Module "$PSScriptRoot/../Pester/Lab.psm1"
        Import-Module "$PSScriptRoot/../Pester/EmptyVm.psm1"
        Import-Module "$PSScriptRoot/../Pester/Readiness.psm1"
        $lab = Open-Lab
        $ends = @{ VmHost = $lab.Kvm1; Destination = $lab.Kvm2 }
    }

    BeforeEach {
        Skip-WithoutLab $lab
    }

    AfterAll {
        Close-Lab $lab
    }

    Context 'A VM that stays where it is' {
        It 'shares a directory of its host, as was foretold' {
            New-EmptyVm $lab -Elements '<memoryBacking><source type="memfd"/><access mode="shared"/></memoryBacking>' -Devices (
                '<filesystem type="mount" accessmode="passthrough"><driver type="virtiofs"/><source dir="/tmp"/><target dir="t"/></filesystem>')
            Assert-Failure $ends VirtiofsNotMigratable NotImplemented 'cannot migrate domain' 'detach-device' -Foretold Filesystems
        }

        It 'shares memory of its host, as was foretold' {
            New-EmptyVm $lab -Devices '<shmem name="s0" role="peer"><model type="ivshmem-plain"/><size unit="M">4</size></shmem>'
            Assert-Failure $ends DeviceNotMigratable NotImplemented 'ivshmem' 'detach-device' -Foretold SharedMemory
        }

        It 'ends with its client' {
            New-EmptyVm $lab -Off
            $start = [Diagnostics.ProcessStartInfo]::new('virsh', [string[]] @('-q', '-c', $lab.Kvm1))
            $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
            $client = [Diagnostics.Process]::Start($start)
            try {
                $client.StandardInput.WriteLine('start empty --autodestroy')
                $client.StandardInput.Flush()
                Wait-Until 'the VM runs' { (Invoke-Virsh $lab.Kvm1 domstate empty) -eq 'running' }
                Assert-Failure $ends VmMarkedForAutoDestroy InvalidOperation 'marked for auto destroy' '--autodestroy'
            }
            finally {
                $client.StandardInput.Close()
                $client.WaitForExit()
                $client.Dispose()
            }
        }
    }

    Context 'A VM with an emulated TPM' {
        BeforeAll {
            $secret = '6bd2a3ac-0d1c-4b0a-9d6c-0c1d2e3f4a5b'
            $xml = "<secret private='yes'><uuid>$secret</uuid><usage type='vtpm'><name>empty</name></usage></secret>"
            $define = "echo `"$xml`" > /run/secret.xml; virsh -q secret-define /run/secret.xml; rm /run/secret.xml"
            $undefine = "virsh -q secret-undefine $secret"

            function Get-TpmXml([string] $Element) {
                "<tpm model='tpm-crb'><backend type='emulator' version='2.0'>$Element</backend></tpm>"
            }

            function Set-Secret([string] $Uri, [string] $Value) {
                $code = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Value))
                Invoke-Virsh $Uri secret-set-value $secret --base64 $code | Should -BeLike '*set*'
            }
        }

        AfterEach {
            if (-not $lab.Obstacle) {
                Remove-EmptyVm $lab
                Restore-LabHost
            }
        }

        It 'needs a secret that the destination lacks, has no value for, or knows differently' {
            Edit-LabHost kvm1 $define $undefine
            Set-Secret $lab.Kvm1 one
            New-EmptyVm $lab -Devices (Get-TpmXml "<encryption secret='$secret'/>")

            $message = "no secret with matching uuid '$secret'"
            $result = Assert-Failure $ends SecretMissing ObjectNotFound $message 'secret-define' -Foretold TpmSecret
            $result.Errors[0].End | Should -Be 'Destination'

            Edit-LabHost kvm2 $define $undefine
            $null = Assert-Check (Get-Report $ends) TpmSecret NotVerified
            Assert-Failure $ends SecretMissing ObjectNotFound "secret '$secret' does not have a value" 'secret-set-value'

            # Which of both ends is heard first is a race within libvirt, and the source knows only that nobody listens any more.
            Set-Secret $lab.Kvm2 another
            $result = Start-VmMigration empty @ends -ErrorAction SilentlyContinue -ErrorVariable problem
            $expected = if ($result.ErrorId -eq 'TpmStateUnreadable') {
                'TpmStateUnreadable', 'InvalidData', 'TPM error 0x21 decryption error', 'needs the same secret under the same UUID'
            }
            else {
                'MigrationStreamBroken', 'ConnectionError', '', "QEMU's log on 'kvm2' says why"
            }
            Assert-Problem $problem @expected
            $result.Outcome | Should -Be 'RolledBack'
            $result.Errors.Host | Should -Contain 'kvm2'

            Set-Secret $lab.Kvm2 one
            Assert-Moves $ends
        }

        It 'has its state on storage that both hosts share, which its emulator can not hand over' {
            if ((Invoke-Lab exec kvm1 swtpm socket --print-capabilities) -match 'cmdarg-migration') {
                Set-ItResult -Skipped -Because 'this swtpm can hand over a state on shared storage'
            }
            $folder, $states = [IO.Path]::Combine($lab.Shared, 'swtpm'), '/var/lib/libvirt/swtpm'
            Edit-LabHost kvm1 "mkdir '$folder'; rm -rf $states; ln -s '$folder' $states" "rm -r $states '$folder'"
            New-EmptyVm $lab -Devices (Get-TpmXml)

            # Only the source itself knows where the state is.
            $null = Assert-Check (Get-Report $ends -Category Devices) Tpm NotVerified
            $fromShell = @{ VmHost = $lab.Kvm1SSH; Destination = $lab.Kvm2 }
            $foretold = Assert-Check (Get-Report $fromShell -Category Devices) Tpm Failed
            $foretold.LibvirtError | Should -Be 'the running swtpm does not support migration with shared storage'
            $message = 'swtpm does not support migration with shared storage'
            Assert-Failure $ends TpmNotMigratable NotImplemented $message 'swtpm 0.8' $foretold
        }
    }
}
