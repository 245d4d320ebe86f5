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

. ([IO.Path]::Combine($PSScriptRoot, 'Manifest.ps1'))

function Get-Property([Text.Json.JsonElement] $Element, [string] $Name) {
    $value = [Text.Json.JsonElement]::new()
    if ($Element.TryGetProperty($Name, [ref] $value)) {
        $value.EnumerateObject()
    }
}

# The packages that were restored: their names, files and dependencies, and what they say of themselves.
function Get-Package([Text.Json.JsonElement] $Root) {
    $folder = @(Get-Property $Root packageFolders)[0].Name
    foreach ($library in @(Get-Property $Root targets)[0].Value.EnumerateObject()) {
        if ($library.Value.GetProperty('type').GetString() -eq 'package') {
            $name, $version = $library.Name.Split('/')
            $path = $Root.GetProperty('libraries').GetProperty($library.Name).GetProperty('path').GetString()
            $nuspec = [IO.Path]::Combine($folder, $path, "$($name.ToLowerInvariant()).nuspec")
            @{
                Name         = $name
                Version      = $version
                Assemblies   = @(Get-Property $library.Value runtime).ForEach({ [IO.Path]::GetFileName($_.Name) })
                Dependencies = @(Get-Property $library.Value dependencies).ForEach({ $_.Name })
                Nuspec       = ([xml] [IO.File]::ReadAllText($nuspec)).package.metadata
            }
        }
    }
}

# What the module's own projects ask for, the core's for the module among them.
function Get-DirectDependency([Text.Json.JsonElement] $Root) {
    @(Get-Property $Root projectFileDependencyGroups)[0].Value.EnumerateArray().ForEach({ $_.GetString().Split(' ')[0] })
    foreach ($library in @(Get-Property $Root targets)[0].Value.EnumerateObject()) {
        if ($library.Value.GetProperty('type').GetString() -eq 'project') {
            @(Get-Property $library.Value dependencies).ForEach({ $_.Name })
        }
    }
}

function ConvertTo-File([string] $Path) {
    $hash = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([IO.File]::ReadAllBytes($Path))).ToLowerInvariant()
    [ordered] @{
        type   = 'file'
        name   = [IO.Path]::GetRelativePath($Module, $Path).Replace('\', '/')
        hashes = @([ordered] @{ alg = 'SHA-256'; content = $hash })
    }
}

function ConvertTo-Purl([string] $Name, [string] $Version) {
    "pkg:nuget/$Name@$Version"
}

function ConvertTo-Component([hashtable] $Package, [object] $Files) {
    $licence = $Package.Nuspec['license']
    if ($null -eq $licence -or $licence.type -ne 'expression') {
        throw "The package $($Package.Name) names no licence; one has to be found for it before it is shipped."
    }
    $purl = ConvertTo-Purl $Package.Name $Package.Version
    [ordered] @{
        'type'               = 'library'
        'bom-ref'            = $purl
        'authors'            = @([ordered] @{ name = $Package.Nuspec.authors })
        'name'               = $Package.Name
        'version'            = $Package.Version
        'description'        = $Package.Nuspec.description
        'licenses'           = @([ordered] @{ expression = $licence.InnerText })
        'copyright'          = $Package.Nuspec.copyright
        'purl'               = $purl
        'externalReferences' = @([ordered] @{ type = 'website'; url = $Package.Nuspec.projectUrl })
        'components'         = $Files
    }
}

# The serializer would write PowerShell's own wrappers of the values.
function Write-Json([Text.Json.Utf8JsonWriter] $Writer, [object] $Value) {
    if ($Value -is [string]) {
        $Writer.WriteStringValue([string] $Value)
    }
    elseif ($Value -is [int]) {
        $Writer.WriteNumberValue([int] $Value)
    }
    elseif ($Value -is [Collections.IDictionary]) {
        $Writer.WriteStartObject()
        foreach ($key in $Value.Keys) {
            $Writer.WritePropertyName([string] $key)
            Write-Json $Writer $Value[$key]
        }
        $Writer.WriteEndObject()
    }
    else {
        $Writer.WriteStartArray()
        foreach ($item in $Value) {
            Write-Json $Writer $item
        }
        $Writer.WriteEndArray()
    }
}

$root = [Text.Json.JsonDocument]::Parse([IO.File]::ReadAllText($Assets)).RootElement
$manifest = Read-Manifest ([IO.Path]::Combine($Module, 'VirtMigrate.psd1'))
$version = Get-PackageVersion $manifest

$shipped = @{}
$own = [Collections.Generic.List[object]]::new()
$packages = @(Get-Package $root)
$files = [IO.Directory]::GetFiles($Module, '*', [IO.SearchOption]::AllDirectories)
[Array]::Sort($files, [StringComparer]::Ordinal)
foreach ($file in $files) {
    $name = [IO.Path]::GetFileName($file)
    $package = $packages.Where({ $_.Assemblies -contains $name })
    if ($package) {
        if (-not $shipped.ContainsKey($package[0].Name)) {
            $shipped[$package[0].Name] = [Collections.Generic.List[object]]::new()
        }
        $shipped[$package[0].Name].Add((ConvertTo-File $file))
    }
    elseif ($name -like '*.dll' -and $name -notlike 'VirtMigrate*.dll') {
        throw "$name came with no package."
    }
    else {
        $own.Add((ConvertTo-File $file))
    }
}

$packages = $packages.Where({ $shipped.ContainsKey($_.Name) })
$purl = ConvertTo-Purl VirtMigrate $version
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
        $direct = @(Get-DirectDependency $root)
        [ordered] @{ ref = $purl; dependsOn = @($packages.Where({ $direct -contains $_.Name }).ForEach({ ConvertTo-Purl $_.Name $_.Version })) }
        foreach ($package in $packages) {
            $needed = $packages.Where({ $package.Dependencies -contains $_.Name })
            [ordered] @{ ref = ConvertTo-Purl $package.Name $package.Version; dependsOn = @($needed.ForEach({ ConvertTo-Purl $_.Name $_.Version })) }
        }
    )
}

$null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($Destination))
$stream = [IO.MemoryStream]::new()
$options = [Text.Json.JsonWriterOptions] @{ Indented = $true; Encoder = [Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping }
$writer = [Text.Json.Utf8JsonWriter]::new($stream, $options)
Write-Json $writer $bom
$writer.Dispose()
[IO.File]::WriteAllText($Destination, [Text.Encoding]::UTF8.GetString($stream.ToArray()).Replace("`r`n", "`n") + "`n")
