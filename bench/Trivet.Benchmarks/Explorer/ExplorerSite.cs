using System.Net;
using Trivet.Benchmarks.Parties;
using Trivet.Benchmarks.Targets;
using Trivet.Benchmarks.Vendor;
using Trivet.Core.Users;
using Trivet.Storage;

namespace Trivet.Benchmarks.Explorer;

/// <summary>The real server on the books of the bench, and somebody who is signed in at its console.</summary>
internal sealed class ExplorerSite : IAsyncDisposable
{
    private readonly HttpClient _http;

    private ExplorerSite(Target server, string session, ExplorerRows rows, long requests)
    {
        Server = server;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(2) };
        _http.DefaultRequestHeaders.Add("Cookie", $"trivet_session={session}");
        var request = rows.RequestId(requests / 2);
        Pages =
        [
            ("overview", "/console"),
            ("upstreams", "/console/upstreams"),
            ("upstream", "/console/upstreams/upstream-4"),
            ("routes", "/console/routes"),
            ("route", "/console/routes/model-3"),
            ("route, its last day played again", "/console/routes/model-3?policy=cheap"),
            ("requests", "/console/requests"),
            ("requests of an organisation's key", "/console/requests?org=org-3&key=key_31"),
            ("requests that failed at an upstream", "/console/requests?upstream=upstream-4&failure=UpstreamOverloaded"),
            ("requests of which an attempt failed", "/console/requests?failure=any"),
            ("requests, none of which fits", "/console/requests?status=418&since=90d"),
            ("request", $"/console/requests/{request}"),
            ("keys", "/console/keys?state=all"),
            ("key", "/console/keys/key_31"),
            ("organisation", "/console/owners/org-3"),
            ("money, a day", "/console/money?since=24h"),
            ("money, a week", "/console/money"),
            ("money, 30 days", "/console/money?since=30d"),
            ("money, 90 days", "/console/money?since=90d"),
            ("money, 90 days by key", "/console/money?since=90d&by=key"),
            ("money, 90 days by day", "/console/money?since=90d&by=day"),
            ("budgets", "/console/money/budgets"),
            ("accounts", "/console/money/accounts"),
            ("account", "/console/money/account?id=payable/upstream-4/USD"),
            ("transfers", "/console/money/transfers"),
            ("transfers, none of which fits", "/console/money/transfers?kind=topup"),
            ("bills", "/console/money/bills"),
            ("market", "/console/market?show=all&vendor=anthropic"),
            ("journal", "/console/journal"),
            ("playground", "/console/playground"),
            ("settings", "/console/settings"),
            ("prices", "/console/settings/prices"),
            ("people", "/console/settings/people"),
        ];
    }

    public Target Server { get; }

    /// <summary>All pages that read the books, and the others beside them.</summary>
    public IReadOnlyList<(string Name, string Path)> Pages { get; }

    public static async Task<ExplorerSite> StartAsync(Database database, ExplorerOptions options, DirectoryInfo folder, ExplorerRows rows)
    {
        var vendor = await TargetFleet.StartVendorAsync();
        var config = Path.Combine(folder.FullName, "trivet.yaml");
        await File.WriteAllTextAsync(config, Config(vendor.Url.ToString().TrimEnd('/'), options.Postgres));
        var session = await SignInAsync(database.Users);
        return new ExplorerSite(await new TrivetProgram(options.TrivetFile).ServeAsync("trivet", config, folder.FullName), session, rows, options.Rows);
    }

    /// <summary>Answers how many kB the page has.</summary>
    public async Task<int> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var body = await answer.Content.ReadAsByteArrayAsync();
        return answer.StatusCode == HttpStatusCode.OK ? body.Length / 1024 : throw new BenchFailedException($"{path} answered {(int)answer.StatusCode}. {Server.Said()}");
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        ChildProcesses.StopAll();
        return ValueTask.CompletedTask;
    }

    // An account of its own for each run, with a session and without a password that anybody knows.
    private static async Task<string> SignInAsync(IUserStore users)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (invite, session, name) = (SecretToken.Make(), SecretToken.Make(), $"bench-{Guid.NewGuid():n}");
        await users.InviteAsync(new UserInvite(SecretToken.Hash(invite), UserRole.Owner, now.AddHours(1).ToUnixTimeMilliseconds()), onlyWithoutUsers: false, CancellationToken.None);
        var user = new UserRecord { Id = name, Name = name, PasswordHash = "", Role = UserRole.Owner, CreatedAtMs = now.ToUnixTimeMilliseconds() };
        var accepted = await users.AcceptInviteAsync(SecretToken.Hash(invite), user, now.ToUnixTimeMilliseconds(), CancellationToken.None);
        var opened = await users.OpenSessionAsync(new UserSession(SecretToken.Hash(session), accepted.IsSuccess ? accepted.Value.Id : "", now.ToUnixTimeMilliseconds(), now.AddHours(4).ToUnixTimeMilliseconds()), CancellationToken.None);
        return accepted.IsSuccess && opened.IsSuccess ? session : throw new BenchFailedException($"nobody can sign in: {(accepted.Fault ?? opened.Fault)?.Message}");
    }

    private static string Config(string vendor, string? postgres)
    {
        string Upstream(string name, string models) => $$"""
              - name: {{name}}
                vendor: custom
                keys: ["dummy"]
                endpoints: { openai-chat: {{vendor}}/v1 }
                models: [{{models}}]
                price: { currency: USD, per_million: { input: 0.3, cache_read: 0.03, output: 1.2 } }

            """;
        var upstreams = Enumerable.Range(0, ExplorerRows.Upstreams).Select(i => Upstream($"upstream-{i}", $"model-{i}, model-{i + ExplorerRows.Upstreams}"));
        return $"""
            {(postgres is null ? "" : $"database: {postgres}")}
            upstreams:
            {string.Concat(upstreams)}{Upstream("both", VendorModels.Plain)}
            routes:
              - model: model-3
                candidates:
                  - upstream: upstream-3
                    model: model-3
                  - upstream: upstream-4
                    model: model-4

            """;
    }
}
