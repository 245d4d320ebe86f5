<#
.SYNOPSIS
Packs a finished module into a NuGet package, which Publish-PSResource -NupkgPath takes.

.DESCRIPTION
What Publish-PSResource would make: the module's files at the root, beside a nuspec. NuGet packs it, so that the same module gives the
same bytes: neither the time nor the machine is in it.

.PARAMETER Module
The module's folder.

.PARAMETER Destination
The folder for the package.

.OUTPUTS
The package's path.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Module,

    [Parameter(Mandatory)]
    [string] $Destination
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

. (Join-Path $PSScriptRoot Manifest.ps1)

$manifest = Import-PowerShellDataFile (Join-Path $Module 'VirtMigrate.psd1')
$gallery = $manifest.PrivateData.PSData
$version = Get-PackageVersion $manifest
$metadata = [ordered] @{
    id                       = 'VirtMigrate'
    version                  = $version
    authors                  = $manifest.Author
    requireLicenseAcceptance = 'false'
    license                  = @{ type = 'file' }, 'LICENSE'
    icon                     = 'icon.png'
    description              = $manifest.Description
    releaseNotes             = $gallery.ReleaseNotes
    copyright                = $manifest.Copyright
    # By these galleries know a module and what it exports.
    tags                     = @('PSModule', 'PSIncludes_Cmdlet') + $manifest.CmdletsToExport.ForEach({ "PSCmdlet_$_", "PSCommand_$_" }) + $gallery.Tags -join ' '
}

$work = New-Item (Join-Path ([IO.Path]::GetTempPath()) "pack-$(New-Guid)") -ItemType Directory
try {
    $nuspec = [xml] '<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata /><files><file src="**" /></files></package>'
    foreach ($name in $metadata.Keys) {
        $attributes, $text = $metadata[$name] -is [array] ? $metadata[$name] : @(@{}, $metadata[$name])
        $element = $nuspec.package['metadata'].AppendChild($nuspec.CreateElement($name, $nuspec.package.NamespaceURI))
        $element.InnerText = $text
        $attributes.Keys.ForEach({ $element.SetAttribute($_, $attributes[$_]) })
    }
    $nuspec.Save((Join-Path $work 'VirtMigrate.nuspec'))
    Set-Content (Join-Path $work 'Package.csproj') @"
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <NuspecFile>VirtMigrate.nuspec</NuspecFile>
    <NuspecBasePath>$([Security.SecurityElement]::Escape((Resolve-Path $Module)))</NuspecBasePath>
    <DeterministicTimestamp>2000-01-01T00:00:00Z</DeterministicTimestamp>
    <EnableDefaultItems>false</EnableDefaultItems>
    <NoWarn>NU5100</NoWarn>
  </PropertyGroup>
</Project>
"@
    dotnet pack (Join-Path $work 'Package.csproj') --output $Destination --nologo --verbosity quiet | Out-Host
    Join-Path $Destination "VirtMigrate.$version.nupkg"
}
finally {
    Remove-Item $work -Recurse -Force
}
