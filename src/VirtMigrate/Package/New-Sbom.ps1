<#
.SYNOPSIS
Lists what a finished module is made of, in CycloneDX's format (ECMA-424).

.DESCRIPTION
Every file of the module is there with its SHA-256, either as the module's own or as that of the NuGet package that it came
with. The same module gives the same list: it has neither the time nor a random number.

.PARAMETER Module
The module's folder.

.PARAMETER Assets
What NuGet restored for the module's project: project.assets.json.

.PARAMETER Destination
The file to write.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Module,

    [Parameter(Mandatory)]
    [string] $Assets,

    [Parameter(Mandatory)]
    [string] $Destination
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

. (Join-Path $PSScriptRoot Manifest.ps1)

function Get-Purl([string] $Name, [string] $Version) {
    "pkg:nuget/$Name@$Version"
}

function ConvertTo-File([IO.FileInfo] $File) {
    [ordered] @{
        type   = 'file'
        name   = [IO.Path]::GetRelativePath($Module, $File.FullName).Replace('\', '/')
        hashes = @([ordered] @{ alg = 'SHA-256'; content = (Get-FileHash $File.FullName).Hash.ToLowerInvariant() })
    }
}

# A package that was restored: its files and dependencies, and what it says of itself.
function Get-Package([hashtable] $Restored) {
    $folder = @($Restored.packageFolders.Keys)[0]
    foreach ($library in @($Restored.targets.Values)[0].GetEnumerator().Where({ $_.Value.type -eq 'package' })) {
        $name, $version = $library.Key.Split('/')
        $nuspec = Join-Path $folder $Restored.libraries[$library.Key].path "$($name.ToLowerInvariant()).nuspec"
        [pscustomobject] @{
            Name         = $name
            Purl         = Get-Purl $name $version
            Version      = $version
            Assemblies   = @(($library.Value['runtime'] ?? @{}).Keys | Split-Path -Leaf)
            Dependencies = @(($library.Value['dependencies'] ?? @{}).Keys)
            Nuspec       = ([xml] (Get-Content $nuspec -Raw)).package.metadata
        }
    }
}

function ConvertTo-Component([pscustomobject] $Package, [object[]] $Files) {
    $licence = $Package.Nuspec['license']
    if ($null -eq $licence -or $licence.type -ne 'expression') {
        throw "The package $($Package.Name) names no licence; one has to be found for it before it is shipped."
    }
    [ordered] @{
        'type'               = 'library'
        'bom-ref'            = $Package.Purl
        'authors'            = @([ordered] @{ name = $Package.Nuspec.authors })
        'name'               = $Package.Name
        'version'            = $Package.Version
        'description'        = $Package.Nuspec.description
        'licenses'           = @([ordered] @{ expression = $licence.InnerText })
        'copyright'          = $Package.Nuspec.copyright
        'purl'               = $Package.Purl
        'externalReferences' = @([ordered] @{ type = 'website'; url = $Package.Nuspec.projectUrl })
        'components'         = $Files
    }
}

$restored = Get-Content $Assets -Raw | ConvertFrom-Json -AsHashtable
$packages = @(Get-Package $restored)
$manifest = Import-PowerShellDataFile (Join-Path $Module 'VirtMigrate.psd1')
$version = Get-PackageVersion $manifest

$shipped = [ordered] @{}
$own = @()
$paths = [string[]] (Get-ChildItem $Module -Recurse -File).FullName
[Array]::Sort($paths, [StringComparer]::Ordinal)
foreach ($file in Get-Item $paths) {
    $package = $packages.Where({ $_.Assemblies -contains $file.Name }, 'First')
    if ($package) {
        $shipped[$package[0].Name] = @($shipped[$package[0].Name]).Where({ $_ }) + (ConvertTo-File $file)
    }
    elseif ($file.Extension -eq '.dll' -and $file.Name -notlike 'VirtMigrate*.dll') {
        throw "$($file.Name) came with no package."
    }
    else {
        $own += ConvertTo-File $file
    }
}

# What the module's own projects ask for, the core's for the module among them.
$direct = @($restored.projectFileDependencyGroups.Values.ForEach({ $_ -replace ' .*' })) +
    @($restored.targets.Values)[0].Values.Where({ $_.type -eq 'project' }).ForEach({ @(($_['dependencies'] ?? @{}).Keys) })
$packages = $packages.Where({ $shipped.Contains($_.Name) })
$purl = Get-Purl VirtMigrate $version
$bom = [ordered] @{
    '$schema'      = 'http://cyclonedx.org/schema/bom-1.6.schema.json'
    'bomFormat'    = 'CycloneDX'
    'specVersion'  = '1.6'
    'version'      = 1
    'metadata'     = [ordered] @{
        lifecycles = @([ordered] @{ phase = 'build' })
        component  = [ordered] @{
            'type'        = 'library'
            'bom-ref'     = $purl
            'authors'     = @([ordered] @{ name = $manifest.Author })
            'name'        = 'VirtMigrate'
            'version'     = $version
            'description' = $manifest.Description
            'licenses'    = @([ordered] @{ expression = 'MIT' })
            'copyright'   = $manifest.Copyright
            'purl'        = $purl
            'components'  = $own
        }
    }
    'components'   = @(foreach ($package in $packages) { ConvertTo-Component $package $shipped[$package.Name] })
    'dependencies' = @(
        [ordered] @{ ref = $purl; dependsOn = @($packages.Where({ $_.Name -in $direct }).ForEach('Purl')) }
        foreach ($package in $packages) {
            [ordered] @{ ref = $package.Purl; dependsOn = @($packages.Where({ $_.Name -in $package.Dependencies }).ForEach('Purl')) }
        }
    )
}

$null = New-Item (Split-Path $Destination) -ItemType Directory -Force
Set-Content $Destination (($bom | ConvertTo-Json -Depth 10) -replace '\r\n', "`n")
