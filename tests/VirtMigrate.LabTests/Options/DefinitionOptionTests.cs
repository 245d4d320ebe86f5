using System.Xml.Linq;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

/// <summary>Under which name, with which definition and in which state a guest arrives.</summary>
public sealed class DefinitionOptionTests(LabFixture lab) : OptionTest(lab)
{
    [Fact]
    public async Task A_guest_arrives_under_a_new_name_and_comes_back_under_its_old_one()
    {
        await using var guest = await Lab.StartGuestAsync("old-name", "--memory", "192");

        await MoveAsync(guest, Lab.Host1, "-NewName new-name -UndefineSource");
        Assert.Equal("running", await Lab.VirshAsync(Lab.Host2, "domstate", "new-name"));
        await AssertNotOnAsync(Lab.Host2, guest.Name);
        var back = Session.Run("Start-VmMigration new-name -VmHost $kvm2 -Destination $kvm1 -NewName $name -UndefineSource").Single;

        Assert.Equal("Completed", back.Text("Outcome"));
        await AssertNotOnAsync(Lab.Host2, "new-name");
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task The_destination_runs_and_keeps_the_definitions_that_it_is_given()
    {
        await using var guest = await Lab.StartGuestAsync("definitions", "--memory", "192", "--disk", "shared");
        var live = XElement.Parse(await Lab.VirshAsync(Lab.Host1, "dumpxml", guest.Name, "--migratable"));
        var image = live.Descendants("disk").Elements("source").Attributes("file").Single();
        var (elsewhere, file) = (Path.Combine(Lab.Shared, "elsewhere.raw"), Path.Combine(Lab.Shared, "another path.xml"));
        File.CreateSymbolicLink(elsewhere, image.Value);
        try
        {
            // A host that reaches the image by another path, as the path of a file whose name needs quotes.
            image.Value = elsewhere;
            await File.WriteAllTextAsync(file, live.ToString(), TestContext.Current.CancellationToken);
            Session.Set("file", file);
            await MoveAsync(guest, Lab.Host1, "-DestinationXml $file -Persistent:$false");
            Assert.Contains(elsewhere, await Lab.VirshAsync(Lab.Host2, "domblklist", guest.Name), StringComparison.Ordinal);

            // As text and as an object.
            var next = XElement.Parse(await Lab.VirshAsync(Lab.Host2, "dumpxml", guest.Name, "--migratable"));
            next.Element("name")!.AddAfterSelf(new XElement("title", "it's running"));
            var kept = XElement.Parse(await Lab.VirshAsync(Lab.Host1, "dumpxml", guest.Name, "--inactive"));
            kept.Element("name")!.AddAfterSelf(new XElement("title", "kept \"here\""));
            Session.Set("text", next.ToString()).Set("kept", kept.ToString());
            await MoveAsync(guest, Lab.Host2, "-DestinationXml $text -PersistentXml ([xml]$kept)");
            Assert.Equal("it's running", await TitleAsync(Lab.Host1, guest));
            Assert.Equal("kept \"here\"", await TitleAsync(Lab.Host1, guest, "--inactive"));
            await guest.AssertWholeOnAsync(Lab.Host1);
        }
        finally
        {
            File.Delete(elsewhere);
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_guest_stands_still_when_it_has_arrived_if_asked()
    {
        await using var guest = await Lab.StartGuestAsync("standstill", "--memory", "192");

        var result = await MoveAsync(guest, Lab.Host1, "-Suspend");

        Assert.Equal(0, result.Number("Verification.RunningInstances"));
        Assert.Equal("paused (user)", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"));
        await Lab.VirshAsync(Lab.Host2, "resume", guest.Name);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }
}
