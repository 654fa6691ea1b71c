using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIResponses;
using static Trivet.Tests.Wire.OpenAIResponses.RequestTests;

namespace Trivet.Tests.Wire.OpenAIResponses;

/// <summary>What other protocols' requests become, fact by fact.</summary>
public sealed class RequestWriterTests
{
    private readonly LossList _losses = new();

    private string Lost => _losses.ToString();

    [Fact]
    public void The_first_system_turn_becomes_instructions_and_later_ones_keep_their_place()
    {
        var request = Request(System("a", "b"), User("u"), System("later"));
        var body = Write(request);
        Assert.Equal("a\n\nb", body["instructions"]!.GetValue<string>());
        Assert.Equal(["user: u", "system: later"], Items(body));
        Assert.Equal("", Lost);
    }

    [Fact]
    public void Instructions_and_developer_items_are_not_mixed()
    {
        var body = Write(Read("""{"instructions":"i","input":[{"role":"developer","content":"d"},{"role":"user","content":"u"}]}"""));
        Assert.Equal("i", body["instructions"]!.GetValue<string>());
        Assert.Equal(["developer: d", "user: u"], Items(body));
    }

    [Fact]
    public void A_system_turn_alone_is_what_is_asked()
    {
        var body = Write(Request(System("s")));
        Assert.Null(body["instructions"]);
        Assert.Equal(["system: s"], Items(body));
    }

    [Fact]
    public void A_vendor_that_takes_system_items_in_front_only_gets_a_later_one_as_user_text()
    {
        Assert.Equal(["user: u", "user: later"], Items(Write(Request(User("u"), System("later")), Poor)));
        Assert.Equal("~system", Lost);
    }

    [Fact]
    public void Nothing_is_stored_and_thoughts_come_encrypted()
    {
        var body = Write(Request(User("u")));
        Assert.False(body["store"]!.GetValue<bool>());
        Assert.Equal("reasoning.encrypted_content", body["include"]![0]!.GetValue<string>());
        body = Write(Request(User("u")), Poor);
        Assert.Equal((null, null), (body["store"], body["include"]));
        Assert.Equal("", Lost);
    }

    [Fact]
    public void Outputs_stand_behind_their_calls_whatever_was_said_between()
    {
        var request = Request(User("q"), Assistant(Text("let me see"), Call("a", "f"), Call("b", "g")), new Turn(Role.User) { Blocks = { Text("by the way"), Result("b", "two"), Result("a", "one") } });
        Assert.Equal(["user: q", "assistant: let me see", "call a f", "call b g", "output b two", "output a one", "user: by the way"], Items(Write(request)));
        Assert.Equal("", Lost);
    }

    [Fact]
    public void A_call_without_an_output_is_answered_and_an_output_without_a_call_becomes_text()
    {
        var request = Request(User("q"), Assistant(Call("a", "f")), new Turn(Role.User) { Blocks = { Result("z", "lost"), Text("go on") } });
        var body = Write(request);
        Assert.Equal(["user: q", "call a f", "output a (no result)"], Items(body).Take(3));
        Assert.Contains("lost", body["input"]![3]!.ToJsonString());
        Assert.Equal("~tool_use.id, ~tool_result.tool_use_id", Lost);
    }

    [Fact]
    public void An_output_whose_call_the_vendor_keeps_stays_an_output()
    {
        var body = Write(Read("""{"previous_response_id":"resp_1","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}"""));
        Assert.Equal(["output c x"], Items(body));
        Assert.Equal("resp_1", body["previous_response_id"]!.GetValue<string>());
    }

    [Fact]
    public void Ids_of_calls_are_made_legal_and_unique_and_pair()
    {
        var longer = new string('x', 70);
        var request = Request(User("q"), Assistant(Call(longer, "f")), Results(Result(longer, "1")), Assistant(Call("a", "f")), Results(Result("a", "2")), Assistant(Call("a", "f")), Results(Result("a", "3")));
        var items = Write(request)["input"]!.AsArray();
        var calls = items.Where(i => i!["type"]!.GetValue<string>() == "function_call").Select(i => i!["call_id"]!.GetValue<string>()).ToList();
        Assert.Equal(calls, items.Where(i => i!["type"]!.GetValue<string>() == "function_call_output").Select(i => i!["call_id"]!.GetValue<string>()));
        Assert.Equal((3, 3), (calls.Count, calls.Distinct().Count()));
        Assert.All(calls, id => Assert.InRange(id.Length, 1, 64));
        Assert.Equal("~tool_use.id", Lost);
    }

