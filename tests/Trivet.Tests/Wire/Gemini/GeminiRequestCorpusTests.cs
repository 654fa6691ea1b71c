using System.Text.Json.Nodes;
using Trivet.Tests.Specs;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Requests;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Wire.Gemini;

public sealed class GeminiRequestCorpusTests
{
    // Objects that are the client's own: their names are not the protocol's.
    private static readonly string[] Foreign = ["args", "response", "parametersJsonSchema", "responseJsonSchema", "parameters", "responseSchema", "modelArmorConfig", "fileSearch", "labels"];

    public static TheoryData<string> RequestIds { get; } = Corpus.Ids("gemini", e => e.RequestBody is not null);

    public static TheoryData<string> ChatIds { get; } = Corpus.Ids("openai-chat", e => e.RequestBody is not null);

    public static TheoryData<string> MessagesIds { get; } = Corpus.Ids("anthropic-messages", e => e.RequestBody is not null);

    [Theory]
    [MemberData(nameof(RequestIds))]
    public void A_recorded_request_read_and_written_is_equal_in_meaning_and_loses_nothing(string id)
    {
        var body = Corpus.Get(id).RequestBody!;
        Assert.True(GeminiRequestReader.TryRead(body, out var request, out var error), error?.Message);
        var losses = new LossList();
        var written = GeminiRequests.Write(request!, losses);

        Assert.True(losses.IsEmpty, losses.ToString());
        JsonMeaning.AssertSame(Normal(JsonNode.Parse(body)!.AsObject()), Normal(written), id);
    }

    [Theory]
    [MemberData(nameof(RequestIds))]
    public void A_recorded_request_scans_to_what_the_reader_reads(string id)
    {
        var body = Corpus.Get(id).RequestBody!;
        var scan = new RequestScan();
        Assert.True(GeminiScan.TryScan(body, scan, out var error), error?.Message);
        Assert.True(GeminiRequestReader.TryRead(body, out var request, out _));

        Assert.Equal(request!.Tools.Count, scan.ToolCount);
        Assert.Equal(request.MaxOutputTokens, scan.MaxOutputTokens);
        Assert.Equal(request.Turns.Count(turn => turn.Role != Role.System), scan.TurnCount);
        Assert.Equal(request.StopSequences.Count > 0, scan.Features.HasFlag(RequestFeatures.StopSequences));
        Assert.Equal(request.OutputFormat?.Kind == OutputFormatKind.JsonSchema, scan.Features.HasFlag(RequestFeatures.JsonSchema));
        Assert.NotEqual(0UL, scan.PrefixHash);
        Assert.True(scan.InputTokensEstimate > 0);
    }

    [Theory]
    [MemberData(nameof(ChatIds))]
    public void A_recorded_chat_request_becomes_a_legal_one(string id)
    {
        if (OpenAIChatRequestReader.TryRead(Corpus.Get(id).RequestBody!, out var request, out _))
            AssertLegal(request!);
    }

    [Theory]
    [MemberData(nameof(MessagesIds))]
    public void A_recorded_messages_request_becomes_a_legal_one(string id)
    {
        if (AnthropicMessagesRequestReader.TryRead(Corpus.Get(id).RequestBody!, out var request, out _))
            AssertLegal(request!);
    }

    private static void AssertLegal(CanonicalRequest request)
    {
        foreach (var dialect in new[] { GeminiDialect.Default, GeminiDialect.Default with { AcceptsParametersJsonSchema = false, AcceptsResponseJsonSchema = false, AcceptsCallIds = false, Thinking = GeminiThinkingStyle.Level } })
        {
            var written = GeminiRequests.Write(request, new LossList(), dialect);
            Assert.Empty(VendorSpec.Gemini.Validate("GenerateContentRequest", written));
            Assert.Empty(GeminiRequestLegality.Violations(written));
            var text = written.ToJsonString();
            Assert.True(GeminiRequestReader.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out _, out var error), error?.Message);
        }
    }

    // One spelling, one tool per declaration, roles said, neighbours of one role together.
    private static JsonObject Normal(JsonObject body)
    {
        var normal = (JsonObject)Camel(body, isForeign: false)!;
        (normal["systemInstruction"] as JsonObject)?.Remove("role");
        normal["contents"] = Merged(normal["contents"]!);
        if (normal["tools"] is { } tools)
            normal["tools"] = Flat(tools);
        if (normal["generationConfig"]?["thinkingConfig"]?["thinkingLevel"] is JsonValue level)
            normal["generationConfig"]!["thinkingConfig"]!["thinkingLevel"] = level.GetValue<string>().ToUpperInvariant();
        if (normal["generationConfig"] is JsonObject { Count: 0 })
            normal.Remove("generationConfig");
        return normal;
    }

    private static JsonArray Merged(JsonNode contents)
    {
        var merged = new JsonArray();
        foreach (var content in contents.AsArray())
        {
            var role = (string?)content!["role"] is "model" ? "model" : "user";
            if (merged.Count == 0 || (string?)merged[^1]!["role"] != role)
                merged.Add(new JsonObject { ["role"] = role, ["parts"] = new JsonArray() });
            foreach (var part in content["parts"]!.AsArray())
                merged[^1]!["parts"]!.AsArray().Add(part!.DeepClone());
        }

        return merged;
    }

    private static JsonArray Flat(JsonNode tools)
    {
        var (functions, others) = (new JsonArray(), new JsonArray());
        foreach (var tool in tools is JsonArray many ? many.ToArray() : [tools])
        {
            foreach (var (name, value) in tool!.AsObject())
            {
                if (name != "functionDeclarations")
                    others.Add(new JsonObject { [name] = value?.DeepClone() });
                else
                    value!.AsArray().ToList().ForEach(function => functions.Add(function!.DeepClone()));
            }
        }

        return [functions, others];
    }

    private static JsonNode? Camel(JsonNode? node, bool isForeign)
    {
        if (node is JsonArray items)
            return new JsonArray([.. items.Select(item => Camel(item, isForeign))]);
        if (node is not JsonObject fields)
            return node?.DeepClone();
        var camel = new JsonObject();
        foreach (var (name, value) in fields)
        {
            var words = name.Split('_');
            var key = isForeign ? name : words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
            camel[key] = Camel(value, isForeign || Foreign.Contains(key));
        }

        return camel;
    }
}
