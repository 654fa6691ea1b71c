using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Requests;

namespace Trivet.Tests.Wire.OpenAIResponses;

/// <summary>Recorded requests read and written again, and what routing needs of them.</summary>
public sealed class RequestTests
{
    private static readonly OpenAIResponsesDialect Rich = new() { HistoryReasoning = ResponsesReasoningHistory.Text };

    public static TheoryData<string> Recorded => Corpus.Ids("openai-responses", e => e.RequestBody is not null);

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_request_keeps_its_meaning(string id)
    {
        var exchange = Corpus.Get(id);
        var expected = JsonMeaning.Parse(exchange.RequestBody).AsObject();
        Normalise(expected);
        Assert.True(OpenAIResponsesRequestReader.TryRead(exchange.RequestBody, out var request, out var error), error?.Message);
        var losses = new LossList();
        JsonMeaning.AssertSame(expected, Write(request!, Rich, losses), exchange.ToString());
        Assert.Equal("", string.Join(", ", losses.Rules.Select(r => r.Field)));
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void What_was_written_reads_the_same(string id)
    {
        Assert.True(OpenAIResponsesRequestReader.TryRead(Corpus.Get(id).RequestBody, out var request, out _));
        var once = Bytes(request!, Rich, new LossList());
        Assert.True(OpenAIResponsesRequestReader.TryRead(once, out var again, out var error), error?.Message);
        Assert.Equal(Encoding.UTF8.GetString(once), Encoding.UTF8.GetString(Bytes(again!, Rich, new LossList())));
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_request_is_scanned(string id)
    {
        var body = Corpus.Get(id).RequestBody!;
        var scan = new RequestScan();
        Assert.True(OpenAIResponsesScan.TryScan(body, scan, out var error), error?.Message);
        var json = JsonMeaning.Parse(body).AsObject();
        Assert.Equal(json["model"]!.GetValue<string>(), scan.Model);
        Assert.Equal(json["stream"]?.GetValue<bool>() ?? false, scan.Stream);
        Assert.Equal(json["input"] is JsonArray items ? items.Count : 1, scan.TurnCount);
        Assert.Equal(json["tools"]?.AsArray().Sum(tool => tool!["tools"]?.AsArray().Count ?? 1) ?? 0, scan.ToolCount);
        Assert.True(scan.InputTokensEstimate > 0);
        Assert.Equal(json.Select(p => p.Key), scan.Fields.Select(f => Encoding.UTF8.GetString(body.AsSpan(f.NameStart + 1, f.NameLength - 2))));
        Assert.All(scan.Fields, f => JsonNode.Parse(body.AsSpan(f.ValueStart, f.ValueLength)));
    }

    [Fact]
    public void The_prefix_stays_the_same_over_turns_and_forms()
    {
        var first = Scan("""{"instructions":"s","input":[{"role":"user","content":"u"}]}""").PrefixHash;
        Assert.Equal(first, Scan("""{"input":[{"content":[{"type":"input_text","text":"u"}],"role":"user"},{"role":"assistant","content":"a"},{"role":"user","content":"v"}],"instructions":"s"}""").PrefixHash);
        Assert.Equal(first, Scan("""{"instructions":"s","input":"u"}""").PrefixHash);
        Assert.NotEqual(first, Scan("""{"instructions":"s","input":"w"}""").PrefixHash);
        Assert.NotEqual(first, Scan("""{"instructions":"t","input":"u"}""").PrefixHash);
    }

    [Theory]
    [InlineData("""{"input":"x"}""", RequestFeatures.None)]
    [InlineData("""{"input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":"required","parallel_tool_calls":false}""", RequestFeatures.Tools | RequestFeatures.ForcedTool | RequestFeatures.SingleToolCall)]
    [InlineData("""{"input":"x","tools":[{"type":"web_search"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[]}}""", RequestFeatures.Tools | RequestFeatures.ServerTools)]
    [InlineData("""{"input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"custom","name":"f"}]}],"tool_choice":{"type":"custom","name":"f"}}""", RequestFeatures.Tools | RequestFeatures.ForcedTool)]
    [InlineData("""{"input":"x","text":{"verbosity":"low","format":{"name":"n","schema":{"type":"json_object"},"type":"json_schema"}},"top_logprobs":3}""", RequestFeatures.JsonSchema | RequestFeatures.LogProbs)]
    [InlineData("""{"input":"x","text":{"format":{"type":"json_object"}},"reasoning":{"effort":"low"}}""", RequestFeatures.JsonObject | RequestFeatures.Reasoning)]
    [InlineData("""{"input":"x","reasoning":{"effort":"none"},"previous_response_id":null,"background":false}""", RequestFeatures.None)]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_image","image_url":"https://x/y"},{"type":"input_file","file_data":"data:application/pdf;base64,QUJD"}]}]}""", RequestFeatures.Images | RequestFeatures.Documents | RequestFeatures.MediaByUrl)]
    [InlineData("""{"input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_file","file_id":"f"}]}]}""", RequestFeatures.Documents | RequestFeatures.VendorState)]
    public void Features_are_seen(string body, RequestFeatures features) => Assert.Equal(features, Scan(body).Features);

    [Theory]
    [InlineData("""{"input":"x","previous_response_id":"resp_1"}""", "previous_response_id")]
    [InlineData("""{"input":"x","conversation":{"id":"conv_1"}}""", "conversation")]
    [InlineData("""{"input":"x","background":true}""", "background")]
    [InlineData("""{"prompt":{"id":"pmpt_1"}}""", "prompt")]
    [InlineData("""{"input":[{"type":"item_reference","id":"msg_1"}]}""", "input[].item_reference")]
    [InlineData("""{"input":[{"type":"compaction","id":"cmp_1","encrypted_content":"x"}]}""", "input[].compaction")]
    [InlineData("""{"input":[{"role":"user","content":"what is an \"item_reference\"?"}]}""", null)]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_file","file_id":"file_1"}]}]}""", null)]
    public void State_that_the_vendor_keeps_is_named(string body, string? field) => Assert.Equal(field, OpenAIResponsesScan.StateOf(Encoding.UTF8.GetBytes(body), Scan(body)));

