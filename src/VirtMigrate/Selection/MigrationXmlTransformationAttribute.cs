using System.Management.Automation;
using System.Xml.Linq;
using System.Xml;
using VirtMigrate.Failures;

namespace VirtMigrate.Selection;

/// <summary>Lets a parameter take a domain definition as the path of a file, as text or as <c>[xml]</c>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MigrationXmlTransformationAttribute : ArgumentTransformationAttribute
{
    private const string Advice = "Give the path of a file, or a domain definition as text or [xml], as virsh dumpxml prints it.";

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        ArgumentNullException.ThrowIfNull(engineIntrinsics);
        var xml = TransformationInput.Unwrap(inputData) switch
        {
            MigrationXml given => given,
            XmlDocument document => new(document.OuterXml),
            string text when text.TrimStart().StartsWith('<') => new(text),
            string { Length: > 0 } path => ReadFile(engineIntrinsics.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path)),
            _ => throw TransformationInput.Refuse(inputData, Advice),
        };
        Check(xml);
        return xml;
    }

    private static MigrationXml ReadFile(string path)
    {
        try
        {
            return new(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentTransformationMetadataException($"The definition can't be read: {e.Message} {Advice}", e);
        }
    }

    // Libvirt says no more of a definition than where its XML breaks off, and only when the host has been asked.
    private static void Check(MigrationXml xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml.Text), new() { DtdProcessing = DtdProcessing.Prohibit });
            if (XElement.Load(reader).Name.LocalName is not "domain" and var name)
            {
                throw new ArgumentTransformationMetadataException($"The XML is a <{name}>, not a <domain>. {Advice}");
            }
        }
        catch (XmlException e)
        {
            throw new ArgumentTransformationMetadataException($"The definition is not valid XML: {e.Message} {Advice}", e);
        }
    }
}
