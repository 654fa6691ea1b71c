using Trivet.Core.Routing;

namespace Trivet.Tests.Routing;

public sealed class ModelPatternTests
{
    [Theory]
    [InlineData("gpt-5", "gpt-5", "")]
    [InlineData("*", "anything", "anything")]
    [InlineData("*", "", "")]
    [InlineData("claude-*", "claude-opus", "opus")]
    [InlineData("claude-*", "claude-", "")]
    [InlineData("*-latest", "mistral-latest", "mistral")]
    [InlineData("claude-*-4-*", "claude-opus-4-5", "opus")]
    [InlineData("a*a", "aa", "")]
    [InlineData("a*b*c", "a1b2b3c", "1")]
    [InlineData("**", "x", "")]
    public void A_star_takes_any_run(string pattern, string name, string carried)
    {
        Assert.True(new ModelPattern(pattern).TryMatch(name, out var range));
        Assert.Equal(carried, name[range]);
    }

    [Theory]
    [InlineData("gpt-5", "gpt-5-mini")]
    [InlineData("gpt-5", "GPT-5")]
    [InlineData("claude-*", "claude")]
    [InlineData("a*a", "a")]
    [InlineData("a*b*c", "a1c")]
    [InlineData("ab*ba", "aba")]
    [InlineData("*x", "xy")]
    public void And_nothing_else(string pattern, string name) => Assert.False(new ModelPattern(pattern).IsMatch(name));

    [Fact]
    public void The_more_it_fixes_the_more_specific_it_is() => Assert.True(new ModelPattern("claude-haiku-*").LiteralLength > new ModelPattern("claude-*-*").LiteralLength);
}
