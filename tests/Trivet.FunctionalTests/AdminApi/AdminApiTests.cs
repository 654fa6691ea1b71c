using System.Net;
using System.Text.Json;
using Trivet.Tests.Golden;

namespace Trivet.FunctionalTests.AdminApi;

/// <summary>The admin API as a program sees it.</summary>
public sealed class AdminApiTests(AdminServer server) : IClassFixture<AdminServer>
{
    [Fact]
    public async Task Its_description_is_the_one_that_was_agreed_on()
    {
        var described = await server.AskAsync(null, "GET", "/admin/v1/openapi.json");

        Assert.Equal(HttpStatusCode.OK, described.Status);
        GoldenFile.Matches("admin-openapi.json", described.Text);
    }

    [Fact]
    public async Task Nobody_gets_in_anywhere_without_a_token_or_with_one_of_nobodys()
    {
        var operations = await OperationsAsync();

        Assert.True(operations.Count > 20);
        foreach (var (method, path) in operations.Append(("GET", "/admin/v1/nothing/of/the/kind")))
        {
            foreach (var token in (string?[])[null, "trva_" + new string('a', 43), "sk-nobody", ""])
            {
                var answer = await server.AskAsync(token, method, path, method == "GET" ? null : "{}");
                Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{method} {path} with {token ?? "nothing"}: {answer.Status}");
                Assert.Equal("Bearer", answer.Challenge);
                Assert.Equal("application/problem+json", answer.ContentType);
            }
        }
    }