    [Fact]
    public void A_failed_result_says_so_in_its_text()
    {
        var failed = Result("a", "no such file");
        failed.IsError = true;
        Assert.Contains("output a Error: no such file", Items(Write(Request(User("q"), Assistant(Call("a", "f")), Results(failed)))));
        Assert.Equal("~tool_result.is_error", Lost);
    }

    [Fact]
    public void A_picture_may_stand_in_an_output_or_moves_behind_it()
    {
        var result = Result("a", "here");
        result.IsPlainString = false;
        result.Content.Add(new MediaBlock(MediaKind.Image) { MediaType = "image/png", Data = "QUJD" });
        var request = Request(User("q"), Assistant(Call("a", "f")), Results(result));
        var output = Write(request)["input"]![2]!["output"]!;
        Assert.Equal(("input_text", "data:image/png;base64,QUJD", "auto"), (output[0]!["type"]!.GetValue<string>(), output[1]!["image_url"]!.GetValue<string>(), output[1]!["detail"]!.GetValue<string>()));
        Assert.Equal("", Lost);
        var moved = Write(request, new OpenAIResponsesDialect { ToolResultMedia = false })["input"]!.AsArray();
        Assert.Equal("user", moved[3]!["role"]!.GetValue<string>());
        Assert.Equal("input_image", moved[3]!["content"]![1]!["type"]!.GetValue<string>());
        Assert.Equal("~tool_result.content", Lost);
    }

    [Fact]
    public void Documents_keep_their_name_and_their_address()
    {
        var request = Request(new Turn(Role.User) { Blocks = { new MediaBlock(MediaKind.Document) { MediaType = "application/pdf", Data = "QUJD", Name = "a.pdf" }, new MediaBlock(MediaKind.Document) { Url = "https://x/b.pdf" }, new MediaBlock(MediaKind.Document) { Data = "QUJD" } } });
        var content = Write(request)["input"]![0]!["content"]!;
        Assert.Equal(("data:application/pdf;base64,QUJD", "a.pdf"), (content[0]!["file_data"]!.GetValue<string>(), content[0]!["filename"]!.GetValue<string>()));
        Assert.Equal("https://x/b.pdf", content[1]!["file_url"]!.GetValue<string>());
        Assert.Equal("document.pdf", content[2]!["filename"]!.GetValue<string>());
    }

    [Fact]
    public void What_the_vendor_does_not_take_leaves_a_note()
    {
        var request = Request(new Turn(Role.User) { Blocks = { new MediaBlock(MediaKind.Audio) { MediaType = "audio/wav", Data = "QUJD" }, new MediaBlock(MediaKind.Image) { FileId = "file_1" } } });
        var content = Write(request)["input"]![0]!["content"]!.ToJsonString();
        Assert.Contains("[audio left out]", content);
        Assert.Contains("[image left out]", content);
        Assert.Equal("media, file_id", Lost);
    }

    [Fact]
    public void The_vendors_own_encrypted_thoughts_go_back_without_an_item_id()
    {
        var thoughts = new ReasoningBlock { Encrypted = "gAAAAA", Id = "rs_1", Text = "summed up", IsSummary = true };
        var item = Write(Request(User("q"), Assistant(thoughts, Text("a")), User("r")))["input"]![1]!.AsObject();
        JsonMeaning.AssertSame(JsonNode.Parse("""{"type":"reasoning","summary":[{"type":"summary_text","text":"summed up"}],"encrypted_content":"gAAAAA"}"""), item, "item");
        Assert.Equal("", Lost);
    }

    [Fact]
    public void Thoughts_of_another_vendor_do_not_go_to_this_one()
    {
        var request = Request(
            User("q"),
            Assistant(new ReasoningBlock { Encrypted = "gAAAAA", OpaqueIsForeign = true, IsRedacted = true }, new ReasoningBlock { Text = "t", Signature = "sig" }, new ReasoningBlock { Text = "t", Encrypted = ForeignSignature.Make("deepseek") }, Text("a")),
            User("r"));
        Assert.Equal(["user: q", "assistant: a", "user: r"], Items(Write(request)));
        Assert.Equal("redacted_thinking, thinking.signature, thinking", Lost);
    }

