# What the scripts that build and pack read from the module's manifest, which is the one place of the version.

# The manifest's data. Import-PowerShellDataFile does the same, but isn't in the engine.
function Read-Manifest([string] $Path) {
    $syntax = [Management.Automation.Language.Parser]::ParseFile($Path, [ref] $null, [ref] $null)
    $syntax.Find({ $args[0] -is [Management.Automation.Language.HashtableAst] }, $false).SafeGetValue()
}

# The version as NuGet writes it: 0.2.0, or 0.2.0-beta1.
function Get-PackageVersion([hashtable] $Manifest) {
    $prerelease = $Manifest.PrivateData.PSData['Prerelease']
    $prerelease ? "$($Manifest.ModuleVersion)-$prerelease" : $Manifest.ModuleVersion
}