    [Theory]
    [InlineData("viewer", false, false, false)]
    [InlineData("accountant", true, false, false)]
    [InlineData("operator", false, true, false)]
    [InlineData("owner", true, true, true)]
    public async Task A_role_may_what_is_its_own_and_nothing_else(string role, bool mayAccount, bool mayOperate, bool mayOwn)
    {
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync(role, "GET", "/admin/v1/keys")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync(role, "GET", "/admin/v1/usage")).Status);
        await IsAsync(mayAccount, "POST", "/admin/v1/ledger/topups");
        await IsAsync(mayAccount, "POST", "/admin/v1/ledger/adjustments");
        await IsAsync(mayOperate, "POST", "/admin/v1/keys");
        await IsAsync(mayOperate, "PATCH", "/admin/v1/organisations/acme/teams/search");
        await IsAsync(mayOwn, "POST", "/admin/v1/tokens");
        await IsAsync(mayOwn, "GET", "/admin/v1/tokens");

        // What is allowed fails for its empty body, or works.
        async Task IsAsync(bool may, string method, string path)
        {
            var status = (await server.AskAsync(role, method, path, method == "GET" ? null : "{\"nonsense\":1}")).Status;
            Assert.True(may == (status != HttpStatusCode.Forbidden), $"{role}: {method} {path} is {status}");
        }
    }

    [Fact]
    public async Task The_first_key_opens_it_as_an_owner_and_other_keys_do_not()
    {
        Assert.Equal(HttpStatusCode.OK, (await server.AskAsync(server.FirstKey, "GET", "/admin/v1/tokens")).Status);
        var made = await server.AskAsync("owner", "POST", "/admin/v1/keys", """{ "name": "no-admin" }""");

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.AskAsync(made.Json.GetProperty("secret").GetString(), "GET", "/admin/v1/keys")).Status);
    }

    [Fact]
    public async Task Whoever_is_no_owner_cannot_make_themselves_one_by_an_admin_s_key()
    {
        var listed = await server.AskAsync("operator", "GET", "/admin/v1/keys");
        var admin = listed.Json.GetProperty("keys").EnumerateArray().First(key => key.GetProperty("admin").GetBoolean()).GetProperty("id").GetString();

        Assert.Equal(HttpStatusCode.Forbidden, (await server.AskAsync("operator", "POST", $"/admin/v1/keys/{admin}/rotate")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.AskAsync("operator", "DELETE", $"/admin/v1/keys/{admin}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.AskAsync("operator", "PATCH", $"/admin/v1/keys/{admin}", """{ "requests_per_minute": 1 }""")).Status);
    }

    [Fact]
    public async Task A_key_is_made_changed_rotated_and_revoked()
    {
        var made = await server.AskAsync("operator", "POST", "/admin/v1/keys", """{ "name": "ci", "organisation": "acme", "team": "search", "models": ["lab/*"], "budgets": [{ "amount_nano": 5000000000, "currency": "usd", "window": "day" }], "requests_per_minute": 60 }""");
        var key = made.Json.GetProperty("key");
        var path = $"/admin/v1/keys/{key.GetProperty("id").GetString()}";

        var changed = await server.AskAsync("operator", "PATCH", path, """{ "requests_per_minute": 0, "tokens_per_minute": 1000, "budgets": [], "models": ["*"], "logs_payloads": true }""");
        var rotated = await server.AskAsync("operator", "POST", path + "/rotate?keep_old=1h");
        var longer = await server.AskAsync("operator", "POST", path + "/rotate?keep_old=2030-01-01");
        var again = await server.AskAsync("operator", "POST", "/admin/v1/keys", """{ "name": "ci", "organisation": "acme" }""");
        var revoked = await server.AskAsync("operator", "DELETE", path);
        var gone = await server.AskAsync("operator", "POST", path + "/rotate");

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(("USD", "day", "active"), (key.GetProperty("budgets")[0].GetProperty("currency").GetString(), key.GetProperty("budgets")[0].GetProperty("window").GetString(), key.GetProperty("state").GetString()));
        Assert.Equal((JsonValueKind.Null, 1000, 0, JsonValueKind.Null), (changed.Json.GetProperty("requests_per_minute").ValueKind, changed.Json.GetProperty("tokens_per_minute").GetInt32(), changed.Json.GetProperty("budgets").GetArrayLength(), changed.Json.GetProperty("models").ValueKind));
        Assert.Equal((false, true, true), (key.GetProperty("logs_payloads").GetBoolean(), changed.Json.GetProperty("logs_payloads").GetBoolean(), rotated.Json.GetProperty("key").GetProperty("logs_payloads").GetBoolean()));
        Assert.NotEqual(made.Json.GetProperty("secret").GetString(), rotated.Json.GetProperty("secret").GetString());
        Assert.InRange(rotated.Json.GetProperty("key").GetProperty("old_secret_until").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
        Assert.Equal(JsonValueKind.Null, changed.Json.GetProperty("old_secret_until").ValueKind);
        Assert.Equal((HttpStatusCode.BadRequest, true), (longer.Status, longer.Text.Contains("90 days", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Equal("revoked", revoked.Json.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NotFound, gone.Status);
        var listed = await server.AskAsync("viewer", "GET", "/admin/v1/keys?org=acme");
        Assert.DoesNotContain(rotated.Json.GetProperty("secret").GetString()!, listed.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/admin/v1/requests?sicne=24h", null, "sicne is not known here")]
    [InlineData("GET", "/admin/v1/requests?since=yesterday", null, "since=yesterday is no time")]
    [InlineData("GET", "/admin/v1/requests?limit=0", null, "limit is a number from 1 to 500")]
    [InlineData("GET", "/admin/v1/requests?limit=9999", null, "limit=9999")]
    [InlineData("GET", "/admin/v1/requests?outcome=lucky", null, "answered, failed, rescued")]
    [InlineData("GET", "/admin/v1/requests?after=here", null, "after takes only")]
    [InlineData("GET", "/admin/v1/usage?by=colour", null, "by=colour is unknown")]
    [InlineData("GET", "/admin/v1/ledger/transfers?limit=-1", null, "limit=-1")]
    [InlineData("POST", "/admin/v1/keys", "{", "no JSON")]
    [InlineData("POST", "/admin/v1/keys", "[]", "no JSON object")]
    [InlineData("POST", "/admin/v1/keys", "null", "null")]
    [InlineData("POST", "/admin/v1/keys", "{}", "A key needs a name.")]
    [InlineData("POST", "/admin/v1/keys", """{ "name": "x", "budgt": 5 }""", "not known here: budgt")]
    [InlineData("POST", "/admin/v1/keys", """{ "name": "x", "requests_per_minute": "many" }""", "requests_per_minute")]
    [InlineData("POST", "/admin/v1/keys", """{ "name": "x", "requests_per_minute": -5 }""", "requests_per_minute is a number above 0")]
    [InlineData("POST", "/admin/v1/keys", """{ "name": "x", "budgets": [{ "amount_nano": 1, "currency": "dollars", "window": "day" }] }""", "three letters")]
    [InlineData("POST", "/admin/v1/keys", """{ "name": "x", "expires_at": "2020-01-01T00:00:00Z" }""", "in the past")]
    [InlineData("PATCH", "/admin/v1/organisations/acme", """{ "margin_millionths": -2000000 }""", "margin_millionths")]
    [InlineData("PATCH", "/admin/v1/organisations/acme/teams/search", """{ "pricing": "free" }""", "organisation's")]
    [InlineData("POST", "/admin/v1/ledger/topups", """{ "organisation": "acme", "amount_nano": 0, "currency": "USD" }""", "above 0")]
    [InlineData("POST", "/admin/v1/ledger/payments", """{ "upstream": "nobody", "amount_nano": 1, "currency": "USD" }""", "no upstream nobody")]
    [InlineData("POST", "/admin/v1/ledger/adjustments", """{ "debit": "adjustments/USD", "credit": "customer/acme/CNY", "amount_nano": 1, "note": "x" }""", "one currency")]
    [InlineData("POST", "/admin/v1/ledger/adjustments", """{ "debit": "adjustments/USD", "credit": "customer/acme/USD", "amount_nano": 1 }""", "note")]
    [InlineData("POST", "/admin/v1/ledger/reconciliations/lab", "what,is,this", "first line must name the columns")]
    public async Task What_makes_no_sense_is_refused_in_words_that_help(string method, string path, string? body, string words)
    {
        var answer = await server.AskAsync("owner", method, path, body, path.Contains("reconciliations", StringComparison.Ordinal) ? "text/csv" : "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(words, answer.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Trivet.", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_are_listed_page_by_page_and_told_whole_with_their_money()
    {
        var all = await server.BookedAsync();
        var ids = all.GetProperty("requests").EnumerateArray().Select(request => request.GetProperty("id").GetString()!).ToList();

        var found = new List<string>();
        string? next = null;
        do
        {
            var page = (await server.AskAsync("viewer", "GET", "/admin/v1/requests?model=lab/sandbox-text-20&limit=2" + (next is null ? "" : "&after=" + next))).Json;
            found.AddRange(page.GetProperty("requests").EnumerateArray().Select(request => request.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);
        var story = (await server.AskAsync("viewer", "GET", $"/admin/v1/requests/{ids[0]}")).Json;
        var csv = await server.AskAsync("viewer", "GET", "/admin/v1/requests.csv?model=lab/sandbox-text-20");

        Assert.Equal(ids, found);
        Assert.Equal("lab", story.GetProperty("attempts")[0].GetProperty("upstream").GetString());
        Assert.Equal(210_000, story.GetProperty("attempts")[0].GetProperty("cost").GetProperty("amount_nano").GetInt64());
        Assert.Contains(story.GetProperty("transfers").EnumerateArray(), transfer => transfer.GetProperty("kind").GetString() == "cost" && transfer.GetProperty("amount_nano").GetInt64() == 210_000);
        Assert.Equal(("text/csv", AdminServer.Requests + 1), (csv.ContentType, csv.Text.TrimEnd().Split('\n').Length));
        Assert.Equal(HttpStatusCode.NotFound, (await server.AskAsync("viewer", "GET", "/admin/v1/requests/req_none")).Status);
    }

    [Fact]
    public async Task Usage_and_ledger_agree_and_money_is_booked_once()
    {
        await server.BookedAsync();

        var usage = (await server.AskAsync("viewer", "GET", "/admin/v1/usage?by=upstream&upstream=lab")).Json.GetProperty("lines")[0];
        var account = (await server.AskAsync("viewer", "GET", "/admin/v1/ledger/accounts?prefix=payable/lab/")).Json.GetProperty("accounts")[0];
        const string TopUp = """{ "organisation": "acme", "amount_nano": 50000000000, "currency": "usd", "id": "invoice-7", "note": "wire" }""";
        var first = await server.AskAsync("accountant", "POST", "/admin/v1/ledger/topups", TopUp);
        var second = await server.AskAsync("accountant", "POST", "/admin/v1/ledger/topups", TopUp);
        var transfers = (await server.AskAsync("viewer", "GET", "/admin/v1/ledger/transfers?kind=topup")).Json.GetProperty("transfers");
        var verified = (await server.AskAsync("accountant", "GET", "/admin/v1/ledger/verification")).Json;

        Assert.Equal(usage.GetProperty("cost_nano").GetInt64(), account.GetProperty("balance_nano").GetInt64());
        Assert.Equal((true, false), (first.Json.GetProperty("new").GetBoolean(), second.Json.GetProperty("new").GetBoolean()));
        Assert.Equal(("acme", 50_000_000_000, 1), (transfers[0].GetProperty("organisation").GetString(), transfers[0].GetProperty("amount_nano").GetInt64(), transfers.GetArrayLength()));
        Assert.True(verified.GetProperty("ok").GetBoolean());
    }

    private async Task<List<(string Method, string Path)>> OperationsAsync()
    {
        var paths = (await server.AskAsync(null, "GET", "/admin/v1/openapi.json")).Json.GetProperty("paths");
        return [.. from path in paths.EnumerateObject() from method in path.Value.EnumerateObject() select (method.Name.ToUpperInvariant(), path.Name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal))];
    }
}
