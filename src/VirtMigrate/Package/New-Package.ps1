<#
.SYNOPSIS
Packs a finished module into a NuGet package, which Publish-PSResource -NupkgPath takes.

.DESCRIPTION
What Publish-PSResource would make, without needing it: the module's files at the root, beside a nuspec. The same module gives the
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

. ([IO.Path]::Combine($PSScriptRoot, 'Manifest.ps1'))

function ConvertTo-Xml([string] $Text) {
    [Security.SecurityElement]::Escape($Text)
}

# The tags by which galleries know a module and what it exports, then its own.
function Get-Tag([hashtable] $Manifest) {
    'PSModule'
    $Manifest.CompatiblePSEditions -replace '^', 'PSEdition_'
    'PSIncludes_Cmdlet'
    foreach ($cmdlet in $Manifest.CmdletsToExport) {
        "PSCmdlet_$cmdlet", "PSCommand_$cmdlet"
    }
    $Manifest.PrivateData.PSData.Tags
}

# The compiler writes the commit behind the version, where it knows it.
function Get-Repository {
    $version = [Diagnostics.FileVersionInfo]::GetVersionInfo([IO.Path]::Combine($Module, 'VirtMigrate.dll')).ProductVersion
    if ($version -match '\+(?<commit>[0-9a-f]{40})$') {
        "    <repository type=`"git`" commit=`"$($Matches.commit)`" />`n"
    }
}

function Get-Nuspec([hashtable] $Manifest, [string] $Version) {
    @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>VirtMigrate</id>
    <version>$Version</version>
    <authors>$(ConvertTo-Xml $Manifest.Author)</authors>
    <requireLicenseAcceptance>false</requireLicenseAcceptance>
    <license type="file">LICENSE</license>
    <icon>icon.png</icon>
    <description>$(ConvertTo-Xml $Manifest.Description)</description>
    <releaseNotes>$(ConvertTo-Xml $Manifest.PrivateData.PSData.ReleaseNotes)</releaseNotes>
    <copyright>$(ConvertTo-Xml $Manifest.Copyright)</copyright>
    <tags>$(ConvertTo-Xml (@(Get-Tag $Manifest) -join ' '))</tags>
$(Get-Repository)  </metadata>
</package>
"@
}

# The two parts that make a zip file an OPC package, and so a NuGet package.
function Get-ContentType([string[]] $Names) {
    $parts = foreach ($name in $Names) {
        $extension = [IO.Path]::GetExtension($name).TrimStart('.')
        $part = $extension ? "Default Extension=`"$extension`"" : "Override PartName=`"/$name`""
        "  <$part ContentType=`"application/octet`" />"
    }
    @"
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
$([Linq.Enumerable]::Distinct([string[]] $parts) -join "`n")
</Types>
"@
}

$Relationships = @'
<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/VirtMigrate.nuspec" Id="nuspec" />
</Relationships>
'@

function Add-PackageFile([IO.Compression.ZipArchive] $Package, [string] $Name, [byte[]] $Content) {
    $entry = $Package.CreateEntry($Name)
    # The same bytes give the same package: the time of the build is no part of it.
    $entry.LastWriteTime = [DateTimeOffset]::new(2000, 1, 1, 0, 0, 0, [TimeSpan]::Zero)
    $entry.ExternalAttributes = 0x81A4 -shl 16
    $stream = $entry.Open()
    try {
        $stream.Write($Content, 0, $Content.Length)
    }
    finally {
        $stream.Dispose()
    }
}

$manifest = Read-Manifest ([IO.Path]::Combine($Module, 'VirtMigrate.psd1'))
$version = Get-PackageVersion $manifest

$names = [string[]] [IO.Directory]::GetFiles($Module, '*', [IO.SearchOption]::AllDirectories).ForEach(
    { [IO.Path]::GetRelativePath($Module, $_).Replace('\', '/') })
[Array]::Sort($names, [StringComparer]::Ordinal)
$path = [IO.Path]::Combine($Destination, "VirtMigrate.$version.nupkg")
[IO.File]::Delete($path)
$package = [IO.Compression.ZipFile]::Open($path, [IO.Compression.ZipArchiveMode]::Create)
try {
    Add-PackageFile $package '[Content_Types].xml' ([Text.Encoding]::UTF8.GetBytes((Get-ContentType ($names + 'VirtMigrate.nuspec'))))
    Add-PackageFile $package '_rels/.rels' ([Text.Encoding]::UTF8.GetBytes($Relationships))
    Add-PackageFile $package 'VirtMigrate.nuspec' ([Text.Encoding]::UTF8.GetBytes((Get-Nuspec $manifest $version)))
    foreach ($name in $names) {
        Add-PackageFile $package $name ([IO.File]::ReadAllBytes([IO.Path]::Combine($Module, $name)))
    }
}
finally {
    $package.Dispose()
}
$path
