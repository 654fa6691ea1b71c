using Trivet.Core.Admin;

namespace Trivet.Tests.Admin;

public sealed class TextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0.00 USD")]
    [InlineData(1, "0.000000001 USD")]
    [InlineData(1_500_000_000, "1.50 USD")]
    [InlineData(-1_234_567_891, "-1.234567891 USD")]
    [InlineData(long.MinValue, "-9223372036.854775808 USD")]
    public void Money_is_written_exactly(long nano, string text) => Assert.Equal(text, MoneyText.Format(nano, "USD"));

    [Theory]
    [InlineData("24h", "2026-11-21T12:00:00Z")]
    [InlineData("7d", "2026-11-15T12:00:00Z")]
    [InlineData("2026-11-01", "2026-11-01T00:00:00Z")]
    [InlineData("2026-11-01T08:00:00+08:00", "2026-11-01T00:00:00Z")]
    [InlineData("2026-11-01T08:00:00.5Z", "2026-11-01T08:00:00.5Z")]
    public void A_time_is_a_span_a_date_or_rfc_3339(string text, string expected)
    {
        Assert.True(TimeText.TryParseSince(text, Now, out var since));
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), since);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("-7d")]
    [InlineData("yesterday")]
    [InlineData("01/11/2026")]
    [InlineData("999999999w")]
    public void Anything_else_is_refused(string text) => Assert.False(TimeText.TryParseSince(text, Now, out _));

    [Theory]
    [InlineData("req_0123456789abcdef0123456789abcdef")]
    [InlineData("chatcmpl-0123456789abcdef0123456789abcdef")]
    [InlineData("msg_0123456789abcdef0123456789abcdef ")]
    public void A_request_is_found_by_its_id_or_its_answers(string typed) => Assert.Equal("req_0123456789abcdef0123456789abcdef", TraceAdmin.RequestId(typed));
}
