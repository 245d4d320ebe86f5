<#
.SYNOPSIS
What a user sees of a command: its errors, what it emits and how that is shown; and what became of a guest.
#>
Set-StrictMode -Version 3.0

# The errors of a command, whether they ended it or not.
function Get-Problem([scriptblock] $Command) {
    try {
        & $Command 2>&1 | Where-Object { $_ -is [Management.Automation.ErrorRecord] }
    }
    catch {
        $_
    }
}

# There was one error, and a user sees all that matters of it.
function Assert-Problem([object[]] $Problem, [string] $Id, [string] $Category, [string] $Message, [string] $Action) {
    $Problem | Should -HaveCount 1 -Because "the errors were: $($Problem -join '; ')"
    $record = $Problem[0]
    $record.FullyQualifiedErrorId | Should -Match "^$Id,VirtMigrate\."
    $record.CategoryInfo.Category | Should -Be $Category
    $record.ToString() | Should -BeLike "*$Message*"
    $record.ErrorDetails.RecommendedAction | Should -BeLike "*$Action*"
    $record.InvocationInfo.MyCommand.ModuleName | Should -Be 'VirtMigrate'
}

# A command emits what it declares, and nothing else.
function Assert-Declared([object[]] $Object, [string] $Command) {
    $declared = (Get-Command $Command).OutputType.Name
    $Object | Should -Not -BeNullOrEmpty
    foreach ($one in $Object) {
        $one.PSTypeNames[0] | Should -BeIn $declared
    }
}

# What Out-Default shows on a console of this width, without colours.
function Get-Shown([object] $Object, [int] $Width = 120) {
    ($Object | Out-String -Width $Width) -replace '\e\[[\d;?]*[a-zA-Z]'
}

# A text has another in it, as it is written.
function Assert-Contains([string] $Text, [string] $Part) {
    $Part | Should -Not -BeNullOrEmpty
    $Text.Contains($Part, [StringComparison]::Ordinal) | Should -BeTrue -Because "'$Part' is to be in: $Text"
}

# The guest ticks, on this host and no other, and has lost nothing.
function Assert-Whole([string] $Name, [string] $On) {
    Invoke-Lab check $Name | Should -Match ([regex]::Escape("guest '$Name' is whole on ${On}:"))
}

Export-ModuleMember -Function *
