using System.Text.Json.Nodes;
using Trivet.Tests.Wire;

namespace Trivet.FunctionalTests.Replay;

/// <summary>Recorded refusals: in the client's protocol, with the right class of status and the vendor's own words.</summary>
public sealed class ErrorReplayTests(ReplayLab lab)
{
    public static TheoryData<string> Errors => Replaying.Ids(e => !Replaying.IsAnswer(e));

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_refusal_comes_out_in_the_protocol_of_the_client(string id)
    {
        var exchange = Corpus.Get(id);
        await lab.StartAsync();
        var all = new List<string>();
        foreach (var client in WireProtocol.All)
        {
            foreach (var stream in (bool[])[false, true])
            {
                var problems = await RefusedAsync(exchange, client, stream);
                lab.Report.Add("error", WireProtocol.Of(exchange).Name, client.Name, stream ? "stream" : "whole", id, problems);
                all.AddRange(problems.Select(problem => $"{client.Name}, stream {stream}: {problem}"));
            }
        }

        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    /// <summary>Shapes of errors that vendors really send (WIRE_FACTS §3.2), whatever the protocol they serve: status, body, what it says.</summary>
    public static TheoryData<int, string, string> Shapes => new()
    {
        { 400, """{"error":{"message":"Bad thing","type":"invalid_request_error","param":"x","code":null}}""", "Bad thing" },
        { 400, """{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"deep"}},"user_id":"u"}""", "Provider returned error" },
        { 400, """{"code":"invalid-argument","error":"Argument not supported"}""", "Argument not supported" },
        { 400, """{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too large"}}""", "max_tokens: too large" },
        { 400, """{"error":{"message":"Filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", "Filtered" },
        { 400, """{"message":"The provided model identifier is invalid."}""", "The provided model identifier is invalid." },
        { 404, """{"object":"error","message":"The model does not exist.","type":"NotFoundError","param":null,"code":404}""", "The model does not exist." },
        { 413, """{"error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}""", "Request exceeds the maximum size" },
        { 422, """{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{}}]}""", "Field required" },
        { 422, """{"object":"error","message":{"detail":[{"type":"missing","loc":["body"],"msg":"Field required"}]},"type":"invalid_request_error","code":null}""", "Field required" },
        { 400, """{"error":{"code":"1214","message":"bad parameter"}}""", "bad parameter" },
        { 500, """{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}""", "The server had an error" },
        { 503, "upstream connect error", "upstream connect error" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task An_error_of_any_shape_keeps_its_class_and_its_words(int status, string body, string message)
    {
        await lab.StartAsync();
        var all = new List<string>();
        foreach (var upstream in WireProtocol.Upstreams)
        {
            foreach (var client in WireProtocol.All)
            {
                var staged = lab.Upstream.Stage(new Exchange
                {
                    Id = upstream.Name + "-error",
                    Provider = "any",
                    Features = [],
                    RequestBody = null,
                    RequestPath = "",
                    Status = status,
                    Sse = null,
                    ResponseBody = System.Text.Encoding.UTF8.GetBytes(body),
                    ResponseHeaders = new Dictionary<string, string>(),
                });
                var request = client.SimpleRequest(stream: client == upstream, withTools: false);
                request["model"] = $"{upstream.UpstreamName}/{staged.Model}";
                var answer = await lab.AskAsync(client, request);
                var problems = new List<string>();
                if (answer.Status / 100 != status / 100 || status is 404 or 413 && answer.Status != status)
                    problems.Add($"status {answer.Status}");
                if (client == upstream ? answer.Text != body : client.ReadWhole(JsonNode.Parse(answer.Bytes)!).Error?.Contains(message, StringComparison.Ordinal) != true)
                    problems.Add($"it says {answer.Text}");
                if (client != upstream)
                    problems.AddRange(client.InvalidError(JsonNode.Parse(answer.Bytes)!));
                all.AddRange(problems.Select(problem => $"{upstream.Name} → {client.Name}: {problem}"));
            }
        }

        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    private async Task<List<string>> RefusedAsync(Exchange exchange, WireProtocol client, bool stream)
    {
        var upstream = WireProtocol.Of(exchange);
        var staged = lab.Upstream.Stage(exchange);
        var body = client.SimpleRequest(stream, withTools: false);
        body["model"] = $"{upstream.UpstreamName}/{staged.Model}";
        var answer = await lab.AskAsync(client, body);
        var problems = new List<string>();
        var message = upstream.ReadWhole(JsonNode.Parse(exchange.ResponseBody)!).Error!;

        // A credential that the vendor refuses is the operator's: the client is told so, and none of it is shown.
        var isOperators = exchange.Status is 401 or 402 or 403;
        var status = isOperators ? 502 : exchange.Status;
        if (answer.Status != status)
            problems.Add($"status {answer.Status} instead of {status}: {answer.Text}");
        if (client == upstream && !isOperators)
        {
            if (!answer.Bytes.AsSpan().SequenceEqual(exchange.ResponseBody))
                problems.Add($"not byte for byte: {answer.Text}");
            return problems;
        }

        var error = JsonNode.Parse(answer.Bytes)!;
        problems.AddRange(client.InvalidError(error).Select(fault => "spec: " + fault));
        if (client.ReadWhole(error).Error?.Contains(message, StringComparison.Ordinal) != !isOperators)
            problems.Add($"the message is {answer.Text}");
        return problems;
    }
}
