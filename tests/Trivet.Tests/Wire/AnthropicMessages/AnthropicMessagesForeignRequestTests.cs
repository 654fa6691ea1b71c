using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Tests.Wire.AnthropicMessages;

/// <summary>Requests that came in another protocol, written for upstreams that speak Anthropic Messages.</summary>
public sealed class AnthropicMessagesForeignRequestTests
{
    private readonly LossList _losses = new();

    [Fact]
    public void Instructions_at_the_start_are_hoisted_and_later_ones_become_text_of_the_user()
    {
        var request = Chat(Say(Role.System, "one"), Say(Role.Developer, "two"), Say(Role.User, "hi"), Say(Role.Assistant, "hello"), Say(Role.System, "be brief"), Say(Role.User, "go"));
        var written = Write(request);
        Assert.Equal(["one", "two"], written["system"]!.AsArray().Select(b => b!["text"]!.GetValue<string>()));
        Assert.Equal("user assistant user", Roles(written));
        Assert.Equal(["[system] be brief", "go"], written["messages"]![2]!["content"]!.AsArray().Select(b => b!["text"]!.GetValue<string>()));
        Assert.Equal("~messages[].role=system", _losses.ToString());
    }

    [Fact]
    public void A_conversation_of_instructions_alone_still_has_a_message()
    {
        var written = Write(Chat(Say(Role.System, "say hi")));
        Assert.Equal("say hi", written["messages"]![0]!["content"]!.GetValue<string>());
        Assert.Equal("user", Roles(written));
        Assert.Null(written["system"]);
    }

    [Fact]
    public void Max_tokens_is_invented_from_the_dialect_and_lowered_to_its_limit()
    {
        Assert.Equal(777, Write(Chat(Say(Role.User, "a")), new AnthropicMessagesDialect { DefaultMaxTokens = 777 })["max_tokens"]!.GetValue<int>());
        var request = Chat(Say(Role.User, "a"));
        request.MaxOutputTokens = 100_000;
        Assert.Equal(8192, Write(request, new AnthropicMessagesDialect { MaxTokensLimit = 8192 })["max_tokens"]!.GetValue<int>());
        Assert.Contains(AnthropicMessagesLosses.MaxTokens, _losses.Rules);
    }

    [Fact]
    public void Results_come_first_in_the_order_of_their_calls_and_ids_are_legal_and_pair()
    {
        var request = Chat(
            Say(Role.User, "a"),
            Calls(("functions.add:0", "{\"x\":1}"), ("functions.add:1", "")),
            Results(("functions.add:1", "two")),
            Results(("functions.add:0", "one")),
            Say(Role.User, "and?"));
        var written = Write(request);
        Assert.Equal("user assistant user", Roles(written));
        var calls = written["messages"]![1]!["content"]!.AsArray();
        var results = written["messages"]![2]!["content"]!.AsArray();
        Assert.All(calls, c => Assert.Matches("^[a-zA-Z0-9_-]+$", c!["id"]!.GetValue<string>()));
        Assert.Equal(calls.Select(c => c!["id"]!.GetValue<string>()), results.Take(2).Select(r => r!["tool_use_id"]!.GetValue<string>()));
        Assert.Equal(["one", "two"], results.Take(2).Select(r => r!["content"]!.GetValue<string>()));
        Assert.Equal("and?", results[2]!["text"]!.GetValue<string>());
        Assert.Equal("{}", calls[1]!["input"]!.ToJsonString());
        Assert.Equal(written.ToJsonString(), Write(request).ToJsonString());
    }

    [Fact]
    public void Ids_that_a_vendor_uses_again_in_each_turn_become_unique()
    {
        var written = Write(Chat(Say(Role.User, "a"), Calls(("call_0", "{}")), Results(("call_0", "1")), Calls(("call_0", "{}")), Results(("call_0", "2"))));
        var ids = new[] { 1, 3 }.Select(i => written["messages"]![i]!["content"]![0]!["id"]!.GetValue<string>()).ToList();
        Assert.Equal(2, ids.Distinct().Count());
        Assert.Equal(ids, new[] { 2, 4 }.Select(i => written["messages"]![i]!["content"]![0]!["tool_use_id"]!.GetValue<string>()));
    }

    [Fact]
    public void A_call_without_a_result_gets_one_that_says_so_and_a_result_without_a_call_becomes_text()
    {
        var written = Write(Chat(Say(Role.User, "a"), Results(("ghost", "boo")), Calls(("x", "{}")), Say(Role.User, "never mind")));
        Assert.Equal("user assistant user", Roles(written));
        Assert.Contains("boo", written["messages"]![0]!["content"]!.AsArray().Select(b => b!["text"]!.GetValue<string>()));
        var result = written["messages"]![2]!["content"]![0]!;
        Assert.Equal("x", result["tool_use_id"]!.GetValue<string>());
        Assert.True(result["is_error"]!.GetValue<bool>());
    }

