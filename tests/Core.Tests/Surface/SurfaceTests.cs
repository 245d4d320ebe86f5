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
    public void An_id_is_one_failures_or_a_special_cases_of_it() => Assert.All(
        FailureTable.All.Concat(SessionFailures.Rows).GroupBy(f => f.Id, StringComparer.Ordinal),
        rows => Assert.Single(rows.Select(f => (f.Category, f.CanRetry)).Distinct()));

    [Fact]
    public void Every_operation_that_advice_names_is_a_cmdlet_with_these_parameters()
    {
        var cmdlets = typeof(GetVmCommand).Assembly.GetTypes()
            .Where(t => t.GetCustomAttribute<CmdletAttribute>() is not null)
            .ToDictionary(t => t.GetCustomAttribute<CmdletAttribute>() is { } c ? $"{c.VerbName}-{c.NounName}" : string.Empty, StringComparer.Ordinal);
        var calls = FailureTable.All.Concat(SessionFailures.Rows).SelectMany(f => f.Advice(new()).Parts).OfType<AdviceCall>()
            .SelectMany(call => call.Source is { } source ? [source, call] : new[] { call }).ToArray();

        Assert.NotEmpty(calls);
        Assert.All(calls, call =>
        {
            var cmdlet = Assert.Contains(AdviceRenderer.Render(call with { Arguments = [], Source = null, Shown = null }), (IDictionary<string, Type>)cmdlets);
            Assert.All(call.Arguments.Where(a => a.Option is not null || a.Parameter != AdviceParameter.Subject), argument => Assert.True(
                cmdlet.GetProperty(argument.Option?.Name ?? argument.Parameter.ToString())?.GetCustomAttribute<ParameterAttribute>() is not null, $"{cmdlet.Name}: {argument}"));
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