    [Theory]
    [InlineData("[F,U]", "[U]")]
    [InlineData("[U,F]", "[U]")]
    [InlineData("[U,F,F,U,F]", "[U,U]")]
    [InlineData("[F,F]", "[]")]
    [InlineData("[U,G]", "[U,G]")]
    public void Thoughts_that_Trivet_marked_are_cut_and_legal_JSON_stays(string items, string left)
    {
        string Fill(string form) => $$"""{"input":[{{string.Join(',', form.Trim('[', ']').Split(',', StringSplitOptions.RemoveEmptyEntries).Select(item => item switch
        {
            "F" => $$"""{"type":"reasoning","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"{{ForeignSignature.Make("deepseek")}}"}""",
            "G" => """{"type":"reasoning","summary":[],"encrypted_content":"gAAAAA"}""",
            _ => """{"role":"user","content":"u"}""",
        }))}}]}""";
        var body = Encoding.UTF8.GetBytes(Fill(items));
        var scan = Scan(Fill(items));
        for (var i = scan.ForeignReasoning.Count - 1; i >= 0; i--)
            body = [.. body[..scan.ForeignReasoning[i].Start], .. body[(scan.ForeignReasoning[i].Start + scan.ForeignReasoning[i].Length)..]];
        JsonMeaning.AssertSame(JsonNode.Parse(Fill(left)), JsonNode.Parse(body), items);
    }

    [Theory]
    [InlineData("""{"input":5}""", "input")]
    [InlineData("""{"input":[{"role":"user","content":5}]}""", "input[0].content")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_text"}]}]}""", "input[0].content[0].text")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_image"}]}]}""", "input[0].content[0].image_url")]
    [InlineData("""{"input":[{"role":"wizard","content":"x"}]}""", "input[0].role")]
    [InlineData("""{"input":["a",{"type":"function_call","call_id":"c"}]}""", "input[1].name")]
    [InlineData("""{"input":[{"type":"function_call_output","output":"x"}]}""", "input[0].call_id")]
    [InlineData("""{"input":[],"temperature":"hot"}""", "temperature")]
    [InlineData("""{"input":[],"tools":[{"type":"function"}]}""", "tools[0].name")]
    [InlineData("""{"input":[],"tools":[{"type":"namespace","name":"n","tools":[{"type":"function"}]}]}""", "tools[0].tools[0].name")]
    [InlineData("""{"input":[],"tool_choice":"sometimes"}""", "tool_choice")]
    [InlineData("""{"input":[],"text":{"format":{"type":"xml"}}}""", "text.format.type")]
    [InlineData("""{"model":"m"}""", "input")]
    public void A_fault_is_named_by_its_path(string body, string path)
    {
        Assert.False(OpenAIResponsesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out _, out var error));
        Assert.Equal((path, ErrorClass.InvalidRequest), (error!.Param, error.Class));
        Assert.StartsWith(path + ":", error.Message);
    }

    [Fact]
    public void Mutated_requests_never_throw()
    {
        var seeds = Corpus.All("openai-responses").Where(e => e.RequestBody is { Length: < 20_000 }).Select(e => e.RequestBody!).ToList();
        var random = new Random(7);
        var scan = new RequestScan();
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var body = seeds[random.Next(seeds.Count)].ToArray();
            for (var n = random.Next(1, 5); n > 0; n--)
                body[random.Next(body.Length)] = (byte)"\"{}[],:0ntu\\\u0080x"[random.Next(14)];
            scan.Reset();
            if (OpenAIResponsesScan.TryScan(body, scan, out _))
                OpenAIResponsesScan.StateOf(body, scan);
            if (!OpenAIResponsesRequestReader.TryRead(body, out var request, out _))
                continue;
            read++;
            JsonMeaning.Parse(Bytes(request!, i % 2 == 0 ? Rich : Poor, new LossList()));
        }

        Assert.True(read > 1000);
    }

    internal static OpenAIResponsesDialect Poor { get; } = new()
    {
        EncryptedContent = false,
        Store = false,
        EffortWords = [],
        ReasoningSummary = false,
        StructuredOutput = ResponsesStructuredOutput.None,
        DeveloperRole = false,
        SystemAnywhere = false,
        ToolChoiceNamed = false,
        ToolChoiceRequired = false,
        AllowedTools = false,
        ParallelToolCalls = false,
        StrictTools = false,
        CustomTools = false,
        NamespaceTools = false,
        Images = false,
        Documents = false,
        ToolResultMedia = false,
    };

    internal static RequestScan Scan(string body)
    {
        var scan = new RequestScan();
        Assert.True(OpenAIResponsesScan.TryScan(Encoding.UTF8.GetBytes(body), scan, out var error), error?.Message);
        return scan;
    }

    internal static CanonicalRequest Read(string body)
    {
        Assert.True(OpenAIResponsesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request, out var error), error?.Message);
        return request!;
    }

    internal static JsonObject Write(CanonicalRequest request, OpenAIResponsesDialect dialect, LossList losses) => JsonMeaning.Parse(Bytes(request, dialect, losses)).AsObject();

    internal static byte[] Bytes(CanonicalRequest request, OpenAIResponsesDialect dialect, LossList losses)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenAIResponsesRequestWriter.Write(request, dialect, request.Model, output, losses);
        return output.WrittenSpan.ToArray();
    }

    // What the reader's documentation says it normalises, done by hand.
    private static void Normalise(JsonObject body)
    {
        if (body["input"] is JsonValue text)
            body["input"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text.DeepClone() });
        var items = new JsonArray();
        foreach (var item in body["input"]!.AsArray())
            Normalise(item!.DeepClone().AsObject(), items);
        if (items.Count > 1 && items[0]!["role"]?.GetValue<string>() == "system" && body["instructions"] is null)
        {
            body["instructions"] = items[0]!["content"]!.DeepClone();
            items.RemoveAt(0);
        }

        body["input"] = items;
        var include = body["include"]?.AsArray() ?? [];
        body["include"] = new JsonArray([JsonValue.Create("reasoning.encrypted_content"), .. include.Where(i => i!.GetValue<string>() != "reasoning.encrypted_content").Select(i => i!.DeepClone())]);
        body["store"] ??= false;
        if (body["stream"]?.GetValue<bool>() == false)
            body.Remove("stream");
        if (body["reasoning"]?["generate_summary"] is { } summary)
        {
            body["reasoning"]!["summary"] = summary.DeepClone();
            body["reasoning"]!.AsObject().Remove("generate_summary");
        }
    }

    private static void Normalise(JsonObject item, JsonArray items)
    {
        var type = item["type"]?.GetValue<string>() ?? "message";
        item["type"] = type;
        if (type is "message" or "function_call" or "function_call_output" || type == "reasoning" && item["encrypted_content"] is not null)
            item.Remove("id");
        if (type is "message")
            item.Remove("status");
        if (type == "reasoning" && item["content"] is JsonArray { Count: > 0 })
            item["summary"] = new JsonArray();
        if (type == "message" && item["role"]!.GetValue<string>() == "assistant" && item["content"] is JsonArray parts)
        {
            foreach (var part in parts.Where(part => part!["text"]!.GetValue<string>().Length > 0))
            {
                var message = item.DeepClone().AsObject();
                message["content"] = part!["text"]!.DeepClone();
                items.Add(message);
            }

            return;
        }

        foreach (var part in item["content"] as JsonArray ?? [])
        {
            if (part!["type"]?.GetValue<string>() == "input_image")
                part["detail"] ??= "auto";
        }

        items.Add(item);
    }
}
