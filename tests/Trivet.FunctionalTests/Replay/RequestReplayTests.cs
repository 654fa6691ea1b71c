using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire;

namespace Trivet.FunctionalTests.Replay;

/// <summary>Every recorded request: byte for byte to an upstream of the same protocol, valid and equal in meaning to one of another.</summary>
public sealed class RequestReplayTests(ReplayLab lab)
{
    private const string AskForUsage = "\"stream_options\":{\"include_usage\":true},";

    // Fields that have a home on the other side, whatever their value.
    private static readonly HashSet<string> Said =
    [
        "model", "messages", "system", "stream", "stream_options", "tools", "functions", "tool_choice", "function_call", "parallel_tool_calls", "max_tokens", "max_completion_tokens",
        "input", "instructions", "max_output_tokens", "reasoning", "text", "contents", "systemInstruction", "system_instruction", "toolConfig", "tool_config", "generationConfig", "generation_config",
        "temperature", "top_p", "stop", "stop_sequences", "response_format", "output_format", "top_k", "include", "output_config", "reasoning_effort", "enable_thinking", "thinking_budget", "thinking", "user", "metadata",
    ];

    public static TheoryData<string> Requests => Replaying.Ids(HasRequest, WireProtocol.All);

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_passes_through_byte_for_byte(string id)
    {
        var exchange = Corpus.Get(id);
        await lab.StartAsync();
        var protocol = WireProtocol.Of(exchange);
        var staged = lab.Upstream.Stage(exchange);
        var body = Recorded(exchange);
        body["model"] = $"{protocol.UpstreamName}/{staged.Model}";
        var answer = await lab.AskAsync(protocol, body);

        var problems = new List<string>();
        body["model"] = staged.Model;
        var expected = protocol.Ask(body).Body.ToJsonString();
        if (protocol == WireProtocol.Chat && (bool?)body["stream"] == true && (bool?)body["stream_options"]?["include_usage"] != true)
            expected = "{" + AskForUsage + expected[1..]; // the one thing that Trivet asks for itself
        if (!staged.Requests.TryPeek(out var request))
            problems.Add($"the upstream was not asked: {answer.Text}");
        else if (Encoding.UTF8.GetString(request.Body) != expected)
            problems.Add($"not byte for byte: {Encoding.UTF8.GetString(request.Body)}");
        if ((bool?)body["stream"] == true == exchange.Sse is not null && answer.Status == exchange.Status && !answer.Bytes.AsSpan().SequenceEqual(exchange.Sse ?? exchange.ResponseBody))
            problems.Add($"the answer is not byte for byte: {answer.Bytes.Length} instead of {(exchange.Sse ?? exchange.ResponseBody)!.Length}, the first difference at {answer.Bytes.AsSpan().CommonPrefixLength(exchange.Sse ?? exchange.ResponseBody)}");
        lab.Report.Add("request", protocol.Name, protocol.Name, "as recorded", id, problems);

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_means_the_same_in_every_protocol(string id)
    {
        var exchange = Corpus.Get(id);
        await lab.StartAsync();
        var client = WireProtocol.Of(exchange);
        var all = new List<string>();
        foreach (var upstream in WireProtocol.All.Where(p => p != client))
        {
            var problems = await TranslatedAsync(exchange, client, upstream);
            lab.Report.Add("request", upstream.Name, client.Name, "translated", id, problems);
            all.AddRange(problems.Select(problem => $"to {upstream.Name}: {problem}"));
        }

        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    private async Task<List<string>> TranslatedAsync(Exchange exchange, WireProtocol client, WireProtocol upstream)
    {
        var staged = lab.Upstream.Stage(Corpus.All(upstream.Name).First(e => e is { Status: 200, ResponseBody: not null }));
        var body = Recorded(exchange);
        body["model"] = $"{upstream.UpstreamName}/{staged.Model}";
        var answer = await lab.AskAsync(client, body, new Dictionary<string, string> { ["x-trivet-loss"] = "allow" });
        if (KeptByVendor(body) is { } kept)
            return answer.Status == 400 && answer.Text.Contains(kept, StringComparison.Ordinal) ? [] : [$"{kept} cannot be kept elsewhere, and is not refused: {answer.Status} {answer.Text}"];
        if (!staged.Requests.TryPeek(out var request))
            return [$"the upstream was not asked: {answer.Status} {answer.Text}"];
        var sent = JsonNode.Parse(request.Body)!.AsObject();
        var problems = upstream.InvalidRequest(sent).Select(fault => "spec: " + fault).ToList();
        var meant = client.ReadRequest(body);
        foreach (var setting in upstream.KeptByGateway)
            meant.Settings.Remove(setting);
        problems.AddRange(meant.Differences(upstream.ReadRequest(sent), answer.Lost).Select(difference => $"{difference} [lost: {answer.Lost}]"));
        problems.AddRange(Silent(body, sent, answer.Lost).Select(field => $"{field} is lost silently [lost: {answer.Lost}]"));
        return problems;
    }

    // What only the vendor that kept it knows: nothing that could be translated.
    private static string? KeptByVendor(JsonObject body) =>
        ((string[])["previous_response_id", "conversation", "background"]).FirstOrDefault(name => body[name] is { } value && value.ToJsonString() is not ("false" or "null"))
        ?? ((body["input"] as JsonArray)?.Any(item => (string?)item!["type"] == "compaction") == true ? "compaction" : null);

    // A field is either said in the other protocol, where the meaning shows it, or named as lost. What says nothing is not lost: null, empty, the default.
    private static IEnumerable<string> Silent(JsonObject body, JsonObject sent, string lost)
    {
        foreach (var (name, value) in body)
        {
            if (!Said.Contains(name) && value is not (null or JsonArray { Count: 0 } or JsonObject { Count: 0 }) && !IsDefault(name, value) && !lost.Contains(name, StringComparison.Ordinal) && !IsSaid(name, sent))
                yield return name;
        }
    }

    // Under its own name, or Gemini's for the same.
    private static bool IsSaid(string name, JsonObject sent)
    {
        var camel = name == "n" ? "candidateCount" : string.Concat(name.Split('_').Select((word, at) => at == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
        return (sent[name] ?? sent[camel] ?? sent["generationConfig"]?[camel]) is not null;
    }

    private static bool IsDefault(string name, JsonNode value) =>
        (name, value.ToJsonString()) is ("n", "1") or ("logprobs", "false") or ("presence_penalty" or "frequency_penalty", "0" or "0.0") or ("service_tier", "\"auto\"") or ("store", "false");

    private static bool HasRequest(Exchange exchange) => exchange.RequestBody is not null && Recorded(exchange) is { } body && (body["messages"] ?? body["input"] ?? body["contents"]) is not null;

    // Gemini says in the path whether it wants a stream.
    private static JsonObject Recorded(Exchange exchange)
    {
        var body = JsonNode.Parse(exchange.RequestBody)!.AsObject();
        if (exchange.RequestPath.Contains(":streamGenerateContent", StringComparison.Ordinal))
            body["stream"] = true;
        return body;
    }
}
