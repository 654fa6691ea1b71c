using Trivet.Core.Relay.Answers;

namespace Trivet.Tests.Relay;

public sealed class ResponseHeadersTests
{
    [Theory]
    [InlineData(0, "0 USD")]
    [InlineData(1, "0.000000001 USD")]
    [InlineData(201_240, "0.00020124 USD")]
    [InlineData(1_000_000_000, "1 USD")]
    [InlineData(12_345_600_000_000, "12345.6 USD")]
    [InlineData(-1_500_000_000, "-1.5 USD")]
    [InlineData(long.MaxValue, "9223372036.854775807 USD")]
    public void Money_is_told_to_the_nano_unit_without_trailing_zeros(long nano, string text) => Assert.Equal(text, ResponseHeaders.Money(nano, "USD"));
}