    [Fact]
    public void A_vendor_that_takes_the_text_of_thoughts_gets_anybodys()
    {
        var request = Request(User("q"), Assistant(new ReasoningBlock { Text = "t", Signature = ForeignSignature.Make("x") }, Call("a", "f")), Results(Result("a", "1")), Assistant(new ReasoningBlock { Text = "" }, Text("b")), User("r"));
        var items = Write(request, new OpenAIResponsesDialect { EncryptedContent = false, HistoryReasoning = ResponsesReasoningHistory.Text })["input"]!.AsArray();
        var thoughts = items.Where(i => i!["type"]!.GetValue<string>() == "reasoning").ToList();
        Assert.Equal(["t", ""], thoughts.Select(i => i!["content"]![0]!["text"]!.GetValue<string>()));
        Assert.All(thoughts, i => Assert.StartsWith("rs_", i!["id"]!.GetValue<string>()));
        Assert.Equal(2, thoughts.Select(i => i!["id"]!.GetValue<string>()).Distinct().Count());
        Assert.Equal("", Lost);
    }

    [Fact]
    public void Thoughts_that_lead_nowhere_are_left_out()
    {
        Assert.Equal(["user: q", "user: r"], Items(Write(Request(User("q"), Assistant(new ReasoningBlock { Encrypted = "gAAAAA" }), User("r")))));
        Assert.Equal("thinking", Lost);
    }

    [Theory]
    [InlineData("low", null, "low", "")]
    [InlineData("max", null, "xhigh", "~reasoning_effort")]
    [InlineData(null, 1024L, "low", "~thinking.budget_tokens")]
    [InlineData(null, 31999L, "high", "~thinking.budget_tokens")]
    [InlineData(null, 0L, "none", "")]
    public void Effort_is_the_word_or_the_budgets_nearest(string? effort, long? budget, string written, string lost)
    {
        var request = Request(User("q"));
        request.Reasoning = new ReasoningRequest { Effort = effort, BudgetTokens = budget };
        Assert.Equal(written, Write(request)["reasoning"]!["effort"]!.GetValue<string>());
        Assert.Equal(lost, Lost);
    }

    [Fact]
    public void A_summary_is_asked_for_where_the_client_wants_to_see_thoughts()
    {
        var request = Request(User("q"));
        request.Reasoning = new ReasoningRequest { Mode = ReasoningMode.Adaptive, Effort = "high" };
        Assert.Equal("auto", Write(request)["reasoning"]!["summary"]!.GetValue<string>());
        request.Reasoning = request.Reasoning with { Summary = "omitted", ShowThoughts = false };
        Assert.Null(Write(request)["reasoning"]!["summary"]);
        var chat = new CanonicalRequest { Origin = Protocol.OpenAIChat, Reasoning = new ReasoningRequest { Effort = "high" } };
        Assert.Null(Write(chat)["reasoning"]!["summary"]);
    }

    [Fact]
    public void Stop_sequences_are_lost_but_made_good_by_the_gateway()
    {
        var request = Request(User("q"));
        request.StopSequences.Add("X");
        Assert.DoesNotContain("stop", Write(request).Select(p => p.Key));
        Assert.True(_losses.Rules is [{ Bounds: true, Enforcement: Enforcement.StopSequences }]);
    }

    [Fact]
    public void The_least_number_of_tokens_is_sixteen()
    {
        var request = Request(User("q"));
        request.MaxOutputTokens = 1;
        Assert.Equal(16, Write(request)["max_output_tokens"]!.GetValue<int>());
        Assert.Equal("~max_tokens", Lost);
    }

    [Fact]
    public void A_long_user_becomes_its_hash()
    {
        var request = Request(User("q"));
        request.User = new string('u', 150);
        Assert.InRange(Write(request)["user"]!.GetValue<string>().Length, 1, 64);
        Assert.Equal("~user", Lost);
    }

    [Fact]
    public void Functions_of_other_protocols_are_not_strict_unless_they_said_so()
    {
        var request = Request(User("q"));
        request.Tools.Add(new Tool { Name = "f" });
        request.Tools.Add(new Tool { Name = "g", Strict = true, Parameters = RawJson.Parse("""{"type":"object"}""") });
        JsonMeaning.AssertSame(
            JsonNode.Parse("""[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":false},{"type":"function","name":"g","parameters":{"type":"object"},"strict":true}]"""),
            Write(request)["tools"],
            "tools");
    }

