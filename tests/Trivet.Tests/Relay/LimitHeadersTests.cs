using Trivet.Core.Relay.Answers;

namespace Trivet.Tests.Relay;

public sealed class LimitHeadersTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ms")]
    [InlineData(850, "850ms")]
    [InlineData(1000, "1s")]
    [InlineData(1001, "2s")]
    [InlineData(59_001, "1m0s")]
    [InlineData(80_000, "1m20s")]
    public void A_time_is_told_as_OpenAI_tells_it_and_never_too_short(int ms, string text) => Assert.Equal(text, LimitHeaders.Duration(TimeSpan.FromMilliseconds(ms)));
}
