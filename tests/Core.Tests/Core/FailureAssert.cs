using VirtMigrate.Failures;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>Asserts on the reason of an exception, which its type does not tell.</summary>
internal static class FailureAssert
{
    /// <summary>Asserts that something fails for a reason.</summary>
    /// <param name="id">The reason's id.</param>
    /// <param name="act">What fails.</param>
    /// <returns>The exception.</returns>
    public static async Task<T> ThrowsAsync<T>(string id, Func<Task> act)
        where T : FailureException
    {
        var exception = await Assert.ThrowsAsync<T>(act);
        Assert.Equal(id, exception.Failure.Id);
        return exception;
    }

    /// <summary>Asserts that something fails for a reason.</summary>
    /// <param name="id">The reason's id.</param>
    /// <param name="act">What fails.</param>
    /// <returns>The exception.</returns>
    public static T Throws<T>(string id, Func<object?> act)
        where T : FailureException
    {
        var exception = Assert.Throws<T>(act);
        Assert.Equal(id, exception.Failure.Id);
        return exception;
    }

    /// <summary>Asserts that an exception has a type and a reason.</summary>
    /// <param name="id">The reason's id.</param>
    /// <param name="exception">The exception.</param>
    public static void Is<T>(string id, Exception? exception)
        where T : FailureException => Assert.Equal(id, Assert.IsType<T>(exception).Failure.Id);
}
