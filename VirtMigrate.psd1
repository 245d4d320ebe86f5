@{
    RootModule           = 'VirtMigrate.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '567bb654-b38c-4fb1-8bd6-48d5da106f4e'
    Author               = 'The VirtMigrate authors'
    Copyright            = '(c) The VirtMigrate authors. MIT licence.'
    Description          = 'Moves libvirt/KVM virtual machines between hosts: one command for a live, verified migration, with progress, jobs and a result that says what happened.'

    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.4'
    FormatsToProcess     = @(
        'VirtMigrate.format.ps1xml', 'VirtMigrate.Migration.format.ps1xml', 'VirtMigrate.Policies.format.ps1xml'
        'VirtMigrate.Readiness.format.ps1xml', 'VirtMigrate.Estimation.format.ps1xml', 'VirtMigrate.DirtyRates.format.ps1xml'
    )
    TypesToProcess       = @('VirtMigrate.types.ps1xml')

    CmdletsToExport      = @(
        'Connect-VmHost'
        'Get-VmHost'
        'Disconnect-VmHost'
        'Get-Vm'
        'Start-VmMigration'
        'Get-VmMigrationJob'
        'Wait-VmMigrationJob'
        'Stop-VmMigration'
        'Set-VmMigrationJob'
        'Switch-VmMigrationPostCopy'
        'Resume-VmMigration'
        'Test-VmMigrationResult'
        'Test-VmMigrationReadiness'
        'Measure-VmDirtyRate'
        'Get-VmMigrationEstimate'
        'Get-VmMigrationPolicy'
        'New-VmMigrationPolicy'
        'Get-VmMigrationBandwidth'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()

    PrivateData          = @{
        PSData = @{
            Tags = @('PSEdition_Core', 'Linux', 'Windows', 'MacOS', 'libvirt', 'KVM', 'QEMU', 'virsh', 'migration', 'virtualization')
        }
    }
}
