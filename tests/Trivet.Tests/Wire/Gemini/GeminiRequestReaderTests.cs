using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini.Requests;
using Trivet.Wire.Json;
using static Trivet.Tests.Wire.Gemini.GeminiRequests;

namespace Trivet.Tests.Wire.Gemini;

public sealed class GeminiRequestReaderTests
{
    [Theory]
    [InlineData("""{}""", "contents")]
    [InlineData("""{"contents":"x"}""", "contents")]
    [InlineData("""{"contents":[1]}""", "contents[0]")]
    [InlineData("""{"contents":[{"role":"robot","parts":[]}]}""", "contents[0].role")]
    [InlineData("""{"contents":[{"parts":[1]}]}""", "contents[0].parts[0]")]
    [InlineData("""{"contents":[{"parts":[{}]}]}""", "contents[0].parts[0]")]
    [InlineData("""{"contents":[{"parts":[{"text":1}]}]}""", "contents[0].parts[0]")]
    [InlineData("""{"contents":[{"parts":[{"functionCall":{}}]}]}""", "contents[0].parts[0]")]
    [InlineData("""{"contents":[{"parts":[{"fileData":{}}]}]}""", "contents[0].parts[0]")]
    [InlineData("""{"contents":[],"systemInstruction":1}""", "systemInstruction")]
    [InlineData("""{"contents":[],"tools":[{"functionDeclarations":[{"description":"x"}]}]}""", "tools[0].functionDeclarations[0].name")]
    [InlineData("""{"contents":[],"tools":7}""", "tools")]
    public void A_bad_request_is_refused_with_the_path_of_the_fault(string body, string path)
    {
        Assert.False(GeminiRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request, out var error));
        Assert.Null(request);
        Assert.Equal(path, error!.Param);
        Assert.StartsWith(path + ":", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"contents\":[]}x")]
    public void What_is_no_json_object_is_refused_by_reader_and_scan(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Assert.False(GeminiRequestReader.TryRead(bytes, out _, out var error));
        Assert.Equal(ErrorClass.InvalidRequest, error!.Class);
        Assert.False(GeminiScan.TryScan(bytes, new RequestScan(), out error));
        Assert.Equal(ErrorClass.InvalidRequest, error!.Class);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        var body = Encoding.UTF8.GetBytes("{\"contents\":" + new string('[', 100_000));
        Assert.False(GeminiRequestReader.TryRead(body, out _, out _));
        Assert.False(GeminiScan.TryScan(body, new RequestScan(), out _));
    }

    [Fact]
    public void Both_spellings_of_names_are_read_even_in_one_body()
    {
        var request = Read("""
            {"contents":[{"role":"user","parts":[{"inline_data":{"mime_type":"image/png","data":"AAAA"}},{"inlineData":{"mimeType":"image/png","data":"BBBB"}}]},
            {"role":"model","parts":[{"function_call":{"name":"f","args":{}},"thought_signature":"c2ln"}]},{"role":"user","parts":[{"function_response":{"name":"f","response":{"result":"ok"}}}]}],
            "system_instruction":{"parts":[{"text":"s"}]},"generation_config":{"max_output_tokens":7,"stop_sequences":["x"],"topP":0.5},
            "tools":{"function_declarations":[{"name":"f","parameters_json_schema":{"type":"object"}}]},"tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["f"]}}}
            """);

        Assert.Equal([Role.System, Role.User, Role.Assistant, Role.User], request.Turns.Select(turn => turn.Role));
        Assert.Equal(["AAAA", "BBBB"], request.Turns[1].Blocks.Cast<MediaBlock>().Select(media => media.Data.ToString()));
        Assert.Equal("c2ln", request.Turns[2].Blocks[0].ThoughtSignature.ToString());
        Assert.Equal((7L, 0.5, 1), (request.MaxOutputTokens, request.Sampling.TopP, request.StopSequences.Count));
        Assert.Equal((ToolChoiceMode.Named, "f"), (request.ToolChoice!.Mode, request.ToolChoice.Name.ToString()));
        Assert.Equal("""{"type":"object"}""", request.Tools.Single().Parameters.ToString());
    }

    [Fact]
    public void Calls_without_ids_get_the_same_ones_each_time_and_results_are_paired_by_name_and_order()
    {
        const string body = """
            {"contents":[{"parts":[{"text":"go"}]},
            {"role":"model","parts":[{"functionCall":{"name":"a","args":{"n":1}}},{"functionCall":{"name":"b"}},{"functionCall":{"name":"a","args":{"n":2}}}]},
            {"role":"function","parts":[{"functionResponse":{"name":"b","response":{"result":"B"}}},{"functionResponse":{"name":"a","response":{"result":"A1"}}},{"functionResponse":{"name":"a","response":{"result":"A2"}}}]}]}
            """;
        var request = Read(body);
        var calls = request.Turns[1].Blocks.Cast<ToolCallBlock>().ToList();
        var results = request.Turns[2].Blocks.Cast<ToolResultBlock>().ToList();

        Assert.Equal(3, calls.Select(call => call.Id.ToString()).Distinct().Count());
        Assert.Equal([calls[1].Id, calls[0].Id, calls[2].Id], results.Select(result => result.CallId));
        Assert.Equal(calls.Select(call => call.Id), Read(body).Turns[1].Blocks.Cast<ToolCallBlock>().Select(call => call.Id));
    }

    [Fact]
    public void Ids_that_the_client_gave_are_kept_and_pair_whatever_the_order()
    {
        var request = Read("""
            {"contents":[{"parts":[{"text":"go"}]},{"role":"model","parts":[{"functionCall":{"id":"x","name":"a"}},{"functionCall":{"id":"y","name":"a"}}]},
            {"parts":[{"functionResponse":{"id":"y","name":"a","response":{"output":"Y"}}},{"functionResponse":{"id":"x","name":"a","response":{"output":"X"}}}]}]}
            """);
        Assert.Equal(["y", "x"], request.Turns[2].Blocks.Cast<ToolResultBlock>().Select(result => result.CallId.ToString()));
    }

    [Fact]
    public void A_thought_is_a_thought_and_a_signature_stays_on_its_part_also_on_an_empty_text()
    {
        var request = Read("""{"contents":[{"role":"model","parts":[{"text":"hm","thought":true,"thoughtSignature":"QQ=="},{"text":"hi"},{"text":"","thoughtSignature":"Qg=="},{"thoughtSignature":"Qw=="}]}]}""");
        var blocks = request.Turns[0].Blocks;

        Assert.Equal("hm", Assert.IsType<ReasoningBlock>(blocks[0]).Text.ToString());
        Assert.Equal(["QQ==", "", "Qg==", "Qw=="], blocks.Select(block => block.ThoughtSignature.ToString()));
        Assert.Equal(["hi", "", ""], blocks.OfType<TextBlock>().Select(text => text.Text.ToString()));
    }

    [Theory]
    [InlineData("""{"result":"ok"}""", "ok", null)]
    [InlineData("""{"output":"ok"}""", "ok", null)]
    [InlineData("""{"error":"bad"}""", "bad", true)]
    [InlineData("""{"error":{"code":1}}""", """{"error":{"code":1}}""", true)]
    [InlineData("""{"a":1,"b":"x"}""", """{"a":1,"b":"x"}""", null)]
    [InlineData("""{"output":["x"]}""", """{"output":["x"]}""", null)]
    public void A_response_object_becomes_text_and_one_with_an_error_a_failure(string response, string text, bool? isError)
    {
        var request = Read("""{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"parts":[{"functionResponse":{"name":"f","response":RESPONSE}}]}]}""".Replace("RESPONSE", response, StringComparison.Ordinal));
        var result = Assert.IsType<ToolResultBlock>(request.Turns[1].Blocks.Single());

        Assert.Equal(text, Assert.IsType<TextBlock>(result.Content.Single()).Text.ToString());
        Assert.Equal(isError, result.IsError);
    }

    [Fact]
    public void Code_that_google_ran_is_readable_elsewhere_and_whole_here()
    {
        const string body = """{"contents":[{"role":"model","parts":[{"executableCode":{"language":"PYTHON","code":"print(1)"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1\n"}}]}]}""";
        var request = Read(body);

        Assert.Contains("print(1)", WriteChat(request)["messages"]!.ToJsonString(), StringComparison.Ordinal);
        AssertJson("""[{"executableCode":{"language":"PYTHON","code":"print(1)"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1\n"}}]""", Write(request, new LossList())["contents"]![0]!["parts"]);
    }

    [Fact]
    public void An_openapi_schema_becomes_a_json_schema()
    {
        var request = Read("""
            {"contents":[],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","propertyOrdering":["type","n"],"required":["type"],"properties":{
            "type":{"type":"STRING","format":"enum","enum":["OBJECT"],"nullable":true},"n":{"type":"ARRAY","minItems":"1","items":{"any_of":[{"type":"INTEGER"},{"type":"NULL"}]}}}}}]}]}
            """);
        AssertJson("""
            {"type":"object","required":["type"],"properties":{"type":{"type":["string","null"],"enum":["OBJECT",null]},"n":{"type":"array","minItems":1,"items":{"anyOf":[{"type":"integer"},{"type":"null"}]}}}}
            """, JsonNode.Parse(request.Tools.Single().Parameters.ToString()));
    }

    [Fact]
    public void A_json_schema_stays_as_it_stands_and_one_in_capitals_is_lowered()
    {
        var request = Read("""{"contents":[],"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"OBJECT","properties":{"a":{"type":"STRING"}}}},"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object", "additionalProperties":false}}]}]}""");

        Assert.Equal("""{"type":"object","properties":{"a":{"type":"string"}}}""", request.OutputFormat!.Schema.ToString());
        Assert.Equal("""{"type":"object", "additionalProperties":false}""", request.Tools.Single().Parameters.ToString());
    }

    [Theory]
    [InlineData("""{"thinkingBudget":0}""", ReasoningMode.Disabled, null, null)]
    [InlineData("""{"thinkingBudget":-1}""", ReasoningMode.Adaptive, null, null)]
    [InlineData("""{"thinkingBudget":"2048"}""", ReasoningMode.Enabled, 2048L, null)]
    [InlineData("""{"thinkingLevel":"HIGH","includeThoughts":true}""", ReasoningMode.Unspecified, null, "high")]
    public void Thinking_is_read_from_budget_or_level(string config, ReasoningMode mode, long? budget, string? effort)
    {
        var reasoning = Read("{\"contents\":[],\"generationConfig\":{\"thinkingConfig\":" + config + "}}").Reasoning!;
        Assert.Equal((mode, budget, effort), (reasoning.Mode, reasoning.BudgetTokens, reasoning.Effort));
    }

    [Fact]
    public void Tools_of_google_itself_are_server_tools_and_one_object_may_stand_for_a_list()
    {
        var request = Read("""{"contents":{"parts":{"text":"x"}},"tools":[{"google_search":{},"functionDeclarations":[{"name":"f"}]},{"codeExecution":{}}]}""");

        Assert.Equal([("", ToolKind.Server), ("f", ToolKind.Function), ("", ToolKind.Server)], request.Tools.Select(tool => (tool.Name.ToString(), tool.Kind)));
        Assert.Equal("googleSearch", request.Tools[0].Type);
        Assert.Equal("x", ((TextBlock)request.Turns.Single().Blocks.Single()).Text.ToString());
    }

    [Fact]
    public void Files_of_googles_own_store_are_ids_and_others_are_addresses()
    {
        var request = Read("""
            {"contents":[{"parts":[{"fileData":{"fileUri":"gs://b/o.pdf","mimeType":"application/pdf"}},{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/x"}},
            {"fileData":{"fileUri":"https://www.youtube.com/watch?v=1"}},{"fileData":{"fileUri":"https://example.com/a.png"},"mediaResolution":{"level":"LOW"}}]}]}
            """);
        var media = request.Turns[0].Blocks.Cast<MediaBlock>().ToList();

        Assert.Equal([false, false, true, true], media.Select(one => one.FileId.IsEmpty));
        Assert.Equal([MediaKind.Document, MediaKind.Video, MediaKind.Image], [media[0].Kind, media[2].Kind, media[3].Kind]);
        Assert.Equal("mediaResolution", media[3].Extra!.Single().Name);
        Assert.True(Scan("""{"contents":[{"parts":[{"fileData":{"fileUri":"gs://b/o.pdf"}}]}]}""").Features.HasFlag(RequestFeatures.VendorState));
    }

    [Fact]
    public void A_count_request_may_hold_its_contents_one_level_deeper()
    {
        const string body = """{"generateContentRequest":{"model":"models/m","contents":[{"parts":[{"text":"hello"}]}],"tools":[{"functionDeclarations":[{"name":"f"}]}]}}""";

        Assert.Equal("hello", ((TextBlock)Read(body).Turns[0].Blocks[0]).Text.ToString());
        Assert.Equal((1, 1), (Scan(body).TurnCount, Scan(body).ToolCount));
    }

    [Fact]
    public void The_scan_tells_what_a_request_needs()
    {
        var scan = Scan("""
            {"contents":[{"parts":[{"text":"x"},{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}}]}],"tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]},{"googleSearch":{}}],
            "toolConfig":{"functionCallingConfig":{"mode":"ANY"}},"generationConfig":{"maxOutputTokens":9,"stopSequences":["a"],"candidateCount":2,"responseLogprobs":true,"thinkingConfig":{"thinkingBudget":100},"responseMimeType":"application/json"}}
            """);

        Assert.Equal(
            RequestFeatures.Audio | RequestFeatures.Tools | RequestFeatures.ServerTools | RequestFeatures.ForcedTool | RequestFeatures.StopSequences | RequestFeatures.SeveralChoices | RequestFeatures.LogProbs
                | RequestFeatures.Reasoning | RequestFeatures.JsonObject,
            scan.Features);
        Assert.Equal((3, 9L, "", false), (scan.ToolCount, scan.MaxOutputTokens, scan.Model, scan.Stream));
    }

    [Fact]
    public void The_scan_knows_a_conversation_again_when_it_has_grown()
    {
        const string start = """{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"hello"}]}""";

        var first = Scan(start + "]}").PrefixHash;
        Assert.Equal(first, Scan(start + ""","x":1,{"role":"model","parts":[{"text":"hi"}]},{"role":"user","parts":[{"text":"more"}]}]}""".Replace(",\"x\":1", "", StringComparison.Ordinal)).PrefixHash);
        Assert.NotEqual(first, Scan("""{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"other"}]}]}""").PrefixHash);
        Assert.NotEqual(first, Scan("""{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}""").PrefixHash);
    }

    [Theory]
    [InlineData("""{"text":"a","thoughtSignature":"trivetV1eyJ2IjoieCJ9"}""", """{"text":"a"}""")]
    [InlineData("""{"thoughtSignature" : "trivetV1eyJ2IjoieCJ9" , "text":"a"}""", """{ "text":"a"}""")]
    [InlineData("""{"text":"a","thoughtSignature":"QQ=="}""", """{"text":"a","thoughtSignature":"QQ=="}""")]
    public void Signatures_that_trivet_made_are_left_out_of_a_body_that_passes_through(string part, string left)
    {
        var body = $$"""{"contents":[{"role":"model","parts":[{{part}}]}]}""";
        var edited = body;
        foreach (var (start, length) in Enumerable.Reverse(Scan(body).ForeignReasoning))
            edited = edited.Remove(start, length);
        Assert.Equal($$"""{"contents":[{"role":"model","parts":[{{left}}]}]}""", edited);
    }
}
