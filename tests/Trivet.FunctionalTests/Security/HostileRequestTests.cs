using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Security;

/// <summary>Requests that no client of good will sends: each is refused with a clear status, in the envelope of the protocol whose door it came to, and none hurts the next.</summary>
public sealed class HostileRequestTests(HostileRequestTests.Gateway gateway) : IClassFixture<HostileRequestTests.Gateway>
{
    private static readonly string[] Doors = ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1beta/models/sandbox-echo:generateContent"];

    private static string Valid(string door) => door switch
    {
        "/v1/chat/completions" or "/v1/messages" => """{"model":"sandbox-echo","max_tokens":20,"stream":false,"messages":[{"role":"user","content":"hi"}]}""",
        "/v1/responses" => """{"model":"sandbox-echo","max_output_tokens":20,"stream":false,"input":"hi"}""",
        _ => """{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"maxOutputTokens":20}}""",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> AllDoors => [.. Doors];

    [Theory]
    [MemberData(nameof(AllDoors))]
    public async Task What_is_of_good_will_is_served(string door) => Assert.Equal(HttpStatusCode.OK, (await PostAsync(door, Valid(door))).Status);

    [Theory]
    [MemberData(nameof(AllDoors))]
    public async Task A_body_that_is_no_request_is_a_400(string door)
    {
        var deep = new string('[', 100_000);
        foreach (var body in new[]
        {
            "", "{", "null", "[]", "\"text\"", "{\"model\":", "not json at all", $"{{\"model\":\"sandbox-echo\",\"messages\":{deep}", $"{{\"model\":\"sandbox-echo\",\"messages\":{deep}{new string(']', 100_000)}}}",
            string.Concat(Enumerable.Repeat("{\"a\":", 50_000)), Valid(door) + Valid(door),
        })
        {
            Refused(400, door, await PostAsync(door, body));
        }
    }

    [Theory]
    [MemberData(nameof(AllDoors))]
    public async Task Text_that_is_not_UTF_8_is_a_400(string door)
    {
        var body = Encoding.UTF8.GetBytes(Valid(door).Replace("hi", "hi##", StringComparison.Ordinal));
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == '#')
                body[i] = 0xC3;
        }

