using VirtMigrate.LabSupport;
using VirtMigrate.LabTests;
using Xunit;

[assembly: AssemblyFixture(typeof(LabFixture))]

namespace VirtMigrate.LabTests;

/// <summary>Two hosts for the whole run, taken down with it.</summary>
public sealed class LabFixture() : Lab("1"), IAsyncLifetime;
