using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Keys;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Core.Users;
using Trivet.FunctionalTests.Harness;
using Trivet.Server.Composition;
using Trivet.Storage;

namespace Trivet.FunctionalTests.Security;

/// <summary>
/// Every address of the console that takes a form, as the server itself lists them: a new one is among them without anybody thinking of it. None does anything for who is not signed in, who brings no token of this session's against forged
/// forms, or whose role is too low. The roles are said here a second time, by what an address is about; what is not named needs an operator.
/// </summary>
public sealed partial class ConsoleFormWalkTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private static readonly string[] Anybodys = ["/console/sign-in", "/console/welcome", "/console/sign-out", "/console/choices"];

    /// <summary>Written by loops beside the requests, whoever asks what. Everything else must stay as it was.</summary>
    private static readonly string[] TablesOfLoops = ["leases", "audit_leases", "scorecards", "usage_hourly", "usage_daily", "usage_days", "traffic_hourly", "journal_marks", "journal_tags", "versions"];

    private readonly TempFolder _folder = new();
    private readonly Dictionary<UserRole, string> _sessions = [];
    private Database _database = null!;
    private WebApplication _gateway = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var config = ConfigReader.Read("upstreams:\n  - { name: filed, vendor: custom, keys: [sk-1], endpoints: { openai-chat: 'http://127.0.0.1:9/v1' }, models: [m] }\n", ConfigSource.Environment, _ => null).Config!;
        _database = (await Database.OpenAsync(new DatabaseOptions(DatabaseOptions.Sqlite, _folder.Path), TimeProvider.System, NullLogger<Database>.Instance, Cancel)).Value;
        await new KeyAdmin(_database.Keys, _database.Journal, TimeProvider.System).EnsureFirstAsync(null, Cancel);
        _gateway = Gateway.Build(config, "http://127.0.0.1:0", _folder.Path, _database, null, LogLevel.None);
        await _gateway.Services.GetRequiredService<KeyRefreshLoop>().RefreshAsync(Cancel);
        await _gateway.StartAsync(Cancel);
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(_gateway.Urls.First()) };
        var users = _gateway.Services.GetRequiredService<UserAdmin>();
        foreach (var role in Enum.GetValues<UserRole>())
        {
            var invite = (await users.InviteAsync(role, null, Cancel)).Value;
            var user = (await users.AcceptAsync(invite.Token, role.ToString(), Password, Cancel)).Value;
            _sessions[role] = (await users.OpenSessionAsync(user, Cancel)).Value;
        }

        var upstreams = _gateway.Services.GetRequiredService<ConsoleUpstreams>();
        Assert.True((await upstreams.SaveAsync(new ConsoleUpstream { Name = "walked", Definition = "vendor: custom\nendpoints: { openai-chat: 'http://127.0.0.1:9/v1' }\nmodels: [w]" }, ["sk-2"], _gateway.Services.GetRequiredService<SnapshotHolder>(), Cancel)).IsSuccess);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _gateway.StopAsync(CancellationToken.None);
        await _gateway.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task No_form_does_anything_for_whom_it_is_not()
    {
        var forms = Forms();
        Assert.True(forms.Count > 30, string.Join('\n', forms)); // the walk has found them
        Assert.Empty(Anybodys.Except(forms));
        var visits = new Dictionary<UserRole, Visit>();
        foreach (var role in Enum.GetValues<UserRole>())
            visits[role] = await VisitAsync(_sessions[role]);
        var stranger = await VisitAsync(null);
        var owner = visits[UserRole.Owner];
        var before = Contents();

        foreach (var form in forms)
        {
            var lowest = Needed(form);
            if (lowest is not null)
                await AssertRefusedAsync(form, stranger, stranger.Token, HttpStatusCode.Unauthorized, "without a session");
            foreach (var role in visits.Keys.Where(role => lowest is not null && !lowest.Contains(role)))
                await AssertRefusedAsync(form, visits[role], visits[role].Token, HttpStatusCode.Forbidden, $"as {role}");
            await AssertRefusedAsync(form, owner, null, HttpStatusCode.BadRequest, "without a token");
            await AssertRefusedAsync(form, owner, Mangled(owner.Token), HttpStatusCode.BadRequest, "with a made-up token");
            await AssertRefusedAsync(form, owner, visits[UserRole.Viewer].Token, HttpStatusCode.BadRequest, "with the token of another");
            await AssertRefusedAsync(form, owner with { Cookie = "" }, owner.Token, HttpStatusCode.BadRequest, "with a token and without its cookie");
        }

        Assert.Equal(before, Contents());

        // And what is looked at does change where somebody may: a walk that is refused everything for another reason would find nothing.
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/console/settings/tokens", owner, owner.Token)).Status);
        Assert.NotEqual(before, Contents());
        Assert.Equal(HttpStatusCode.Redirect, (await SendAsync("/console/upstreams/{name}/switch", visits[UserRole.Operator], visits[UserRole.Operator].Token)).Status);
        Assert.True(_gateway.Services.GetRequiredService<ConsoleUpstreams>().States.Single().Upstream.IsDisabled);
    }

    private static string Mangled(string token) => token[..(token.Length / 2)] + (token[token.Length / 2] == 'A' ? 'B' : 'A') + token[((token.Length / 2) + 1)..];

    // Whatever takes more than reading: a form sent by a method that nobody thought of would be one too.
    private List<string> Forms()
    {
        var all = ((IEndpointRouteBuilder)_gateway).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => (Pattern: "/" + endpoint.RoutePattern.RawText!.TrimStart('/'), Methods: endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]))
            .Where(endpoint => endpoint.Pattern.StartsWith("/console", StringComparison.Ordinal)).ToList();
        Assert.All(all, endpoint => Assert.All(endpoint.Methods, method => Assert.Contains(method, (string[])["GET", "HEAD", "POST"])));
        return [.. all.Where(endpoint => endpoint.Methods.Contains("POST")).Select(endpoint => endpoint.Pattern).Order(StringComparer.Ordinal)];
    }

    private static UserRole[]? Needed(string form) =>
        Anybodys.Contains(form) ? null
        : form == "/console/journal-feed" ? [UserRole.Viewer, UserRole.Accountant, UserRole.Operator, UserRole.Owner] // one's own address
        : form.StartsWith("/console/money/", StringComparison.Ordinal) ? [UserRole.Accountant, UserRole.Owner]
        : form.StartsWith("/console/settings/people", StringComparison.Ordinal) || form.StartsWith("/console/settings/tokens", StringComparison.Ordinal) ? [UserRole.Owner]
        : [UserRole.Operator, UserRole.Owner];

    private async Task AssertRefusedAsync(string form, Visit visit, string? token, HttpStatusCode expected, string how)
    {
        var (status, location) = await SendAsync(form, visit, token);
        Assert.True(status == expected && location is null, $"{form} {how}: {status} {location}");
    }

    // What a person would send who may: a handler that ran would have something to do.
    private async Task<(HttpStatusCode Status, Uri? Location)> SendAsync(string form, Visit visit, string? token)
    {
        var fields = new Dictionary<string, string>
        {
            ["_once"] = Guid.NewGuid().ToString("N"),
            ["name"] = "walked",
            ["to"] = "off",
            ["title"] = "walked",
            ["text"] = "walked",
            ["role"] = "owner",
            ["definition"] = "vendor: custom",
            ["do"] = "save",
            ["aim"] = "best",
            ["candidates"] = "filed/m",
            ["enabled"] = "true",
            ["every"] = "1h",
            ["budget"] = "1USD",
            ["organisation"] = "default",
            ["amount"] = "1",
            ["currency"] = "USD",
        };
        if (token is not null)
            fields["_forms"] = token;
        var path = Parameter().Replace(form, match => match.Groups[1].Value switch { "name" => "walked", "organisation" => "default", _ => "walked" });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new FormUrlEncodedContent(fields) };
        string[] cookies = [.. visit.Session is { } session ? (string[])[$"trivet_session={session}"] : [], .. visit.Cookie.Length > 0 ? (string[])[visit.Cookie] : []];
        if (cookies.Length > 0)
            request.Headers.Add("Cookie", string.Join("; ", cookies));
        using var response = await _client.SendAsync(request, Cancel);
        return (response.StatusCode, response.Headers.Location);
    }

    private async Task<Visit> VisitAsync(string? session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(session is null ? "/console/sign-in" : "/console/settings", UriKind.Relative));
        if (session is not null)
            request.Headers.Add("Cookie", $"trivet_session={session}");
        using var response = await _client.SendAsync(request, Cancel);
        var page = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.OK && Token().IsMatch(page), page);
        var cookie = response.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("trivet_forms=", StringComparison.Ordinal));
        return new Visit(session, cookie[..cookie.IndexOf(';', StringComparison.Ordinal)], WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value));
    }

    // All rows of all tables, as text.
    private string Contents()
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _folder.File(DatabaseOptions.SqliteFileName), Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        var text = new StringBuilder();
        foreach (var table in Rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").Except(TablesOfLoops))
            text.Append(table).Append('\n').AppendJoin('\n', Rows($"SELECT * FROM \"{table}\"{(table == "journal_entries" ? " WHERE author <> ''" : "")}").Order(StringComparer.Ordinal)).Append('\n');
        return text.ToString();

        List<string> Rows(string query)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // names of tables of the database itself
            command.CommandText = query;
#pragma warning restore CA2100
            using var reader = command.ExecuteReader();
            var rows = new List<string>();
            while (reader.Read())
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(field => reader.GetValue(field) is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(reader.GetValue(field), CultureInfo.InvariantCulture))));
            return rows;
        }
    }

    [GeneratedRegex(@"\{\**(\w+)[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("name=\"_forms\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    /// <summary>Who looked at a page, and what they may send a form with.</summary>
    private sealed record Visit(string? Session, string Cookie, string Token);
}
