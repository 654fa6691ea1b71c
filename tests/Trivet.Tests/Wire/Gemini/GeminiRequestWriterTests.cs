using System.Text.Json.Nodes;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini;
using Trivet.Wire.Json;
using static Trivet.Tests.Wire.Gemini.GeminiRequests;

namespace Trivet.Tests.Wire.Gemini;

public sealed class GeminiRequestWriterTests
{
    private static readonly GeminiDialect Levels = GeminiDialect.Default with { Thinking = GeminiThinkingStyle.Level, ThinkingLevels = ["low", "high"], CanDisableThinking = false };

    private readonly LossList _losses = new();

    [Fact]
    public void Instructions_are_hoisted_and_those_in_the_middle_are_reported()
    {
        var written = Write(ReadChat("""{"model":"m","messages":[{"role":"system","content":"a"},{"role":"user","content":"u"},{"role":"system","content":"b"},{"role":"user","content":"v"}]}"""), _losses);

        AssertJson("""{"parts":[{"text":"a"},{"text":"b"}]}""", written["systemInstruction"]);
        AssertJson("""[{"role":"user","parts":[{"text":"u"},{"text":"v"}]}]""", written["contents"]);
        Assert.Equal([GeminiLosses.SystemInConversation], _losses.Rules);
    }

    [Fact]
    public void Results_follow_their_calls_in_the_same_order_under_the_calls_names()
    {
        var written = Write(ReadChat("""
            {"model":"m","messages":[{"role":"user","content":"u"},{"role":"assistant","content":null,"tool_calls":[
            {"id":"c1","type":"function","function":{"name":"a","arguments":"{\"x\":1}"}},{"id":"c2","type":"function","function":{"name":"b","arguments":""}}]},
            {"role":"tool","tool_call_id":"c2","content":"{\"rows\":[1]}"},{"role":"tool","tool_call_id":"c1","content":"plain"},{"role":"user","content":"next"}]}
            """), _losses, GeminiDialect.Default with { DummySignature = null });

        AssertJson("""
            [{"role":"user","parts":[{"text":"u"}]},
            {"role":"model","parts":[{"functionCall":{"id":"c1","name":"a","args":{"x":1}}},{"functionCall":{"id":"c2","name":"b","args":{}}}]},
            {"role":"user","parts":[{"functionResponse":{"id":"c1","name":"a","response":{"result":"plain"}}},{"functionResponse":{"id":"c2","name":"b","response":{"rows":[1]}}},{"text":"next"}]}]
            """, written["contents"]);
        Assert.True(_losses.IsEmpty, _losses.ToString());
    }

    [Fact]
    public void The_first_call_of_a_turn_without_a_signature_carries_the_documented_word()
    {
        const string body = """
            {"model":"m","messages":[{"role":"user","content":"u"},{"role":"assistant","content":null,"tool_calls":[
            {"id":"c1","type":"function","function":{"name":"a","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"b","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2","content":"2"}]}
            """;
        var parts = Write(ReadChat(body), _losses)["contents"]![1]!["parts"]!;
        Assert.Equal(["skip_thought_signature_validator", null], parts.AsArray().Select(part => (string?)part!["thoughtSignature"]));

        var request = ReadChat(body);
        request.Turns[1].Blocks[0].ThoughtSignature = "QQ==";
        Assert.Equal(["QQ==", null], Write(request, _losses)["contents"]![1]!["parts"]!.AsArray().Select(part => (string?)part!["thoughtSignature"]));
        Assert.True(_losses.IsEmpty, _losses.ToString());

        request.Turns[1].Blocks[0].OpaqueIsForeign = true;
        Assert.Equal(["skip_thought_signature_validator", null], Write(request, _losses)["contents"]![1]!["parts"]!.AsArray().Select(part => (string?)part!["thoughtSignature"]));
        Assert.Equal([GeminiLosses.CallSignature], _losses.Rules);
    }

    [Fact]
    public void A_signature_goes_back_on_exactly_the_part_it_came_from()
    {
        const string parts = """[{"text":"hm","thought":true,"thoughtSignature":"QQ=="},{"text":"hi"},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"Qw=="},{"functionCall":{"name":"f","args":{"n":2}}},{"text":"","thoughtSignature":"Qg=="}]""";
        const string answers = """[{"functionResponse":{"name":"f","response":{"result":"1"}}},{"functionResponse":{"name":"f","response":{"result":"2"}}}]""";
        var body = $$"""{"contents":[{"role":"user","parts":[{"text":"u"}]},{"role":"model","parts":{{parts}}},{"role":"user","parts":{{answers}}}]}""";

        AssertJson(parts, Write(Read(body), _losses)["contents"]![1]!["parts"]);
        Assert.True(_losses.IsEmpty, _losses.ToString());

        var request = Read(body);
        request.Turns[1].Blocks.ForEach(block => block.OpaqueIsForeign = true);
        AssertJson(
            """[{"text":"hi"},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"name":"f","args":{"n":2}}}]""",
            Write(request, _losses)["contents"]![1]!["parts"]);
        Assert.Contains(GeminiLosses.Reasoning, _losses.Rules);
    }

