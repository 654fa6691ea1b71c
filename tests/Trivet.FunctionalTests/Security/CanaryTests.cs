using System.Data.Common;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Security;

/// <summary>Secrets planted in upstream config, client keys and payloads, then traffic of every kind: none may turn up where it does not belong.</summary>
public sealed class CanaryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_planted_secret_turns_up_in_log_trace_metric_error_or_database()
    {
        using var folder = new TempFolder();
        var canaries = new Canaries();
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions { ApiKeys = [canaries.UpstreamKey] }, Cancellation);

        // A careless vendor, whose refusal repeats the key it was given.
        sandbox.Script(
            $$$"""[{"match":{"model":"*careless*"},"times":0,"raw":{"status":401,"headers":{"content-type":"application/json"},"body":"{\"error\":{\"message\":\"Incorrect API key provided: {{{canaries.UpstreamKey}}}\"}}"}}]""");
        var config = new TrivetYaml()
            .Chat("canary-chat", sandbox.Address, "${CANARY_UPSTREAM_KEY}", $"headers: {{ x-canary: \"{canaries.UpstreamHeader}\" }}")
            .Messages("canary-messages", sandbox.Address, "${CANARY_UPSTREAM_KEY}")
            .Route("via-chat-*", ("canary-chat", "sandbox-*"))
            .Route("via-messages-*", ("canary-messages", "sandbox-*"));
        var environment = new Dictionary<string, string?> { ["CANARY_UPSTREAM_KEY"] = canaries.UpstreamKey };
        var collected = new Collected(canaries);

        await using (var trivet = await TrivetProcess.ServeAsync(config.WriteTo(folder), folder.File("data"), canaries.FirstKey, environment))
        {
            await using var created = await trivet.RunVerbAsync("keys", "create", "second", "--json");
            Assert.True(created.ExitCode == 0, created.Everything);
            canaries.SecondKey = JsonDocument.Parse(created.Output).RootElement.Text("key");
            Assert.NotEqual("", canaries.SecondKey);

            var requests = await TrafficAsync(trivet, canaries, collected);
            await Task.Delay(1500, Cancellation); // the books are written in batches
            await VerbsAsync(trivet, requests, collected);
            await trivet.Process.TerminateAsync();
            collected.Add("stdout", trivet.Process.Output);
            collected.Add("stderr", trivet.Process.Error);
        }

        Files(folder, collected);
        await ColumnsAsync(folder, collected);
        Assert.True(collected.Found.Count == 0, string.Join('\n', collected.Found));
        Assert.True(collected.Places > 60, $"only {collected.Places} places were searched");
    }

    /// <summary>Good and bad requests of both protocols to both kinds of upstream. Returns the request ids.</summary>
    private static async Task<List<string>> TrafficAsync(TrivetProcess trivet, Canaries canaries, Collected collected)
    {
        var requests = new List<string>();
        using var http = new HttpClient { BaseAddress = trivet.Address };
        foreach (var key in new[] { canaries.FirstKey, canaries.SecondKey })
        {
            foreach (var route in new[] { "via-chat-", "via-messages-" })
            {
                foreach (var fault in new[] { "", "-careless", "@400", "@429", "@500", "@error-event-after=2", "@cut-after=2", "@truncated-json", "@html", "@context-length", "@content-filter" })
                {
                    foreach (var path in new[] { "/v1/chat/completions", "/v1/messages" })
                    {
                        var body = Body($"{route}chat{fault}", canaries.Payload, isStream: fault.Contains("after", StringComparison.Ordinal));
                        requests.AddRange(await AskAsync(http, path, body, key, canaries, collected));
                    }
                }
            }
        }

        // Wrong keys, wrong paths, wrong bodies; keys in the query, where logs love to keep them.
        await AskAsync(http, "/v1/messages", Body("via-chat-chat", canaries.Payload, false), canaries.WrongKey, canaries, collected);
        await AskAsync(http, $"/v1/messages?key={canaries.SecondKey}", Body("via-chat-chat", canaries.Payload, true), null, canaries, collected);
        await AskAsync(http, $"/v1/nowhere?key={canaries.SecondKey}", "{}", null, canaries, collected);
        await AskAsync(http, "/v1/chat/completions", $$"""{"model":"via-chat-chat","messages":"{{canaries.Payload}}" {{canaries.Payload}}""", canaries.FirstKey, canaries, collected);
        await AskAsync(http, "/v1/messages", $$"""{"model":"no-such-model","max_tokens":5,"messages":[{"role":"user","content":"{{canaries.Payload}}"}]}""", canaries.FirstKey, canaries, collected);
        foreach (var route in new[] { "via-chat-", "via-messages-" })
        {
            // A vendor quotes the value that it does not like.
            await AskAsync(http, "/v1/messages", $$"""{"model":"{{route}}chat","max_tokens":5,"messages":[{"role":"{{canaries.Payload}}","content":"Hi"}]}""", canaries.FirstKey, canaries, collected);
            await AskAsync(http, "/v1/chat/completions", $$"""{"model":"{{route}}chat","messages":[{"role":"{{canaries.Payload}}","content":"Hi"}]}""", canaries.FirstKey, canaries, collected);
        }

        foreach (var path in new[] { "/v1/models", "/healthz", "/readyz", "/metrics" })
        {
            using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", canaries.SecondKey) } }, Cancellation);
            collected.Add($"GET {path}", await answer.Content.ReadAsStringAsync(Cancellation) + answer.Headers);
        }

        return requests;
    }

    private static async Task<IEnumerable<string>> AskAsync(HttpClient http, string path, string body, string? key, Canaries canaries, Collected collected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("anthropic-version", "2023-06-01");
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        var headers = response.Headers.ToString() + response.Content.Headers;
        string text;
        try
        {
            text = await response.Content.ReadAsStringAsync(Cancellation);
        }
        catch (HttpRequestException e)
        {
            text = e.Message;
        }

        // An answer may repeat what its own client said; no answer may hold a key.
        collected.Add($"POST {path.Split('?')[0]} {(int)response.StatusCode} headers", headers);
        collected.Add($"POST {path.Split('?')[0]} {(int)response.StatusCode} body", text.Replace(canaries.Payload, "", StringComparison.Ordinal));
        return response.Headers.TryGetValues("x-trivet-request-id", out var ids) ? ids : [];
    }

    private static async Task VerbsAsync(TrivetProcess trivet, List<string> requests, Collected collected)
    {
        string[][] verbs =
        [
            .. requests.Take(2).SelectMany(r => new[] { new[] { "trace", r }, ["trace", r, "--json"] }),
            ["usage", "--json"], ["usage", "--by", "key"], ["keys", "list"], ["keys", "list", "--json"], ["upstreams", "list"], ["upstreams", "list", "--json"], ["models"], ["config", "validate"], ["doctor"],
        ];
        foreach (var verb in verbs)
        {
            await using var run = await trivet.RunVerbAsync(verb);
            collected.Add($"trivet {string.Join(' ', verb)}", run.Everything);
        }
    }

    /// <summary>Every file of the data folder, byte by byte: database, write-ahead log, spool.</summary>
    private static void Files(TempFolder folder, Collected collected)
    {
        foreach (var file in Directory.EnumerateFiles(folder.File("data"), "*", SearchOption.AllDirectories))
        {
            collected.Add($"file {Path.GetFileName(file)}", Encoding.Latin1.GetString(File.ReadAllBytes(file)));
        }
    }

    /// <summary>Every column of every table, because a long value may be split over pages of the file.</summary>
    private static async Task ColumnsAsync(TempFolder folder, Collected collected)
    {
        var file = Directory.EnumerateFiles(folder.File("data"), "*.db", SearchOption.AllDirectories).Single();
        await using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Cancellation);
        var tables = await RowsAsync(connection, "select name from sqlite_master where type = 'table'");
        Assert.NotEmpty(tables);
        foreach (var table in tables)
        {
            var rows = await RowsAsync(connection, $"select * from \"{table}\"");
            collected.Add($"table {table}", string.Join('\n', rows));
        }
    }

    private static async Task<List<string>> RowsAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the table's name comes from the database itself
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var rows = new List<string>();
        while (await reader.ReadAsync(Cancellation))
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) is byte[] bytes ? Encoding.Latin1.GetString(bytes) : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        }

        return rows;
    }

    private static string Body(string model, string text, bool isStream) =>
        JsonSerializer.Serialize(new { model, max_tokens = 100, stream = isStream, messages = new[] { new { role = "user", content = text } } });

    /// <summary>What was planted. Each has a core that no hash, hint or mask of it contains.</summary>
    private sealed class Canaries
    {
        public string UpstreamKey { get; } = $"sk-upstream-canary-{Guid.NewGuid():N}";

        public string UpstreamHeader { get; } = $"header-canary-{Guid.NewGuid():N}";

        public string FirstKey { get; } = $"sk-first-canary-{Guid.NewGuid():N}";

        public string SecondKey { get; set; } = "";

        public string WrongKey { get; } = $"sk-wrong-canary-{Guid.NewGuid():N}";

        public string Payload { get; } = $"payload-canary-{Guid.NewGuid():N}";

        public IEnumerable<(string Name, string Value)> All =>
        [
            ("upstream key", UpstreamKey), ("upstream header", UpstreamHeader), ("first key", FirstKey), ("second key", SecondKey), ("wrong key", WrongKey), ("payload", Payload),
        ];
    }

    private sealed class Collected(Canaries canaries)
    {
        private readonly List<(string Place, string Text)> _places = [];

        public int Places => _places.Count;

        public IReadOnlyList<string> Found =>
        [
            .. _places.SelectMany(p => canaries.All.Where(c => c.Value.Length > 0 && p.Text.Contains(c.Value, StringComparison.Ordinal)).Select(c => $"{c.Name} in {p.Place}: {Around(p.Text, c.Value)}"))
                .Distinct(),
        ];

        public void Add(string place, string text) => _places.Add((place, text));

        private static string Around(string text, string value)
        {
            var at = text.IndexOf(value, StringComparison.Ordinal);
            return text[Math.Max(0, at - 80)..Math.Min(text.Length, at + value.Length + 20)].ReplaceLineEndings(" ");
        }
    }
}