    [Fact]
    public void Illegal_names_are_offered_under_legal_ones_in_tools_choice_and_history()
    {
        var request = Request(User("q"), Assistant(Call("a", "mcp.files/read")), Results(Result("a", "1")));
        request.Tools.Add(new Tool { Name = "mcp.files/read" });
        request.ToolChoice = new ToolChoice(ToolChoiceMode.Named) { Name = "mcp.files/read" };
        var body = Write(request);
        var name = body["tools"]![0]!["name"]!.GetValue<string>();
        Assert.Matches("^[a-zA-Z0-9_-]+$", name);
        Assert.Equal(name, body["tool_choice"]!["name"]!.GetValue<string>());
        Assert.Contains($"call a {name}", Items(body));
        Assert.True(request.Aliases.TryFind(name, out var alias) && alias!.Name == "mcp.files/read");
    }

    [Fact]
    public void A_namespace_stays_where_it_is_known_and_is_put_in_front_of_the_names_where_not()
    {
        const string Body = """
            {"input":[{"role":"user","content":"q"},{"type":"function_call","call_id":"a","namespace":"mcp","name":"read","arguments":"{}"},{"type":"function_call_output","call_id":"a","output":"1"}],
             "tools":[{"type":"namespace","name":"mcp","description":"d","tools":[{"type":"function","name":"read","parameters":{}},{"type":"function","name":"list","parameters":{}}]},{"type":"function","name":"x","parameters":{}}]}
            """;
        var same = Write(Read(Body));
        JsonMeaning.AssertSame(JsonNode.Parse(Body)!["tools"], same["tools"], "tools");
        Assert.Equal("mcp", same["input"]![1]!["namespace"]!.GetValue<string>());
        var request = Read(Body);
        var flat = Write(request, Poor);
        Assert.Equal(["mcp__read", "mcp__list", "x"], flat["tools"]!.AsArray().Select(t => t!["name"]!.GetValue<string>()));
        Assert.Contains("call a mcp__read", Items(flat));
        Assert.True(request.Aliases.TryFind("mcp__list", out var alias) && alias!.Namespace == "mcp" && alias.Name == "list");
    }

    [Fact]
    public void A_free_form_tool_stays_one_or_becomes_a_function_with_one_text()
    {
        const string Body = """
            {"input":[{"role":"user","content":"q"},{"type":"custom_tool_call","call_id":"a","name":"patch","input":"*** \"x\"\n"},{"type":"custom_tool_call_output","call_id":"a","output":"ok"}],
             "tools":[{"type":"custom","name":"patch","format":{"type":"grammar","syntax":"lark","definition":"start: x"}}]}
            """;
        var same = Write(Read(Body));
        Assert.Equal(["user: q", "custom_tool_call a patch", "custom_tool_call_output a ok"], Items(same));
        JsonMeaning.AssertSame(JsonNode.Parse(Body)!["tools"], same["tools"], "tools");
        var request = Read(Body);
        var function = Write(request, Poor);
        Assert.Equal(["user: q", "call a patch", "output a ok"], Items(function));
        Assert.Equal("*** \"x\"\n", JsonNode.Parse(function["input"]![1]!["arguments"]!.GetValue<string>())!["input"]!.GetValue<string>());
        Assert.True(request.Aliases.TryFind("patch", out var alias) && alias!.Kind == ToolKind.Custom);
        Assert.Equal("~tools (custom)", Lost);
    }

    [Fact]
    public void A_grammar_of_Chat_is_said_flat()
    {
        var request = new CanonicalRequest { Origin = Protocol.OpenAIChat };
        request.Turns.Add(User("q"));
        request.Tools.Add(new Tool { Kind = ToolKind.Custom, Name = "t", Raw = RawJson.Parse("""{"type":"custom","custom":{"name":"t","format":{"type":"grammar","grammar":{"syntax":"regex","definition":"a+"}}}}""") });
        JsonMeaning.AssertSame(JsonNode.Parse("""{"type":"custom","name":"t","format":{"type":"grammar","syntax":"regex","definition":"a+"}}"""), Write(request)["tools"]![0], "tool");
    }

    [Fact]
    public void Allowed_tools_are_said_or_the_others_left_out()
    {
        var request = Request(User("q"));
        request.Tools.AddRange([new Tool { Name = "f" }, new Tool { Name = "g" }]);
        request.ToolChoice = new ToolChoice(ToolChoiceMode.Allowed) { AllowedNames = ["g"], Required = true };
        JsonMeaning.AssertSame(JsonNode.Parse("""{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"g"}]}"""), Write(request)["tool_choice"], "choice");
        Assert.Equal("", Lost);
        var body = Write(request, new OpenAIResponsesDialect { AllowedTools = false });
        Assert.Equal(("g", "required"), (Assert.Single(body["tools"]!.AsArray())!["name"]!.GetValue<string>(), body["tool_choice"]!.GetValue<string>()));
        Assert.Equal("~tool_choice.allowed_tools", Lost);
    }

