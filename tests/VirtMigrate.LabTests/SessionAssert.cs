using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests;

/// <summary>Asserts on what a user would see of a script.</summary>
internal static class SessionAssert
{
    extension(SessionResult result)
    {
        /// <summary>The only object, of a script without errors.</summary>
        public PSObject Single
        {
            get
            {
                result.AssertNoErrors();
                return Assert.Single(result.Output);
            }
        }

        /// <summary>Asserts that there was no error.</summary>
        /// <returns>The same result.</returns>
        public SessionResult AssertNoErrors()
        {
            Assert.True(result.Errors.Count == 0, string.Join('\n', result.Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}")));
            return result;
        }

        /// <summary>Asserts that there was exactly one error, of which a user sees all that matters.</summary>
        /// <param name="id">Its id, without the cmdlet's name.</param>
        /// <param name="category">Its category.</param>
        /// <param name="message">A part of its message.</param>
        /// <param name="action">A part of the recommended action.</param>
        /// <returns>The error.</returns>
        public ErrorRecord AssertError(string id, ErrorCategory category, string message, string action)
        {
            Assert.True(result.Errors.Count == 1, $"{result.Errors.Count} errors: {string.Join('\n', result.Errors)}");
            var error = result.Errors[0];
            Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal(category, error.CategoryInfo.Category);
            Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
            Assert.NotNull(error.ErrorDetails);
            Assert.Contains(action, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            return error;
        }
    }
}
