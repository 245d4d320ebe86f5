<#
.SYNOPSIS
Makes the MAML that Get-Help reads of the cmdlets' pages.

.DESCRIPTION
Microsoft.PowerShell.PlatyPS 1.0 or later reads the pages and writes the MAML. What it leaves of Markdown is taken out
afterwards: a console shows fences, code marks and links as they stand. Examples get their first block as their code,
paragraphs become one line, which Get-Help breaks by itself, types are named as in the syntax, and default values are added.

.PARAMETER Page
The pages.

.PARAMETER Folder
A folder for what platyPS writes.

.PARAMETER Destination
The MAML file to write.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string[]] $Page,

    [Parameter(Mandatory)]
    [string] $Folder,

    [Parameter(Mandatory)]
    [string] $Destination
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Maml = 'http://schemas.microsoft.com/maml/2004/10'
$Dev = 'http://schemas.microsoft.com/maml/dev/2004/10'
$Fence = '```'

# The paragraphs of a Markdown text: those of lists and tables keep their lines.
function ConvertFrom-Markdown([string] $Text) {
    $plain = $Text -replace '\[([^\]]+)\]\([^)]+\)', '$1' -replace '`', '' -replace '\*\*'
    foreach ($paragraph in ($plain -split '\n\s*\n').Where({ $_.Trim() })) {
        $lines = $paragraph.Trim() -split '\n'
        if ($lines[0] -match '^(- |\|)') { $lines } else { $lines.Trim() -join ' ' }
    }
}

function Set-Paragraph([Xml.XmlElement] $Parent, [string[]] $Text) {
    $Parent.RemoveAll()
    foreach ($line in $Text) {
        $null = $Parent.AppendChild($Parent.OwnerDocument.CreateElement('maml', 'para', $Maml))
        $Parent.LastChild.InnerText = $line
    }
}

# A page's example is prose with blocks of code and of output. Get-Help shows the command, the first block, before all else.
function Set-Example([Xml.XmlElement] $Element, [string] $Remarks) {
    $parts = $Remarks -split "(?m)^$Fence\w*\r?\n?"
    $Element['introduction', $Maml].RemoveAll()
    $Element['code', $Dev].InnerText = $parts[1].TrimEnd()
    $told = for ($i = 0; $i -lt $parts.Count; $i++) {
        if ($i % 2 -eq 0) { ConvertFrom-Markdown $parts[$i] } elseif ($i -gt 1) { $parts[$i].TrimEnd() }
    }

    # Get-Help sets the next title right behind the last line.
    Set-Paragraph $Element['remarks', $Dev] @(@($told) + "`n")
}

function Set-Default([Xml.XmlElement] $Element, [string] $Value) {
    if ($Value) {
        $default = $Element.OwnerDocument.CreateElement('dev', 'defaultValue', $Dev)
        $default.InnerText = $Value
        $null = $Element.AppendChild($default)
    }
}

$help = @(Import-MarkdownCommandHelp -Path $Page)
$null = $help | Export-MamlCommandHelp -OutputFolder $Folder -Force
$written = [IO.Directory]::GetFiles($Folder, [IO.Path]::GetFileName($Destination), [IO.SearchOption]::AllDirectories)[0]
$document = [xml]::new()
$document.LoadXml([IO.File]::ReadAllText($written))
$names = [Xml.XmlNamespaceManager]::new($document.NameTable)
$names.AddNamespace('m', $Maml)
$names.AddNamespace('c', 'http://schemas.microsoft.com/maml/dev/command/2004/10')

foreach ($command in $document.SelectNodes('//c:command', $names)) {
    $source = $help.Where({ $_.Title -eq $command.SelectSingleNode('c:details/c:name', $names).InnerText })[0]
    Set-Paragraph $command.SelectSingleNode('c:details/m:description', $names) @(ConvertFrom-Markdown $source.Synopsis)
    Set-Paragraph $command.SelectSingleNode('m:description', $names) @(ConvertFrom-Markdown $source.Description)
    Set-Paragraph $command.SelectSingleNode('m:alertSet/m:alert', $names) @(ConvertFrom-Markdown $source.Notes)
    foreach ($parameter in $command.SelectNodes('c:parameters/c:parameter', $names)) {
        $described = $source.Parameters.Where({ $_.Name -eq $parameter['name', $Maml].InnerText })[0]
        Set-Paragraph $parameter['description', $Maml] @(ConvertFrom-Markdown $described.Description)
        Set-Default $parameter $described.DefaultValue

        # The syntax has the types as people write them.
        $value = $command.SelectSingleNode("c:syntax/c:syntaxItem/c:parameter[m:name='$($described.Name)']/c:parameterValue", $names)
        if ($value) {
            $parameter.SelectSingleNode('c:parameterValue', $names).InnerText = $value.InnerText
        }
    }
    foreach ($description in $command.SelectNodes('(c:inputTypes/c:inputType | c:returnValues/c:returnValue)/m:description', $names)) {
        Set-Paragraph $description @(ConvertFrom-Markdown $description.InnerText)
    }
    $examples = $command.SelectNodes('c:examples/c:example', $names)
    for ($i = 0; $i -lt $examples.Count; $i++) {
        Set-Example $examples[$i] $source.Examples[$i].Remarks
    }

    # The pages lie beside each other, where a console can't follow; the name is what Get-Help takes.
    foreach ($link in @($command.SelectNodes('c:relatedLinks/m:navigationLink', $names))) {
        $uri = $link['uri', $Maml]
        if ($uri.InnerText -like '*.md') {
            $uri.InnerText = ''
        }
        elseif (-not $uri.InnerText) {
            $null = $link.ParentNode.RemoveChild($link)
        }
    }
}

$settings = [Xml.XmlWriterSettings] @{ Indent = $true; NewLineChars = "`n"; Encoding = [Text.UTF8Encoding]::new($false) }
$null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($Destination))
$writer = [Xml.XmlWriter]::Create($Destination, $settings)
$document.Save($writer)
$writer.Dispose()
[IO.File]::AppendAllText($Destination, "`n")