        Refused(400, door, await PostAsync(door, new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } }));
    }

    [Theory]
    [MemberData(nameof(AllDoors))]
    public async Task A_field_that_can_be_read_in_two_ways_is_a_400_that_names_it(string door)
    {
        foreach (var (field, name) in Ambiguous(door))
        {
            var answer = await PostAsync(door, Valid(door)[..^1] + "," + field + "}");
            Refused(400, door, answer);
            Assert.Contains(name, answer.Text, StringComparison.Ordinal);
        }

    }

    [Fact]
    public async Task A_model_name_of_hundreds_of_kilobytes_is_unknown_and_not_said_again_in_full()
    {
        foreach (var door in Doors[..3])
        {
            var answer = await PostAsync(door, Valid(door).Replace("sandbox-echo", new string('m', 200_000), StringComparison.Ordinal));
            Refused(404, door, answer);
            Assert.InRange(answer.Text.Length, 1, 2000);
        }
    }

    private static (string Field, string Name)[] Ambiguous(string door) => door switch
    {
        "/v1/chat/completions" or "/v1/messages" =>
        [
            ("\"model\":\"sandbox-chat\"", "model"), ("\"MODEL\":\"sandbox-chat\"", "model"), ("\"mod\\u0065l\":\"sandbox-chat\"", "mod"), ("\"max_tokens\":100000", "max_tokens"),
            ("\"max_to\u212Aens\":100000", "max_tokens"), ("\"messages\":[]", "messages"), ("\"\u017Ftream\":true", "stream"),
        ],
        "/v1/responses" => [("\"model\":\"sandbox-chat\"", "model"), ("\"Input\":\"other\"", "input"), ("\"max_output_tokens\":100000", "max_output_tokens")],
        _ => [("\"contents\":[]", "contents"), ("\"generationconfig\":{}", "generationConfig")],
    };

    [Theory]
    [MemberData(nameof(AllDoors))]
    public async Task A_body_that_is_too_large_is_a_413_whether_it_says_its_length_or_not(string door)
    {
        var body = Encoding.UTF8.GetBytes(Valid(door)[..^1] + ",\"user\":\"" + new string('x', 300_000) + "\"}");

        Refused(413, door, await PostAsync(door, new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } }));
        Refused(413, door, await PostAsync(door, new Chunked(body)));
    }

    [Theory]
    [MemberData(nameof(AllDoors))]
    public async Task A_body_of_another_type_or_packed_is_a_415(string door)
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(door, new StringContent(Valid(door), Encoding.UTF8, "application/x-www-form-urlencoded"))).Status); // curl -d says so
        Refused(415, door, await PostAsync(door, new StringContent(Valid(door), Encoding.UTF8, "text/plain")));
        Refused(415, door, await PostAsync(door, new MultipartFormDataContent { new StringContent(Valid(door)) }));

        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Valid(door)), Cancel);
        Refused(415, door, await PostAsync(door, new ByteArrayContent(packed.ToArray()) { Headers = { ContentType = new("application/json"), ContentEncoding = { "gzip" } } }));
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/chat/completions")]
    [InlineData("/v1/responses")]
    [InlineData("/v1/messages")]
    [InlineData("/v1/messages/count_tokens")]
    [InlineData("/v1/embeddings")]
    [InlineData("/v1beta/models/sandbox-echo:generateContent")]
    [InlineData("/v1beta/models/sandbox-echo:countTokens")]
    public async Task Another_method_than_POST_is_a_405_that_names_it(string door)
    {
        foreach (var method in door.StartsWith("/v1beta", StringComparison.Ordinal) ? new[] { HttpMethod.Get } : [HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options])
        {
            using var request = new HttpRequestMessage(method, new Uri(gateway.Address, door));
            using var response = await Gateway.Http.SendAsync(request, Cancel);
            var answer = new Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(Cancel));

            Refused(405, door, answer);
            Assert.Equal(["POST"], response.Content.Headers.Allow);
        }
    }

    [Theory]
    [MemberData(nameof(AllDoors))]
    public async Task Headers_beyond_what_may_be_are_a_431_and_the_connection_is_closed(string door)
    {
        Refused(431, door, await SendAsync($"POST {door} HTTP/1.1\r\nHost: trivet\r\nX-Large: {new string('x', 70_000)}\r\n\r\n"));
        Refused(431, door, await SendAsync($"POST {door} HTTP/1.1\r\nHost: trivet\r\n{string.Concat(Enumerable.Range(0, 300).Select(i => $"X-{i}: a\r\n"))}\r\n"));
    }

    [Fact]
    public async Task What_is_no_HTTP_is_a_400()
    {
        Refused(400, Doors[0], await SendAsync("NONSENSE\r\n\r\n"));
        Refused(400, Doors[2], await SendAsync($"POST {Doors[2]} HTTP/1.1\r\nHost: trivet\r\nContent-Length: no number\r\n\r\n"));
        Refused(400, Doors[2], await SendAsync($"POST {Doors[2]} HTTP/1.1\r\nHost: trivet\r\nbroken header\r\n\r\n"));
        Refused(400, Doors[2], await SendAsync($"POST {Doors[2]} HTTP/1.1\r\nHost: trivet\r\nX-Api-Key: {Gateway.Key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk\r\n"));
    }

    [Theory]
    [MemberData(nameof(AllDoors))]
    public async Task Headers_that_come_too_slowly_are_a_408(string door) =>
        Refused(408, door, await SendAsync($"POST {door} HTTP/1.1\r\nHost: trivet\r\nX-Slow: ", waitsForMore: true), isBefore: true);

    [Theory]
    [MemberData(nameof(AllDoors))]
    public async Task A_body_that_comes_too_slowly_is_a_408(string door) =>
        Refused(408, door, await SendAsync($"POST {door} HTTP/1.1\r\nHost: trivet\r\nAuthorization: Bearer {Gateway.Key}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{{\"model\":", waitsForMore: true));

    // Each protocol's own envelope, read as its clients do. Before the request line has come, nobody knows whose client it is.
    private static void Refused(int status, string door, Answer answer, bool isBefore = false)
    {
        Assert.Equal((status, "application/json"), ((int)answer.Status, answer.Type));
        var error = JsonDocument.Parse(answer.Text).RootElement.GetProperty("error");
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        if (isBefore)
            return;
        if (door.StartsWith("/v1beta", StringComparison.Ordinal))
            Assert.Equal(status, error.GetProperty("code").GetInt32());
        else
            Assert.NotEmpty(error.GetProperty("type").GetString()!);
        Assert.Equal(door.StartsWith("/v1/messages", StringComparison.Ordinal), JsonDocument.Parse(answer.Text).RootElement.TryGetProperty("type", out var type) && type.GetString() == "error");
    }

    private Task<Answer> PostAsync(string door, string body) => PostAsync(door, new StringContent(body, Encoding.UTF8, "application/json"));

    private async Task<Answer> PostAsync(string door, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Address, door)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Gateway.Key);
        using var response = await Gateway.Http.SendAsync(request, Cancel);
        return new Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(Cancel));
    }

    // Byte for byte what is given, and then silence until the gateway closes the connection.
    private async Task<Answer> SendAsync(string text, bool waitsForMore = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Cancel);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), Cancel);
        var received = new MemoryStream();
        try
        {
            await stream.CopyToAsync(received, Cancel);
        }
        catch (IOException) when (waitsForMore || received.Length > 0)
        {
            // What was not read of the request makes the close a reset.
        }

        var answer = Encoding.Latin1.GetString(received.ToArray());
        var head = answer.Split("\r\n\r\n")[0];
        Assert.StartsWith("HTTP/1.1 ", head, StringComparison.Ordinal);
        var type = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Type: ", StringComparison.OrdinalIgnoreCase))?["Content-Type: ".Length..];
        return new Answer((HttpStatusCode)int.Parse(head.AsSpan(9, 3)), type, answer[(head.Length + 4)..]);
    }

    private sealed record Answer(HttpStatusCode Status, string? Type, string Text);

    private sealed class Chunked(byte[] body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Headers.ContentType = new("application/json");
            return stream.WriteAsync(body, 0, body.Length);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>One gateway for all of them: none may hurt the next.</summary>
    public sealed class Gateway : IAsyncLifetime
    {
        public const string Key = "sk-trivet-functional-tests";

        private readonly TempFolder _folder = new();
        private TrivetProcess? _trivet;

        internal static HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

        public Uri Address => _trivet!.Address;

        public async ValueTask InitializeAsync()
        {
            var file = _folder.File("trivet.yaml");
            await File.WriteAllTextAsync(file, "upstreams: [{ name: lab, vendor: sandbox, models: [sandbox-echo, sandbox-chat] }]\nlimits: { body_max: 256KiB, headers_wait: 2s }\n", Cancel);
            _trivet = await TrivetProcess.ServeAsync(file, _folder.File("data"), Key);
        }

        public async ValueTask DisposeAsync()
        {
            if (_trivet is not null)
                await _trivet.DisposeAsync();
            _folder.Dispose();
        }
    }
}