    [Fact]
    public void Thoughts_of_another_vendors_model_are_left_out_and_reported()
    {
        var written = Write(ReadMessages("""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"abc"},{"type":"text","text":"t"}]},{"role":"user","content":"v"}]}"""), _losses);

        AssertJson("""[{"text":"t"}]""", written["contents"]![1]!["parts"]);
        Assert.Equal([GeminiLosses.Reasoning], _losses.Rules);
    }

    [Fact]
    public void Orphan_results_become_text_and_missing_ones_are_made_up()
    {
        var request = ReadChat("""
            {"model":"m","messages":[{"role":"user","content":"u"},{"role":"tool","tool_call_id":"lost","content":"r"},{"role":"assistant","content":"","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"nonsense"}}]},{"role":"user","content":"v"}]}
            """);
        var written = Write(request, _losses);

        Assert.Empty(GeminiRequestLegality.Violations(written));
        Assert.Contains("[result of tool call lost]", written.ToJsonString(), StringComparison.Ordinal);
        AssertJson("""{"raw_arguments":"nonsense"}""", written["contents"]![1]!["parts"]![0]!["functionCall"]!["args"]);
        Assert.NotNull(written["contents"]![2]!["parts"]![0]!["functionResponse"]!["response"]!["error"]);
        Assert.Equal([GeminiLosses.OrphanResult, GeminiLosses.MissingResult, GeminiLosses.Arguments], _losses.Rules.OrderBy(rule => _losses.Rules.ToList().IndexOf(rule)).ToList());
    }

    [Fact]
    public void A_failed_result_says_so_and_pictures_in_results_stand_in_or_behind_them()
    {
        const string body = """
            {"model":"m","max_tokens":9,"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"g","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","is_error":true,"content":"boom"},{"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]}]}
            """;
        AssertJson("""
            [{"functionResponse":{"id":"a","name":"f","response":{"error":"boom"}}},{"functionResponse":{"id":"b","name":"g","response":{"result":"see"}}},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]
            """, Write(ReadMessages(body), _losses)["contents"]![2]!["parts"]);
        Assert.Equal([GeminiLosses.ResultMedia], _losses.Rules);

        AssertJson(
            """{"functionResponse":{"id":"b","name":"g","response":{"result":"see"},"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}}""",
            Write(ReadMessages(body), _losses, GeminiDialect.Default with { AcceptsMediaInResults = true })["contents"]![2]!["parts"]![1]);
    }

    [Fact]
    public void Tools_are_offered_under_legal_names_and_found_again_by_their_aliases()
    {
        var request = ReadChat("""
            {"model":"m","tool_choice":{"type":"function","function":{"name":"get weather!"}},"tools":[{"type":"function","function":{"name":"get weather!","parameters":{"type":"object"}}},{"type":"function","function":{"name":"ok"}}],
            "messages":[{"role":"user","content":"u"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"get weather!","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"}]}
            """);
        var written = Write(request, _losses);

        Assert.Empty(GeminiRequestLegality.Violations(written));
        var name = (string)written["tools"]![0]!["functionDeclarations"]![0]!["name"]!;
        Assert.Equal(name, (string)written["contents"]![1]!["parts"]![0]!["functionCall"]!["name"]!);
        Assert.Equal(name, (string)written["toolConfig"]!["functionCallingConfig"]!["allowedFunctionNames"]!.AsArray().Single()!);
        Assert.True(request.Aliases.TryFind(name, out var alias));
        Assert.Equal("get weather!", alias!.Name.ToString());
        Assert.Equal([GeminiLosses.ToolNames], _losses.Rules);
    }

    [Fact]
    public void Namespaces_go_in_front_of_the_name_and_free_form_tools_take_one_text()
    {
        var request = ReadChat("""{"model":"m","messages":[{"role":"user","content":"u"}]}""");
        request.Tools.Add(new Tool { Name = "read", Namespace = "files", Parameters = RawJson.Parse("""{"type":"object"}""") });
        request.Tools.Add(new Tool { Name = "patch", Kind = ToolKind.Custom });
        var functions = Write(request, _losses)["tools"]![0]!["functionDeclarations"]!;

        Assert.Equal(["files__read", "patch"], functions.AsArray().Select(function => (string?)function!["name"]));
        AssertJson("""{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}""", functions[1]!["parametersJsonSchema"]);
        Assert.True(request.Aliases.TryFind("files__read", out var alias) && alias!.Namespace.ToString() == "files");
        Assert.True(request.Aliases.TryFind("patch", out alias) && alias!.Kind == ToolKind.Custom);
    }

