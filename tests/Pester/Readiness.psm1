<#
.SYNOPSIS
What the checks say of a migration, and what libvirt then makes of it. The VM is called 'empty' where no other name is given.
#>
Set-StrictMode -Version 3.0

# What the checks say. What only Start-VmMigration asks for is left out: nothing is changed, and so nothing is to be confirmed.
function Get-Report([hashtable] $Ends, [hashtable] $Option = @{}, [string[]] $Category, [string] $Name = 'empty') {
    $asked = $Option.Clone()
    $asked.Remove('Confirm')
    if ($Category) {
        $asked.Category = $Category
    }
    Test-VmMigrationReadiness $Name @Ends @asked -WarningAction SilentlyContinue
}

# A check of a report came to this, and one that failed says why and what to do.
function Assert-Check($Report, [string] $Id, [string] $Status = 'Passed') {
    $check = @($Report.Checks | Where-Object Id -EQ $Id)
    $check | Should -HaveCount 1 -Because "the check $Id is to be there once"
    "$($check[0].Status)" | Should -Be $Status -Because "the check says: $($check[0]) | $($check[0].Evidence -join ' | ')"
    if ($Status -eq 'Failed') {
        $check[0].Evidence | Should -Not -BeNullOrEmpty
        $check[0].Recommendation | Should -Not -BeNullOrEmpty
    }
    $check[0]
}

# The same of several checks.
function Assert-Checks($Report, [string[]] $Id, [string] $Status = 'Passed') {
    foreach ($one in $Id) {
        $null = Assert-Check $Report $one $Status
    }
}

# The migration begins and libvirt refuses it. A user sees all that matters of why, in the error and in the result, which is emitted: libvirt's
# words, what to do, whether to try again, and that the VM is where it was, and only there.
function Assert-Failure {
    param(
        [hashtable] $Ends,
        [string] $Id,
        [string] $Category,
        [string] $Message,
        [string] $Action,
        # The check that has foretold it in libvirt's words: its id, or what came of it. Nothing where none does.
        $Foretold,
        [string] $Name = 'empty',
        [hashtable] $Option = @{},
        [switch] $CanRetry
    )

    if ($Foretold -is [string] -and $Foretold) {
        $Foretold = Assert-Check (Get-Report $Ends $Option -Name $Name) $Foretold Failed
    }
    $said = @(Start-VmMigration $Name @Ends @Option -SkipCheck All -WarningAction SilentlyContinue 2>&1)
    $problem = $said.Where({ $_ -is [Management.Automation.ErrorRecord] })
    $result = $said.Where({ $_ -isnot [Management.Automation.ErrorRecord] })
    Assert-Problem $problem $Id $Category $Message $Action
    "$problem" | Should -BeLike "*'$Name' is *, and only there."
    if ($Foretold) {
        Assert-Contains "$problem" $Foretold.LibvirtError
    }
    $result | Should -HaveCount 1
    $result[0].Outcome | Should -Be 'RolledBack'
    $result[0].ErrorId | Should -Be $Id
    $result[0].CanRetry | Should -Be $CanRetry.IsPresent
    $result[0].Errors[0].Message | Should -BeLike "*$Message*"
    $result[0]
}

function Assert-Moves([hashtable] $Ends, [hashtable] $Option = @{}, [string] $Name = 'empty') {
    $result = Start-VmMigration $Name @Ends @Option
    $result.Outcome | Should -Be 'Completed'
}

Export-ModuleMember -Function *
