# What the scripts that complete and pack a module read from its manifest, which is the one place of the version.

# The version as NuGet writes it: 0.2.0, or 0.2.0-beta1.
function Get-PackageVersion([hashtable] $Manifest) {
    @($Manifest.ModuleVersion, $Manifest.PrivateData.PSData['Prerelease']).Where({ $_ }) -join '-'
}