    [Fact]
    public void A_conversation_that_ends_in_calls_is_closed_with_results()
    {
        var written = Write(Chat(Say(Role.User, "a"), Calls(("x", "{}"))));
        Assert.Equal("user assistant user", Roles(written));
    }

    [Theory]
    [InlineData("{\"a\":", "{\"raw_arguments\":\"{\\u0022a\\u0022:\"}")]
    [InlineData("[1]", "{\"raw_arguments\":\"[1]\"}")]
    [InlineData("null", "{}")]
    [InlineData("\"{\\\"a\\\":1}\"", "{\"a\":1}")]
    public void Arguments_that_are_no_object_become_one(string arguments, string expected)
    {
        var written = Write(Chat(Say(Role.User, "a"), Calls(("x", arguments)), Results(("x", "r"))));
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), written["messages"]![1]!["content"]![0]!["input"]!.ToJsonString());
    }

    [Fact]
    public void Empty_and_blank_texts_and_messages_vanish_and_the_first_word_is_the_users()
    {
        var written = Write(Chat(Say(Role.Assistant, "welcome"), Say(Role.User, ""), Say(Role.User, " \n"), Say(Role.Assistant, ""), Say(Role.User, "hi")));
        Assert.Equal("user assistant user", Roles(written));
        Assert.DoesNotContain("\"\"", written["messages"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prefill_loses_its_trailing_blanks_or_is_followed_by_a_word_of_the_user()
    {
        var request = Chat(Say(Role.User, "a"), Say(Role.Assistant, "Answer: "));
        Assert.Equal("Answer:", Write(request)["messages"]![1]!["content"]!.GetValue<string>());
        Assert.Equal("user assistant user", Roles(Write(request, new AnthropicMessagesDialect { AcceptsPrefill = false })));
    }

    [Fact]
    public void An_effort_becomes_a_budget_below_max_tokens_and_sampling_gives_way()
    {
        var request = Chat(Say(Role.User, "a"));
        request.Reasoning = new ReasoningRequest { Effort = "high" };
        request.MaxOutputTokens = 10_000;
        request.Sampling = new Sampling { Temperature = 0.2, TopP = 0.9 };
        var written = Write(request);
        Assert.Equal("enabled", written["thinking"]!["type"]!.GetValue<string>());
        Assert.InRange(written["thinking"]!["budget_tokens"]!.GetValue<int>(), 1024, 9_999);
        Assert.Equal(10_000, written["max_tokens"]!.GetValue<int>());
        Assert.Null(written["temperature"]);
        Assert.Null(written["top_p"]);
    }

    [Fact]
    public void An_output_limit_too_small_for_thoughts_turns_them_off()
    {
        var request = Chat(Say(Role.User, "a"));
        request.Reasoning = new ReasoningRequest { Effort = "low" };
        request.MaxOutputTokens = 500;
        Assert.Null(Write(request)["thinking"]);
        Assert.Contains(AnthropicMessagesLosses.Thinking, _losses.Rules);
    }

    [Fact]
    public void An_effort_is_an_effort_where_thinking_is_adaptive()
    {
        var request = Chat(Say(Role.User, "a"));
        request.Reasoning = new ReasoningRequest { Effort = "xhigh" };
        var written = Write(request, new AnthropicMessagesDialect { Thinking = AnthropicThinkingStyle.Adaptive, MaxEffort = "high" });
        Assert.Equal("""{"type":"adaptive"}""", written["thinking"]!.ToJsonString());
        Assert.Equal("""{"effort":"high"}""", written["output_config"]!.ToJsonString());
    }

    [Fact]
    public void A_tool_loop_without_thoughts_goes_on_without_thinking()
    {
        var request = Chat(Say(Role.User, "a"), Calls(("x", "{}")), Results(("x", "r")));
        request.Reasoning = new ReasoningRequest { Effort = "high" };
        Assert.Null(Write(request)["thinking"]);
    }

    [Fact]
    public void An_effort_yields_to_a_forced_tool_and_is_named_as_lost()
    {
        var request = Chat(Say(Role.User, "a"));
        request.Tools.Add(new Tool { Name = "f" });
        request.ToolChoice = new ToolChoice(ToolChoiceMode.Named) { Name = "f" };
        request.ParallelToolCalls = false;
        Assert.Equal("""{"type":"tool","name":"f","disable_parallel_tool_use":true}""", Write(request)["tool_choice"]!.ToJsonString());
        Assert.True(_losses.IsEmpty, _losses.ToString());
        request.Reasoning = new ReasoningRequest { Effort = "low" };
        var written = Write(request);
        Assert.Equal("""{"type":"tool","name":"f","disable_parallel_tool_use":true}""", written["tool_choice"]!.ToJsonString());
        Assert.Null(written["thinking"]);
        Assert.Contains(_losses.Rules, rule => rule is { Bounds: false, Field: "reasoning_effort" });
    }

    [Fact]
    public void A_model_that_cannot_but_think_cannot_be_made_to_call_a_tool()
    {
        var request = Chat(Say(Role.User, "a"));
        request.Tools.Add(new Tool { Name = "f" });
        request.ToolChoice = new ToolChoice(ToolChoiceMode.Any);
        request.Reasoning = new ReasoningRequest { Effort = "low" };
        var written = Write(request, new AnthropicMessagesDialect { Thinking = AnthropicThinkingStyle.Adaptive, ThinksByDefault = true, CanDisableThinking = false });
        Assert.Equal("""{"type":"auto"}""", written["tool_choice"]!.ToJsonString());
        Assert.Contains(_losses.Rules, rule => rule is { Bounds: true, Field: "tool_choice" });
    }

    [Fact]
    public void What_a_vendor_takes_and_ignores_is_a_loss_that_bounds_the_answer()
    {
        var request = Chat(Say(Role.User, "a"));
        request.Tools.Add(new Tool { Name = "f" });
        request.ToolChoice = new ToolChoice(ToolChoiceMode.Any);
        request.ParallelToolCalls = false;
        request.StopSequences.Add("END");
        Write(request, new AnthropicMessagesDialect { HonoursToolChoiceAny = false, HonoursParallelSwitch = false, HonoursStopSequences = false });
        Assert.Equal(["parallel_tool_calls", "stop", "tool_choice=required"], _losses.Rules.Where(r => r.Bounds).Select(r => r.Field).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Allowed_tools_are_the_only_ones_offered_and_every_schema_is_an_objects()
    {
        var request = Chat(Say(Role.User, "a"));
        request.Tools.Add(new Tool { Name = "f", Parameters = RawJson.Parse("""{"properties":{"a":{}}}""") });
        request.Tools.Add(new Tool { Name = "g" });
        request.Tools.Add(new Tool { Name = "f" });
        request.ToolChoice = new ToolChoice(ToolChoiceMode.Allowed) { AllowedNames = ["f"], Required = true };
        var written = Write(request);
        var tool = Assert.Single(written["tools"]!.AsArray())!;
        Assert.Equal("object", tool["input_schema"]!["type"]!.GetValue<string>());
        Assert.Equal("any", written["tool_choice"]!["type"]!.GetValue<string>());
    }

    [Fact]
    public void Calls_in_the_history_without_tools_are_declared_and_forbidden()
    {
        var written = Write(Chat(Say(Role.User, "a"), Calls(("x", "{}")), Results(("x", "r"))));
        Assert.Equal("f", Assert.Single(written["tools"]!.AsArray())!["name"]!.GetValue<string>());
        Assert.Equal("none", written["tool_choice"]!["type"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(AnthropicStructuredOutput.OutputConfig, "output_config")]
    [InlineData(AnthropicStructuredOutput.OutputFormat, "output_format")]
    [InlineData(AnthropicStructuredOutput.ForcedTool, "tool_choice")]
    [InlineData(AnthropicStructuredOutput.None, "system")]
    public void A_schema_for_the_answer_is_said_in_the_way_of_the_dialect(AnthropicStructuredOutput way, string field)
    {
        var request = Chat(Say(Role.User, "a"));
        request.OutputFormat = new OutputFormat(OutputFormatKind.JsonSchema) { Name = "n", Schema = RawJson.Parse("""{"type":"object"}""") };
        var written = Write(request, new AnthropicMessagesDialect { StructuredOutput = way });
        Assert.NotNull(written[field]);
    }

    [Fact]
    public void The_answer_tool_comes_back_as_text()
    {
        var dialect = new AnthropicMessagesDialect { StructuredOutput = AnthropicStructuredOutput.ForcedTool };
        var body = """{"id":"msg_1","content":[{"type":"tool_use","id":"t","name":"trivet_answer","input":{"a":"é\n"}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}"""u8.ToArray();
        Assert.True(AnthropicMessagesResponseReader.TryRead(body, dialect, out var response, out _));
        Assert.Equal("""{"a":"é\n"}""", Assert.IsType<TextBlock>(response!.Blocks[0]).Text.ToString());
        Assert.Equal(StopReason.EndTurn, response.StopReason);
        var output = new ArrayBufferWriter<byte>();
        Assert.True(AnthropicMessagesResponseReader.TryRead(body, AnthropicMessagesDialect.Default, out var plain, out _));
        AnthropicMessagesResponseWriter.Write(plain!, Streams.Options, output, new LossList());
        var stream = Streams.Write(writer => ResponsePlayer.Play(plain!, writer));
        Assert.Equal(Streams.Show(response), Streams.Show(Streams.Fold(stream, null, dialect).Response));
    }

    [Fact]
    public void Pictures_are_split_out_of_data_uris_and_sound_is_a_loss_that_bounds()
    {
        var turn = new Turn(Role.User);
        turn.Blocks.Add(new MediaBlock(MediaKind.Image) { Url = "data:image/png;base64,iVBORw0KGgo=" });
        turn.Blocks.Add(new MediaBlock(MediaKind.Image) { Url = "https://x/y.png", Detail = "high" });
        turn.Blocks.Add(new MediaBlock(MediaKind.Document) { MediaType = "application/pdf", Data = "JVBERi0=", Name = "a.pdf" });
        turn.Blocks.Add(new MediaBlock(MediaKind.Document) { FileId = "file-1" });
        turn.Blocks.Add(new MediaBlock(MediaKind.Audio) { Data = "x", MediaType = "audio/wav" });
        turn.Blocks.Add(new RefusalBlock("No."));
        var content = Write(Chat(turn))["messages"]![0]!["content"]!.AsArray();
        Assert.Equal("""{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}""", content[0]!["source"]!.ToJsonString());
        Assert.Equal("""{"type":"url","url":"https://x/y.png"}""", content[1]!["source"]!.ToJsonString());
        Assert.Equal("a.pdf", content[2]!["title"]!.GetValue<string>());
        Assert.Equal(4, content.Count);
        Assert.Equal(["messages[].content[].file_id", "messages[].content[].input_audio"], _losses.Rules.Where(r => r.Bounds).Select(r => r.Field));
    }

    [Fact]
    public void Switches_without_a_home_are_named()
    {
        var request = Chat(Say(Role.User, "a"));
        request.Sampling = new Sampling { Temperature = 1.7, Seed = 1, CandidateCount = 2, FrequencyPenalty = 0.5, LogProbs = true };
        request.User = "u";
        request.ServiceTier = "default";
        request.Extra.Add(new ExtraField("store", RawJson.Parse("true")));
        var written = Write(request);
        Assert.Equal(1, written["temperature"]!.GetValue<double>());
        Assert.Equal("u", written["metadata"]!["user_id"]!.GetValue<string>());
        Assert.Equal("standard_only", written["service_tier"]!.GetValue<string>());
        Assert.Equal("~temperature, frequency_penalty, seed, n, logprobs, store", _losses.ToString());
    }

    private static CanonicalRequest Chat(params Turn[] turns)
    {
        var request = new CanonicalRequest { Origin = Protocol.OpenAIChat };
        request.Turns.AddRange(turns);
        return request;
    }

    private static Turn Say(Role role, string text)
    {
        var turn = new Turn(role) { IsPlainString = true };
        turn.Blocks.Add(new TextBlock(text));
        return turn;
    }

    private static Turn Calls(params (string Id, string Arguments)[] calls)
    {
        var turn = new Turn(Role.Assistant);
        turn.Blocks.AddRange(calls.Select(c => new ToolCallBlock { Id = c.Id, Name = "f", Arguments = Encoding.UTF8.GetBytes(c.Arguments) }));
        return turn;
    }

    private static Turn Results(params (string Id, string Text)[] results)
    {
        var turn = new Turn(Role.User);
        foreach (var (id, text) in results)
        {
            var result = new ToolResultBlock { CallId = id, IsPlainString = true };
            result.Content.Add(new TextBlock(text));
            turn.Blocks.Add(result);
        }

        return turn;
    }

    private static string Roles(JsonNode request) => string.Join(' ', request["messages"]!.AsArray().Select(m => m!["role"]!.GetValue<string>()));

    private JsonNode Write(CanonicalRequest request, AnthropicMessagesDialect? dialect = null)
    {
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesRequestWriter.Write(request, dialect ?? AnthropicMessagesDialect.Default, "m", output, _losses);
        return JsonNode.Parse(output.WrittenSpan)!;
    }
}
