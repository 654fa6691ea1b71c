using System.Globalization;
using System.Text.RegularExpressions;
using AngleSharp.Dom;

namespace Trivet.FunctionalTests.WebConsole;

/// <summary>Who doubts a number of the console finds what it came from, and that adds up to it.</summary>
public sealed partial class NumberTests(FilledConsole console) : IClassFixture<FilledConsole>
{
    private const int PagesOfAKind = 3;
    private const int PatienceSeconds = 60;

    // The names in the configuration that have digits.
    private static readonly string[] Names = ["sandbox-chat@503"];

    // Those that have numbers, by the addresses that links lead to.
    private static readonly string[] Pages =
    [
        "/console", "/console/upstreams", "/console/upstreams/*", "/console/audits/*", "/console/routes", "/console/routes/*", "/console/policies", "/console/market", "/console/journal", "/console/journal/*", "/console/requests",
        "/console/requests/*", "/console/keys", "/console/keys/*", "/console/owners/*", "/console/money", "/console/money/budgets", "/console/money/accounts", "/console/money/account", "/console/money/transfers", "/console/money/transfer",
        "/console/settings", "/console/settings/prices", "/console/settings/people",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_number_on_every_page_leads_to_what_it_came_from_and_every_link_to_a_page()
    {
        var (kinds, visited, unsourced, broken) = (new Dictionary<string, int>(), new HashSet<string>(), new List<string>(), new List<string>());
        var todo = new Queue<string>(["/console", "/console/routes/talk?policy=thrifty", "/console/market?show=all", "/console/keys?state=all"]);
        while (todo.TryDequeue(out var address))
        {
            var kind = Kind(address);
            if (!visited.Add(address) || kinds.GetValueOrDefault(kind) == PagesOfAKind)
                continue;
            kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            var (status, media) = await console.Visit.AskAsync(address);
            if (status != 200)
                broken.Add($"{address} answers {status}");
            if (status != 200 || media != "text/html")
                continue;
            var page = await console.Visit.OpenAsync(address);
            if (page.QuerySelector("main") is null)
                continue;
            unsourced.AddRange(ShownNumbers.Unsourced(page, address.Split('?')[0], Names));
            foreach (var link in ShownNumbers.Links(page).Concat(page.QuerySelectorAll("nav a[href^='/console']").Select(link => link.GetAttribute("href")!)))
            {
                var (at, fragment) = link.Split('#', 2) is [var path, var rest] ? (path, rest) : (link, "");
                if (at.Length == 0 && page.GetElementById(fragment) is null)
                    broken.Add($"{address} has no {link}");
                if (at.Length > 0)
                    todo.Enqueue(at);
            }
        }

        Assert.Superset(Pages.ToHashSet(), kinds.Keys.Select(kind => kind.Split('?')[0]).ToHashSet());
        Assert.True(broken.Count == 0, string.Join('\n', broken));
        Assert.True(unsourced.Count == 0, string.Join('\n', unsourced.Distinct()));
    }

    [Theory]
    [InlineData("dear")]
    [InlineData(FilledConsole.Flaky)]
    [InlineData(FilledConsole.Swapping)]
    public Task An_upstreams_attempts_and_failures_are_those_of_the_requests_and_audits_that_they_lead_to(string upstream) => HoldsAsync(async () =>
    {
        var row = (await console.Visit.OpenAsync("/console/upstreams")).QuerySelectorAll("main tbody tr").Single(one => one.QuerySelector("a")!.TextContent == upstream);
        var count = row.QuerySelector("td.number a[href^='/console/requests?']")!;
        var failed = Number(count.ParentElement!.QuerySelector(".sub")?.TextContent);
        var (ofRequests, failedOfRequests) = (0L, 0L);
        foreach (var request in await console.Visit.RowsAsync(AsFile(count)))
        {
            foreach (var attempt in (await console.Visit.OpenAsync($"/console/requests/{request["id"]}")).QuerySelectorAll("#attempts h3 .health"))
            {
                if (!attempt.TextContent.Contains($". {upstream}/", StringComparison.Ordinal))
                    continue;
                ofRequests++;
                failedOfRequests += attempt.ClassList.Contains("bad") ? 1 : 0;
            }
        }

        var probes = 0L;
        foreach (var link in (await console.Visit.OpenAsync(Href(count))).QuerySelectorAll("p.source a"))
        {
            var account = PageQuery(Href(link), "id");
            var booked = await console.Visit.RowsAsync($"/console/money/transfers.csv?account={account}&org=trivet");
            Assert.Equal(Number(link.TextContent), booked.Count);
            probes += booked.Count;
        }

        Assert.Equal(Number(count.TextContent), ofRequests + probes);
        Assert.Equal(failed, failedOfRequests);
        if (failed > 0)
            Assert.Equal(failed, await FailedBehindAsync(count.ParentElement!.QuerySelector(".sub a")!, upstream));
        Assert.Equal(upstream == FilledConsole.Flaky, failed > 0);
        Assert.Equal(upstream != FilledConsole.Flaky, probes > 0);
    });

    // The list that the number of failures leads to: all of its requests had one there.
    private async Task<long> FailedBehindAsync(IElement number, string upstream)
    {
        var failed = 0L;
        foreach (var request in await console.Visit.RowsAsync(AsFile(number)))
        {
            var there = (await console.Visit.OpenAsync($"/console/requests/{request["id"]}")).QuerySelectorAll("#attempts h3 .health.bad")
                .Count(attempt => attempt.TextContent.Contains($". {upstream}/", StringComparison.Ordinal));
            Assert.NotEqual(0, there);
            failed += there;
        }

        return failed;
    }

    [Fact]
    public Task A_keys_attempts_and_spending_are_those_of_the_requests_that_they_lead_to() => HoldsAsync(async () =>
    {
        var row = (await console.Visit.OpenAsync("/console/keys")).QuerySelectorAll("main tbody tr").Single(one => one.QuerySelector("a")!.TextContent == FilledConsole.KeyName);
        var requests = await console.Visit.RowsAsync(AsFile(row.QuerySelector("a[href^='/console/requests?']")!));
        var spent = row.QuerySelector("a[href^='/console/money?']")!;

        Assert.NotEmpty(requests);
        Assert.Equal(Number(row.QuerySelector("a[href^='/console/requests?']")!.TextContent), requests.Sum(request => Number(request["attempts"])));
        Assert.Equal(Amount(spent.QuerySelector(".money")!), requests.Sum(request => Amount(request["cost"])));
        Assert.Equal(Amount(spent.QuerySelector(".money")!), Amount((await console.Visit.OpenAsync(Href(spent))).QuerySelector(".tile .number")!));
    });

    [Theory]
    [InlineData("organisation", "1h")]
    [InlineData("team", "24h")]
    [InlineData("key", "7d")]
    [InlineData("day", "7d")]
    public Task A_line_of_the_money_is_the_requests_that_it_leads_to(string by, string since) => HoldsAsync(async () =>
    {
        var lines = (await console.Visit.OpenAsync($"/console/money?org=default&by={by}&since={since}")).QuerySelectorAll("main tbody tr");
        Assert.NotEmpty(lines);
        foreach (var line in lines)
        {
            var count = line.QuerySelector("a[href^='/console/requests?']")!;
            var requests = await console.Visit.RowsAsync(AsFile(count));

            Assert.Equal(Number(count.TextContent), requests.Sum(request => Number(request["attempts"])));
            Assert.Equal(Amount(line.QuerySelector(".money")!), requests.Sum(request => Amount(request["cost"])));
        }
    });

    [Fact]
    public Task A_budget_has_spent_what_its_keys_were_billed() => HoldsAsync(async () =>
    {
        var spent = (await console.Visit.OpenAsync("/console/money/budgets")).QuerySelector("main tbody a[href^='/console/money?']")!;
        var lines = (await console.Visit.OpenAsync(Href(spent))).QuerySelectorAll("main tbody tr");

        Assert.True(Amount(spent) > 0);
        Assert.Equal(Amount(spent), lines.Sum(line => Amount(line.QuerySelectorAll(".money")[1])));
    });

    [Fact]
    public Task Every_account_holds_what_its_transfers_add_up_to() => HoldsAsync(async () =>
    {
        var accounts = (await console.Visit.OpenAsync("/console/money/accounts")).QuerySelectorAll("main tbody tr");
        Assert.True(accounts.Length > 5);
        foreach (var account in accounts)
        {
            var id = account.QuerySelector("a")!.TextContent;
            var transfers = await console.Visit.RowsAsync($"/console/money/transfers.csv?account={Uri.EscapeDataString(id)}");
            var tiles = (await console.Visit.OpenAsync(Href(account.QuerySelector("a")!))).QuerySelectorAll(".tile .number");
            var (debits, credits) = (transfers.Where(one => one["debit"] == id).Sum(one => Amount(one["amount"])), transfers.Where(one => one["credit"] == id).Sum(one => Amount(one["amount"])));

            Assert.Equal([debits, credits, Math.Abs(debits - credits)], account.QuerySelectorAll(".money").Select(Amount).Select(Math.Abs));
            Assert.Equal(account.QuerySelectorAll(".money").Select(Amount).Order(), tiles.Select(Amount).Order());
        }
    });

    [Fact]
    public Task A_day_of_the_overview_is_the_requests_of_that_day_and_what_audits_asked() => HoldsAsync(async () =>
    {
        var overview = await console.Visit.OpenAsync("/console");
        var tile = overview.QuerySelectorAll(".tile a.number[href^='/console/requests?'][title]").Single();
        var requests = await console.Visit.RowsAsync(AsFile(tile));
        var probes = (await console.Visit.OpenAsync(Href(tile))).QuerySelectorAll("p.source a").Sum(link => Number(link.TextContent));
        var spent = overview.QuerySelectorAll(".tile a.number[href^='/console/money?'][title]")[0];

        Assert.True(probes > 0);
        Assert.Equal(Number(tile.GetAttribute("title")), requests.Sum(request => Number(request["attempts"])) + probes);
        Assert.Contains(overview.QuerySelectorAll(".bar"), bar => Href(bar.QuerySelector("a")!) == Href(tile) && Number(bar.QuerySelector("title")!.TextContent.Split(':')[1].Split(',')[0]) == Number(tile.GetAttribute("title")));
        Assert.Equal(Amount(spent), Amount((await console.Visit.OpenAsync(Href(spent))).QuerySelector(".tile .number")!));
    });

    [Fact]
    public async Task A_number_without_a_link_is_found()
    {
        var page = await console.Visit.OpenAsync("/console/upstreams");
        Assert.Empty(ShownNumbers.Unsourced(page, "/console/upstreams", Names));

        foreach (var link in page.QuerySelectorAll("main tbody tr:first-child a"))
            link.OuterHtml = link.InnerHtml;

        Assert.Contains(ShownNumbers.Unsourced(page, "/console/upstreams", Names), one => one.Contains("td.number", StringComparison.Ordinal));
    }

    // Books are written a moment after the answers, and an upstream that failed is asked in the background whether it is back.
    private static async Task HoldsAsync(Func<Task> look)
    {
        for (var left = PatienceSeconds; ; left--)
        {
            try
            {
                await look();
                return;
            }
            catch (Xunit.Sdk.XunitException) when (left > 0)
            {
                await Task.Delay(1_000, Cancel);
            }
        }
    }

    // Pages of one kind differ by what they are about and by the values of their parameters.
    private static string Kind(string address)
    {
        var (path, query) = address.Split('?', 2) is [var before, var after] ? (before, after) : (address, "");
        var segments = path.Split('/');
        if (segments is [_, _, "requests" or "keys" or "journal" or "audits" or "upstreams" or "routes" or "owners", not "new", ..])
            segments[3] = "*";
        return $"{string.Join('/', segments.Take(5))}?{string.Join('&', query.Split('&').Select(parameter => parameter.Split('=')[0]).Order(StringComparer.Ordinal))}";
    }

    private static string Href(IElement link) => link.GetAttribute("href")!;

    private static string AsFile(IElement link) => Href(link).Replace("/console/requests?", "/console/requests.csv?", StringComparison.Ordinal);

    private static string PageQuery(string address, string name) => address.Split('?')[1].Split('&').Select(part => part.Split('=', 2)).Single(part => part[0] == name)[1];

    private static long Number(string? text) => text is null ? 0 : long.Parse(Digits().Matches(text).Last().Value.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    // Exact, as its title has it.
    private static decimal Amount(IElement money) => Amount(money.GetAttribute("title")!.Split(' ')[0]);

    private static decimal Amount(string text) => text.Length == 0 ? 0 : decimal.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("[0-9][0-9,]*")]
    private static partial Regex Digits();
}