    [Fact]
    public void A_form_that_the_vendor_does_not_enforce_is_told_in_the_instructions()
    {
        var request = Request(System("s"), User("q"));
        request.OutputFormat = new OutputFormat(OutputFormatKind.JsonSchema) { Schema = RawJson.Parse("""{"type":"array"}""") };
        var body = Write(request, Poor);
        Assert.Null(body["text"]);
        Assert.StartsWith("s\n\n", body["instructions"]!.GetValue<string>());
        Assert.EndsWith("""{"type":"array"}""", body["instructions"]!.GetValue<string>());
        Assert.Contains(_losses.Rules, rule => rule is { Field: "response_format.json_schema", Bounds: true });
    }

    [Fact]
    public void A_schema_has_a_legal_name()
    {
        var request = Request(User("q"));
        request.OutputFormat = new OutputFormat(OutputFormatKind.JsonSchema) { Name = "my schema", Schema = RawJson.Parse("{}") };
        Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", Write(request)["text"]!["format"]!["name"]!.GetValue<string>());
        request.OutputFormat = new OutputFormat(OutputFormatKind.JsonSchema) { Schema = RawJson.Parse("{}") };
        Assert.Equal("response", Write(request)["text"]!["format"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public void Tools_that_an_item_offers_are_offered_from_the_beginning_elsewhere_and_once_here()
    {
        const string Body = """{"input":[{"role":"user","content":"q"},{"type":"tool_search_call","id":"t","arguments":{}},{"type":"tool_search_output","id":"t","tools":[{"type":"function","name":"late","parameters":{}}]}],"tools":[{"type":"tool_search"}]}""";
        var request = Read(Body);
        Assert.Equal(["tool_search", "late"], request.Tools.Select(t => t.Kind == ToolKind.Server ? t.Type : t.Name.ToString()));
        var body = Write(request);
        Assert.Single(body["tools"]!.AsArray());
        Assert.Equal(["user: q", "tool_search_call", "tool_search_output"], Items(body));
    }

    [Fact]
    public void What_says_no_more_than_the_default_is_not_reported_lost_elsewhere()
    {
        var request = Read("""{"input":"q","store":false,"background":false,"truncation":"disabled","include":["reasoning.encrypted_content"],"previous_response_id":null,"reasoning":{"effort":null,"summary":null}}""");
        Assert.Empty(request.Extra);
        Assert.Null(request.Reasoning);
    }

    private static CanonicalRequest Request(params Turn[] turns)
    {
        var request = new CanonicalRequest { Origin = Protocol.AnthropicMessages };
        request.Turns.AddRange(turns);
        return request;
    }

    private static Turn System(params string[] texts)
    {
        var turn = new Turn(Role.System);
        turn.Blocks.AddRange(texts.Select(text => new TextBlock(text)));
        return turn;
    }

    private static Turn User(string text) => new(Role.User) { Blocks = { new TextBlock(text) } };

    private static Turn Assistant(params Block[] blocks)
    {
        var turn = new Turn(Role.Assistant);
        turn.Blocks.AddRange(blocks);
        return turn;
    }

    private static Turn Results(params ToolResultBlock[] results)
    {
        var turn = new Turn(Role.User);
        turn.Blocks.AddRange(results);
        return turn;
    }

    private static TextBlock Text(string text) => new(text);

    private static ToolCallBlock Call(string id, string name) => new() { Id = id, Name = name, Arguments = Encoding.UTF8.GetBytes("""{"p":1}""") };

    private static ToolResultBlock Result(string id, string text) => new() { CallId = id, IsPlainString = true, Content = { new TextBlock(text) } };

    private JsonObject Write(CanonicalRequest request, OpenAIResponsesDialect? dialect = null) => RequestTests.Write(request, dialect ?? OpenAIResponsesDialect.Default, _losses);

    // Each item in a line.
    private static List<string> Items(JsonObject body) => [.. body["input"]!.AsArray().Select(item => item!["type"]!.GetValue<string>() switch
    {
        "message" => $"{item["role"]}: {item["content"]}",
        "function_call" => $"call {item["call_id"]} {item["name"]}",
        "function_call_output" => $"output {item["call_id"]} {item["output"]}",
        "custom_tool_call" => $"custom_tool_call {item["call_id"]} {item["name"]}",
        "custom_tool_call_output" => $"custom_tool_call_output {item["call_id"]} {item["output"]}",
        var type => type,
    })];
}
