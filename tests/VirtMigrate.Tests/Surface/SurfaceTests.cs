using System.Management.Automation;
using System.Reflection;
using VirtMigrate.Cmdlets;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>The table, the parameters, the manifest and the messages keep in step.</summary>
public sealed class SurfaceTests
{
    // It brings options, and is none.
    private static readonly string[] OwnParameters = ["Policy"];

    // Resume-VmMigration sets it.
    private const string OptionOfResume = "PostCopyResume";

    [Fact]
    public void Every_option_of_the_table_is_a_parameter_and_every_parameter_is_in_the_table()
    {
        var parameters = typeof(MigrationOptionCmdlet).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(p => p.GetCustomAttribute<ParameterAttribute>() is not null).Select(p => p.Name);

        Assert.Equal(MigrationOptions.Table.Select(o => o.Name).Except([OptionOfResume], StringComparer.Ordinal).Concat(OwnParameters).Order(StringComparer.Ordinal),
            parameters.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_option_is_read_from_the_parameter_of_its_name()
    {
        var command = new StartVmMigrationCommand();
        var options = MigrationOptions.Table.Where(o => o != MigrationOptions.PostCopyResume).ToArray();

        Assert.Equal(options.Select(o => o.Name).Order(StringComparer.Ordinal), command.ListOptions().Select(o => o.Option.Name).Order(StringComparer.Ordinal));
        foreach (var option in options)
        {
            var parameter = typeof(MigrationOptionCmdlet).GetProperty(option.Name)!;
            var value = Sample(Nullable.GetUnderlyingType(parameter.PropertyType) ?? parameter.PropertyType);
            parameter.SetValue(command, value);
            Assert.Equal(value, command.ListOptions().Single(o => o.Option == option).Value);
        }
    }

    [Fact]
    public void Every_kind_of_error_has_a_message_and_advice()
    {
        var kinds = new[] { typeof(HypervisorException), typeof(MigrationException) }
            .SelectMany(root => root.Assembly.GetTypes().Where(t => root.IsAssignableFrom(t) && !t.IsAbstract));

        Assert.All(kinds, kind =>
        {
            var exception = (Exception)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(kind);
            if (exception is MigrationFailedException)
            {
                // Its kind depends on the outcome and the reason; MigrationFailureRecordTests shows each.
                return;
            }

            var id = ErrorKinds.Of(exception).Id;
            Assert.True(kind == typeof(HypervisorException) || !string.Equals(id, "LibvirtError", StringComparison.Ordinal), $"{kind.Name} has no id of its own.");
            Assert.NotNull(Messages.Find(id));
            Assert.NotNull(Messages.Find(id + "_Action"));
        });
    }

    // A value that no parameter has by itself.
    private static object Sample(Type type) =>
        type == typeof(SwitchParameter) ? new SwitchParameter(isPresent: true)
        : type == typeof(string) ? "sample"
        : type == typeof(string[]) ? new[] { "sample" }
        : type == typeof(MigrationXml) ? new MigrationXml("<domain/>")
        : type.IsEnum ? Enum.GetValues(type).GetValue(1)!
        : Convert.ChangeType(7, type, System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Every_cmdlet_declares_its_output_and_follows_approved_verbs()
    {
        var cmdlets = typeof(GetVmCommand).Assembly.GetTypes().Where(t => t.GetCustomAttribute<CmdletAttribute>() is not null).ToArray();

        Assert.NotEmpty(cmdlets);
        Assert.All(cmdlets, type =>
        {
            Assert.True(type.IsSealed);
            Assert.True(type.GetCustomAttribute<OutputTypeAttribute>() is not null || type == typeof(DisconnectVmHostCommand), type.Name);
        });
    }

    [Fact]
    public void A_cmdlet_that_changes_something_asks_should_process()
    {
        var changing = new[] { typeof(StartVmMigrationCommand), typeof(StopVmMigrationCommand), typeof(SetVmMigrationJobCommand), typeof(NewVmMigrationPolicyCommand) };

        Assert.All(changing, type => Assert.True(type.GetCustomAttribute<CmdletAttribute>()!.SupportsShouldProcess));
    }
}
