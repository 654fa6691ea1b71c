using System.Text;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Relay.Metering;

namespace Trivet.Tests.Admin;

public sealed class QueryTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_question_for_requests_is_read_from_the_names_of_an_address()
    {
        var text = Text("since=1h&until=2026-11-30T11:30:00Z&org=acme&team=-&key=laptop&model=m&route=r&upstream=u&upstream_model=um&outcome=rescued&status=200&error=e&failure=f&protocol=gemini&session=s&slower_ms=900&after=5.req_1&limit=7");

        Assert.True(text.TryReadRequests(out var query, out _));
        Assert.Equal(
            new RequestQuery
            {
                FromMs = Now.AddHours(-1).ToUnixTimeMilliseconds(),
                UntilMs = Now.AddMinutes(-30).ToUnixTimeMilliseconds(),
                Organisation = "acme",
                Team = "",
                KeyId = "laptop",
                Model = "m",
                Route = "r",
                Upstream = "u",
                UpstreamModel = "um",
                Outcome = RequestOutcome.Rescued,
                Status = 200,
                ErrorCode = "e",
                Failure = "f",
                Protocol = "gemini",
                SessionId = "s",
                DurationMsMin = 900,
                After = "5.req_1",
                CountMax = 7,
            },
            query);
    }

    [Fact]
    public void Fields_that_a_form_leaves_empty_ask_for_nothing()
    {
        Assert.True(Text("since=&org=&status=+&key=").TryReadRequests(out var query, out _));
        Assert.Equal(new RequestQuery(), query);
        Assert.False(query.AsksAnything);
    }

    [Theory]
    [InlineData("since=yesterday", "since=yesterday is no time")]
    [InlineData("until=9999999d", "until=9999999d is no time")]
    [InlineData("status=-1", "status=-1")]
    [InlineData("status=99999", "status=99999")]
    [InlineData("outcome=7", "answered, failed, rescued")]
    [InlineData("limit=0", "limit is a number from 1")]
    [InlineData("after=x", "after takes only")]
    [InlineData("slower_ms=1.5", "slower_ms=1.5")]
    public void What_makes_no_sense_is_refused_by_name(string address, string words)
    {
        Assert.False(Text(address).TryReadRequests(out var query, out var problem));
        Assert.Null(query);
        Assert.Contains(words, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true, 0)]
    [InlineData("none", true, 0)]
    [InlineData("5 USD/day, 20CNY/month", true, 2)]
    [InlineData("5USD/day,6USD/day", false, 0)]
    [InlineData("five dollars", false, 0)]
    public void Budgets_are_read_as_people_type_them(string text, bool isRight, int count)
    {
        Assert.Equal(isRight, LimitText.TryReadBudgets(text, out var budgets));
        Assert.Equal(count, isRight ? budgets.Count : 0);
    }

    [Theory]
    [InlineData("20%", 200_000)]
    [InlineData(" -5 ", -50_000)]
    [InlineData("0.5%", 5_000)]
    [InlineData("-101", null)]
    [InlineData("a fifth", null)]
    public void A_margin_is_a_percentage(string text, int? millionths)
    {
        Assert.Equal(millionths is not null, LimitText.TryReadMargin(text, out var read));
        Assert.Equal(millionths ?? 0, read);
    }

    [Fact]
    public async Task What_a_spreadsheet_would_run_is_text_in_a_file()
    {
        using var file = new MemoryStream();
        UsageLine[] lines = [new() { Group = "=HYPERLINK(\"http://evil\")", Currency = "USD", CostNano = -5, Attempts = 1 }, new() { Group = "a,b\n\"c\"", Currency = "CNY" }];

        await new CsvExport(file).WriteAsync(new UsageReport(new UsageQuery(), lines, new Dictionary<string, string>(), []), TestContext.Current.CancellationToken);

        var text = Encoding.UTF8.GetString(file.ToArray());
        Assert.Contains("\"'=HYPERLINK(\"\"http://evil\"\")\"", text, StringComparison.Ordinal);
        Assert.Contains("\"a,b\n\"\"c\"\"\"", text, StringComparison.Ordinal);
        Assert.Contains("-0.000000005", text, StringComparison.Ordinal); // a number, exact
    }

    [Fact]
    public void A_place_in_a_list_reads_back_as_it_was_written()
    {
        var place = new ListPlace(1_796_000_000_000, "req_0.1/x");

        Assert.True(ListPlace.TryParse(place.ToString(), out var read));
        Assert.Equal(place, read);
        Assert.False(ListPlace.TryParse(".req", out _));
        Assert.False(ListPlace.TryParse("-5.req", out _));
    }

    private static QueryText Text(string address)
    {
        var values = address.Split('&').Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1].Replace('+', ' '));
        return new QueryText(name => values.GetValueOrDefault(name), Now);
    }
}
