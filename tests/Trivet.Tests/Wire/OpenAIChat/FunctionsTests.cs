using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.CrossProtocol;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIChat.Streams;

namespace Trivet.Tests.Wire.OpenAIChat;

/// <summary>Clients that offer <c>functions</c> read <c>function_call</c> and nothing else, whoever answers.</summary>
public sealed class FunctionsTests
{
    private const string Functions = """
        {"model":"m","messages":[{"role":"user","content":"Weather?"}],"functions":[{"name":"weather","description":"d","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}],"function_call":"auto"}
        """;

    private const string Both = """{"model":"m","messages":[],"functions":[{"name":"weather"}],"tools":[{"type":"function","function":{"name":"weather"}}]}""";

    public static TheoryData<string, string> Calls => new()
    {
        { nameof(Protocol.OpenAIChat), """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bern\"}"}}]},"finish_reason":"tool_calls"}]}""" },
        { nameof(Protocol.AnthropicMessages), """{"id":"m","type":"message","content":[{"type":"tool_use","id":"t1","name":"weather","input":{"city":"Bern"}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}""" },
        { nameof(Protocol.OpenAIResponses), """{"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":"function_call","id":"fc_1","call_id":"call_1","name":"weather","arguments":"{\"city\":\"Bern\"}","status":"completed"}]}""" },
        { nameof(Protocol.Gemini), """{"responseId":"r","candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Bern"}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]}""" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_is_a_function_call_whole_and_streamed(string protocol, string body)
    {
        var response = WireDoor.Of(Enum.Parse<Protocol>(protocol)).ReadResponse(Encoding.UTF8.GetBytes(body));
        var losses = new LossList();
        foreach (var (message, reason) in Told(response, Functions, losses))
        {
            Assert.Equal(("weather", """{"city":"Bern"}"""), ((string?)message["function_call"]!["name"], ((string?)message["function_call"]!["arguments"])!.Replace(" ", "", StringComparison.Ordinal)));
            Assert.Null(message["tool_calls"]);
            Assert.Equal("function_call", reason);
        }

        Assert.Empty(losses.ToString());
    }

    [Fact]
    public void Of_several_calls_the_first_goes_on_and_the_others_are_named()
    {
        var response = WireDoor.Messages.ReadResponse("""{"id":"m","type":"message","content":[{"type":"tool_use","id":"t1","name":"weather","input":{}},{"type":"tool_use","id":"t2","name":"clock","input":{"zone":"CET"}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}"""u8.ToArray());
        var losses = new LossList();
        foreach (var (message, reason) in Told(response, Functions, losses))
        {
            Assert.Equal(("weather", "{}"), ((string?)message["function_call"]!["name"], (string?)message["function_call"]!["arguments"]));
            Assert.Equal("function_call", reason);
        }

        Assert.Equal("function_call (further)", losses.ToString());
    }

    [Fact]
    public void A_text_ends_with_stop_and_a_call_at_the_limit_with_length()
    {
        foreach (var (message, reason) in Told(WireDoor.Messages.ReadResponse("""{"id":"m","type":"message","content":[{"type":"text","text":"Sunny."}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"""u8.ToArray()), Functions, new LossList()))
            Assert.Equal(("Sunny.", "stop", null), ((string?)message["content"], reason, message["function_call"]));
        foreach (var (message, reason) in Told(WireDoor.Chat.ReadResponse("""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":"}}]},"finish_reason":"length"}]}"""u8.ToArray()), Functions, new LossList()))
            Assert.Equal(("{\"city\":", "length"), ((string?)message["function_call"]!["arguments"], reason));
    }

    [Fact]
    public void Who_offers_tools_as_well_reads_tool_calls()
    {
        var response = WireDoor.Chat.ReadResponse(Encoding.UTF8.GetBytes(Calls.First().Data.Item2));
        foreach (var (message, reason) in Told(response, Both, new LossList()))
        {
            Assert.Null(message["function_call"]);
            Assert.Equal(("call_1", "tool_calls"), ((string?)message["tool_calls"]![0]!["id"], reason));
        }
    }

    [Fact]
    public void Functions_are_tools_of_the_client_whatever_their_schemas_say()
    {
        Assert.Equal(RequestFeatures.Tools, Scan(Functions).Scan.Features);
        Assert.Equal(RequestFeatures.Tools | RequestFeatures.ForcedTool, Scan(Functions.Replace("\"auto\"", """{"name":"weather"}""", StringComparison.Ordinal)).Scan.Features);
    }

    [Fact]
    public void A_function_in_the_history_is_a_call_and_its_result_in_every_protocol()
    {
        var body = """
            {"model":"m","functions":[{"name":"weather","parameters":{"type":"object","properties":{}}}],"messages":[{"role":"user","content":"Weather?"},
            {"role":"assistant","content":null,"function_call":{"name":"weather","arguments":"{\"city\":\"Bern\"}"}},{"role":"function","name":"weather","content":"Sunny."},
            {"role":"assistant","content":null,"function_call":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}},{"role":"function","name":"weather","content":"Rain."}]}
            """u8.ToArray();
        foreach (var door in WireDoor.All)
        {
            var losses = new LossList();
            var told = door.Through(WireDoor.Chat.ReadRequest(body), losses);
            var calls = told.Turns.SelectMany(turn => turn.Blocks.OfType<ToolCallBlock>()).ToList();
            var results = told.Turns.SelectMany(turn => turn.Blocks.OfType<ToolResultBlock>()).ToList();
            Assert.Equal(["weather", "weather"], calls.Select(call => call.Name.ToString()));
            Assert.Equal(calls.Select(call => call.Id.ToString()), results.Select(result => result.CallId.ToString()));
            Assert.Equal(["Sunny.", "Rain."], results.Select(result => Assert.IsType<TextBlock>(Assert.Single(result.Content)).Text.ToString()));
            Assert.Empty(losses.ToString());
        }
    }

    private static RequestEcho Scan(string request)
    {
        var (body, scan) = (Encoding.UTF8.GetBytes(request), new RequestScan());
        Assert.True(OpenAIChatScan.TryScan(body, scan, out var error), error?.Message);
        return new RequestEcho(body, scan);
    }

    // The message of a whole answer, and the one that a client makes of the stream.
    private static IEnumerable<(JsonObject Message, string? Reason)> Told(CanonicalResponse response, string request, LossList losses)
    {
        var options = StreamReaderTests.Options with { IncludeUsage = false, RequestEcho = Scan(request) };
        var output = new ArrayBufferWriter<byte>();
        OpenAIChatResponseWriter.Write(response, options, output, losses);
        var choice = JsonNode.Parse(output.WrittenSpan)!["choices"]![0]!;
        yield return (choice["message"]!.AsObject(), (string?)choice["finish_reason"]);

        output.Clear();
        ResponsePlayer.Play(response, new OpenAIChatStreamWriter(output, options, losses));
        OpenAIChatLegality.Check(output.WrittenSpan, false);
        yield return Collected(Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private static (JsonObject Message, string? Reason) Collected(string stream)
    {
        var (message, reason) = (new JsonObject(), (string?)null);
        foreach (var line in stream.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)))
        {
            var choice = JsonNode.Parse(line[6..])!["choices"]![0]!;
            reason = (string?)choice["finish_reason"] ?? reason;
            Merge(message, choice["delta"]!.AsObject());
        }

        return (message, reason);
    }

    // As the clients of that time do: strings are joined, objects merged.
    private static void Merge(JsonObject target, JsonObject delta)
    {
        foreach (var (name, value) in delta)
        {
            if (value is JsonObject inner && target[name] is JsonObject known)
                Merge(known, inner);
            else if (value is JsonValue && target[name] is JsonValue text && name != "role")
                target[name] = (string?)text + (string?)value;
            else if (value is not JsonArray || target[name] is not JsonArray)
                target[name] = value?.DeepClone();
        }
    }
}