    [Theory]
    [InlineData("\"auto\"", """{"mode":"AUTO"}""")]
    [InlineData("\"none\"", """{"mode":"NONE"}""")]
    [InlineData("\"required\"", """{"mode":"ANY"}""")]
    [InlineData("""{"type":"function","function":{"name":"g"}}""", """{"mode":"ANY","allowedFunctionNames":["g"]}""")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}]}}""", """{"mode":"ANY","allowedFunctionNames":["f","g"]}""")]
    public void Choices_of_tools_have_the_same_meaning(string choice, string config)
    {
        var written = Write(ReadChat("""{"model":"m","tool_choice":CHOICE,"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"messages":[{"role":"user","content":"u"}]}""".Replace("CHOICE", choice, StringComparison.Ordinal)), _losses);
        AssertJson(config, written["toolConfig"]!["functionCallingConfig"]);
        Assert.True(_losses.IsEmpty, _losses.ToString());
    }

    [Fact]
    public void A_ban_on_parallel_calls_is_a_loss_that_bounds_the_answer()
    {
        Write(ReadChat("""{"model":"m","parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f"}}],"messages":[{"role":"user","content":"u"}]}"""), _losses);
        Assert.True(Assert.Single(_losses.Rules).Bounds);
    }

    [Theory]
    [InlineData("none", """{"thinkingBudget":0}""", """{"thinkingLevel":"LOW"}""")]
    [InlineData("low", """{"includeThoughts":true,"thinkingBudget":1024}""", """{"includeThoughts":true,"thinkingLevel":"LOW"}""")]
    [InlineData("medium", """{"includeThoughts":true,"thinkingBudget":8192}""", """{"includeThoughts":true,"thinkingLevel":"HIGH"}""")]
    [InlineData("xhigh", """{"includeThoughts":true,"thinkingBudget":24576}""", """{"includeThoughts":true,"thinkingLevel":"HIGH"}""")]
    public void An_effort_becomes_a_budget_or_the_nearest_level(string effort, string budget, string level)
    {
        var body = $$"""{"model":"m","reasoning_effort":"{{effort}}","messages":[{"role":"user","content":"u"}]}""";
        AssertJson(budget, Write(ReadChat(body), new LossList())["generationConfig"]!["thinkingConfig"]);
        AssertJson(level, Write(ReadChat(body), _losses, Levels)["generationConfig"]!["thinkingConfig"]);
        Assert.Equal(effort != "low", _losses.Rules.Any(rule => rule == GeminiLosses.Effort || rule == GeminiLosses.NoThinking));
    }

    [Fact]
    public void A_budget_stays_a_budget_within_what_the_model_takes()
    {
        const string body = """{"model":"m","max_tokens":64000,"thinking":{"type":"enabled","budget_tokens":31999},"messages":[{"role":"user","content":"u"}]}""";
        AssertJson("""{"includeThoughts":true,"thinkingBudget":24576}""", Write(ReadMessages(body), _losses)["generationConfig"]!["thinkingConfig"]);
        AssertJson("""{"includeThoughts":true,"thinkingBudget":31999}""", Write(ReadMessages(body), _losses, GeminiDialect.Default with { ThinkingBudgetMax = 32_768 })["generationConfig"]!["thinkingConfig"]);
        AssertJson("""{"includeThoughts":true,"thinkingLevel":"HIGH"}""", Write(ReadMessages(body), _losses, Levels)["generationConfig"]!["thinkingConfig"]);
    }

    [Fact]
    public void A_json_schema_is_said_as_one_and_cut_down_where_the_upstream_takes_the_old_form_only()
    {
        const string body = """
            {"model":"m","messages":[{"role":"user","content":"u"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","additionalProperties":false,
            "properties":{"a":{"type":["string","null"]},"b":{"$ref":"#/$defs/B"},"c":{"type":"array","items":{"const":"x"}}},"$defs":{"B":{"type":"integer","minimum":1}}}}}}
            """;
        var config = Write(ReadChat(body), _losses)["generationConfig"]!;
        Assert.Equal("application/json", (string?)config["responseMimeType"]);
        Assert.False((bool)config["responseJsonSchema"]!["additionalProperties"]!);

        config = Write(ReadChat(body), _losses, GeminiDialect.Default with { AcceptsResponseJsonSchema = false })["generationConfig"]!;
        AssertJson("""
            {"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true},"b":{"type":"INTEGER","minimum":1},"c":{"type":"ARRAY","items":{"type":"STRING","enum":["x"]}}}}
            """, config["responseSchema"]);
        Assert.Contains(GeminiLosses.JsonSchema, _losses.Rules);
    }

    [Fact]
    public void A_form_beside_tools_is_asked_for_in_words_where_the_model_takes_none()
    {
        const string body = """{"model":"m","messages":[{"role":"user","content":"u"}],"response_format":{"type":"json_object"},"tools":[{"type":"function","function":{"name":"f"}}]}""";
        var written = Write(ReadChat(body), _losses, GeminiDialect.Default with { AcceptsFormatWithTools = false });

        Assert.Null(written["generationConfig"]!["responseMimeType"]);
        Assert.Contains("JSON", (string?)written["systemInstruction"]!["parts"]![0]!["text"], StringComparison.Ordinal);
        Assert.Equal([GeminiLosses.FormatWithTools], _losses.Rules);
    }

    [Fact]
    public void Sampling_and_stops_are_said_and_what_is_too_much_is_reported()
    {
        var config = Write(ReadChat("""
            {"model":"m","messages":[{"role":"user","content":"u"}],"temperature":1.5,"top_p":0.9,"seed":5000000000,"n":2,"max_completion_tokens":77,"presence_penalty":0.5,"frequency_penalty":0,
            "logprobs":true,"top_logprobs":3,"logit_bias":{"1":2},"stop":["a","b","c","d"]}
            """), _losses, GeminiDialect.Default with { StopSequencesMax = 3 })["generationConfig"]!;

        AssertJson("""{"maxOutputTokens":77,"stopSequences":["a","b","c"],"temperature":1.5,"topP":0.9,"candidateCount":2,"seed":705032704,"presencePenalty":0.5,"responseLogprobs":true,"logprobs":3}""", config);
        Assert.Equal([GeminiLosses.StopSequences, GeminiLosses.Seed, GeminiLosses.LogitBias], _losses.Rules);
    }

    [Fact]
    public void Media_are_inline_data_or_files_by_their_address()
    {
        var written = Write(ReadChat("""
            {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"image_url","image_url":{"url":"https://e.com/a.jpg"}},
            {"type":"input_audio","input_audio":{"data":"BBBB","format":"wav"}},{"type":"file","file":{"file_id":"file-1"}}]}]}
            """), _losses);

        AssertJson("""
            [{"text":"t"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"fileData":{"mimeType":"image/jpeg","fileUri":"https://e.com/a.jpg"}},{"inlineData":{"mimeType":"audio/wav","data":"BBBB"}}]
            """, written["contents"]![0]!["parts"]);
        Assert.Equal([GeminiLosses.FileId], _losses.Rules);
    }

    [Fact]
    public void Nothing_to_say_is_said_legally()
    {
        AssertJson("""[{"role":"user","parts":[{"text":""}]}]""", Write(ReadChat("""{"model":"m","messages":[]}"""), _losses)["contents"]);
        Assert.True(_losses.IsEmpty, _losses.ToString());
        AssertJson("""[{"role":"user","parts":[{"text":"only"}]}]""", Write(ReadChat("""{"model":"m","messages":[{"role":"system","content":"only"}]}"""), _losses)["contents"]);
        Assert.Equal([GeminiLosses.SystemAsUser], _losses.Rules);
    }

    [Fact]
    public void What_only_google_knows_comes_back_in_its_place_and_is_reported_to_others()
    {
        const string body = """
            {"contents":[{"role":"user","parts":[{"text":"u"}]}],"safetySettings":[{"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"OFF"}],"cachedContent":"cachedContents/1","serviceTier":"flex","labels":{"a":"b"},"store":false,
            "toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["f"]},"retrievalConfig":{"languageCode":"de"}},"tools":[{"functionDeclarations":[{"name":"f","description":"d","behavior":"BLOCKING"}]},{"googleSearch":{}}],
            "generationConfig":{"mediaResolution":"MEDIA_RESOLUTION_LOW","responseModalities":["TEXT"],"speechConfig":{},"candidateCount":1,"responseMimeType":"text/plain","thinkingConfig":{"thinkingBudget":-1,"includeThoughts":false}}}
            """;
        var request = Read(body);
        JsonMeaning.AssertSame(JsonNode.Parse(body), Write(request, _losses), "own");
        Assert.True(_losses.IsEmpty, _losses.ToString());

        var losses = new LossList();
        Trivet.Wire.OpenAIChat.Requests.OpenAIChatRequestWriter.Write(request, Trivet.Wire.OpenAIChat.OpenAIChatDialect.Default, "m", new System.Buffers.ArrayBufferWriter<byte>(), losses);
        Assert.Superset(
            new HashSet<string> { "safetySettings", "cachedContent", "generationConfig.mediaResolution", "toolConfig.retrievalConfig", "toolConfig.functionCallingConfig.mode" },
            losses.Rules.Select(rule => rule.Field).ToHashSet());
    }

    [Fact]
    public void Every_rule_is_in_the_table_once() => Assert.Equal(GeminiLosses.All.Count, GeminiLosses.All.Distinct().Count());
}
