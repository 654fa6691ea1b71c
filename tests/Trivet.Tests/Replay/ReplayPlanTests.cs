using Trivet.Core.Replay;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using static Trivet.Tests.Replay.ReplayRig;

namespace Trivet.Tests.Replay;

public sealed class ReplayPlanTests
{
    private const string LongId = "toolu_01ABCDEFGHJKLMN";

    private readonly ReplayRig _rig = new();

    [Fact]
    public async Task A_client_that_drops_thoughts_still_gets_them_back_to_who_thought_them()
    {
        _rig.Answer(Claude, Protocol.OpenAIChat, 0, Thought("hm", "EqQB"), new TextBlock("Reading."), Call(LongId));
        var sent = await _rig.SendAsync(Claude, [new TextBlock("Reading."), Call(LongId)]);
        var thought = Assert.IsType<ReasoningBlock>(sent[0]);
        Assert.Equal(("hm", "EqQB"), (thought.Text.ToString(), thought.Signature.ToString()));
        Assert.Equal(3, sent.Count);
    }

    [Fact]
    public async Task Another_vendor_gets_none_of_them()
    {
        _rig.Answer(Claude, Protocol.OpenAIChat, 0, Thought("hm", "EqQB"), Call(LongId));
        Assert.IsType<ToolCallBlock>(Assert.Single(await _rig.SendAsync(Kimi, [Call(LongId)])));
    }

    [Fact]
    public async Task What_is_made_of_a_turn_for_one_upstream_is_undone_for_the_next()
    {
        _rig.Answer(Gemini, Protocol.OpenAIChat, 0, new ToolCallBlock { Id = LongId, Name = "read", Arguments = "{}"u8.ToArray(), ThoughtSignature = "CiQB" });
        var request = new CanonicalRequest { Origin = Protocol.OpenAIChat };
        request.Turns.Add(new Turn(Role.Assistant));
        request.Turns[0].Blocks.Add(Call(LongId, arguments: "{}"));
        var plan = (await ReplayPlan.MakeAsync(request, _rig.Memory, _rig.Scope, TestContext.Current.CancellationToken))!;
        foreach (var target in (OpaqueOrigin[])[Gemini, Claude, Gemini])
        {
            plan.Apply(target, demands: false, refusesUnthought: false, stripped: false, new LossList());
            Assert.Equal(target == Gemini ? "CiQB" : "", Assert.Single(request.Turns[0].Blocks).ThoughtSignature.ToString());
        }
    }

    [Theory]
    [InlineData("{ \"path\" : \"a.txt\",\n \"limit\": 1.0 }")]
    [InlineData("{\"limit\":1,\"path\":\"\\u0061.txt\"}")]
    public async Task Arguments_are_the_same_however_a_client_writes_them(string arguments)
    {
        _rig.Answer(DeepSeek, Protocol.OpenAIChat, 0, Thought("hm"), Call("call_0", arguments: """{"path":"a.txt","limit":1}"""));
        Assert.IsType<ReasoningBlock>((await _rig.SendAsync(DeepSeek, [Call("call_0", arguments: arguments)]))[0]);
        Assert.IsType<ToolCallBlock>((await _rig.SendAsync(DeepSeek, [Call("call_0", arguments: """{"path":"b.txt","limit":1}""")]))[0]); // the same number in another conversation
    }

    [Fact]
    public async Task A_telling_id_is_enough_where_a_client_touched_the_arguments()
    {
        _rig.Answer(DeepSeek, Protocol.OpenAIChat, 0, Thought("hm"), Call(LongId));
        Assert.IsType<ReasoningBlock>((await _rig.SendAsync(DeepSeek, [Call(LongId, arguments: """{"path":"/abs/a.txt"}""")]))[0]);
    }

    [Fact]
    public async Task An_id_that_a_client_was_shown_in_legal_letters_leads_back_as_well()
    {
        _rig.Answer(DeepSeek, Protocol.AnthropicMessages, 0, Thought("hm"), Call("functions.read:0"));
        Assert.IsType<ReasoningBlock>((await _rig.SendAsync(DeepSeek, [Call(AnthropicMessagesIds.MakeLegal("functions.read:0"))]))[0]);
    }

    [Fact]
    public async Task A_turn_of_words_alone_is_found_by_what_it_says_and_where()
    {
        const string text = "The answer is forty-two, as everybody knows.";
        _rig.Answer(Gemini, Protocol.OpenAIChat, 0, new TextBlock(text), new TextBlock("") { ThoughtSignature = "CiQB" });
        var sent = await _rig.SendAsync(Gemini, [new TextBlock("The answer is forty-two,\nas everybody "), new TextBlock("knows.")]);
        Assert.Equal("CiQB", sent[^1].ThoughtSignature.ToString());
        Assert.True(Assert.IsType<TextBlock>(sent[^1]).Text.IsEmpty);
        _rig.Answer(Gemini, Protocol.OpenAIChat, 5, new TextBlock(text + "!"), new TextBlock("") { ThoughtSignature = "CiQB" });
        Assert.Single(await _rig.SendAsync(Gemini, [new TextBlock(text + "!")])); // said at another place: another conversation
    }

    [Fact]
    public async Task Of_conversations_that_begin_alike_each_gets_its_own_thoughts_back_and_one_whose_words_were_changed_still_gets_some()
    {
        foreach (var said in (string[])["Read a.txt for the first project.", "Read a.txt for the second project."])
        {
            _rig.Said = said;
            _rig.Answer(Gemini, Protocol.Gemini, 0, Thought("of: " + said), new TextBlock("Reading the file that you named."), Call("call_elsewhere"));
        }

        foreach (var said in (string[])["Read a.txt for the first project.", "Read a.txt for the second project."])
        {
            _rig.Said = said;
            Assert.Equal("of: " + said, Assert.IsType<ReasoningBlock>((await _rig.SendAsync(Gemini, [new TextBlock("Reading the file that you named."), Call("call_g0")]))[0]).Text.ToString()); // the client sends no ids
        }

        _rig.Said = "[shortened]";
        Assert.IsType<ReasoningBlock>((await _rig.SendAsync(Gemini, [new TextBlock("Reading the file that you named."), Call("call_g0")]))[0]);
    }

    [Fact]
    public async Task Another_node_finds_a_turn_whose_calls_have_no_ids()
    {
        _rig.Answer(Gemini, Protocol.Gemini, 0, Thought("hm"), Call("call_elsewhere"));
        await _rig.Writer.WriteAsync(TestContext.Current.CancellationToken);

        Assert.IsType<ReasoningBlock>((await new ReplayRig(_rig.Store).SendAsync(Gemini, [Call("call_g0")]))[0]);
    }

    [Fact]
    public async Task Thoughts_between_calls_stand_between_them_again()
    {
        _rig.Answer(Claude, Protocol.OpenAIChat, 0, Thought("one", "AA=="), Call(LongId + "1"), Thought("two", "BB=="), new TextBlock("now"), Call(LongId + "2", "write"));
        var sent = await _rig.SendAsync(Claude, [new TextBlock("now"), Call(LongId + "1"), Call(LongId + "2", "write")]);
        Assert.Equal(["one", "now", "1", "two", "2"], sent.Select(static block => block switch { ReasoningBlock r => r.Text.ToString(), TextBlock t => t.Text.ToString(), ToolCallBlock c => c.Id.ToString()[^1..], _ => "?" }));
    }

    [Fact]
    public async Task A_signature_is_found_on_the_call_that_had_it_among_parallel_ones()
    {
        _rig.Answer(Gemini, Protocol.OpenAIChat, 0, new ToolCallBlock { Id = LongId + "1", Name = "read", ThoughtSignature = "CiQB" }, Call(LongId + "2"));
        var sent = await _rig.SendAsync(Gemini, [Call(LongId + "1", arguments: "{}"), Call(LongId + "2")]);
        Assert.Equal(["CiQB", ""], sent.Select(static block => block.ThoughtSignature.ToString()));
    }

    [Fact]
    public async Task A_value_that_two_issuers_gave_belongs_to_the_one_whose_answer_the_turn_is()
    {
        _rig.Answer(Gemini, Protocol.OpenAIChat, 0, new ToolCallBlock { Id = LongId, Name = "read", ThoughtSignature = "CiQB" });
        _rig.Answer(Claude, Protocol.OpenAIChat, 7, Thought("hm", "CiQB"), Call(LongId + "Z"));
        var call = Assert.Single(await _rig.SendAsync(Gemini, [new ToolCallBlock { Id = LongId, Name = "read", ThoughtSignature = "CiQB" }]));
        Assert.Equal(("CiQB", false, ""), (call.ThoughtSignature.ToString(), call.OpaqueIsForeign, _rig.Losses.ToString()));
    }

    [Theory]
    [InlineData("Here it is, as you wished.")]
    [InlineData("")]
    public async Task A_picture_goes_back_signed_to_who_drew_it(string text)
    {
        _rig.Said = "Draw a house with a red roof, please.";
        Block[] said = text.Length == 0 ? [] : [new TextBlock(text)];
        var drawn = new OpaqueBlock(Protocol.Gemini, "inlineData", new RawJson("""{"inlineData":{"mimeType":"image/png","data":"AAAA"},"thoughtSignature":"CiQB"}"""u8.ToArray())) { ThoughtSignature = "CiQB" };
        var sketch = new OpaqueBlock(Protocol.Gemini, "inlineData", new RawJson("""{"thought":true,"inlineData":{"mimeType":"image/png","data":"BBBB"},"thoughtSignature":"c2tldGNo"}"""u8.ToArray())) { ThoughtSignature = "c2tldGNo" };
        _rig.Answer(Gemini, Protocol.OpenAIChat, 0, [sketch, .. said, drawn]); // the client is not shown the sketch
        var echoed = new OpaqueBlock(Protocol.OpenAIChat, "image_url", new RawJson("""{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}"""u8.ToArray()));
        var sent = await _rig.SendAsync(Gemini, [.. said, echoed]);
        Assert.Equal(("CiQB", said.Length + 1), (sent[^1].ThoughtSignature.ToString(), sent.Count));
        Assert.True((await _rig.SendAsync(Claude, [.. said, echoed]))[^1].ThoughtSignature.IsNull);
    }

    [Fact]
    public async Task Another_key_finds_nothing()
    {
        _rig.Answer(Claude, Protocol.OpenAIChat, 0, Thought("hm", "EqQB"), Call(LongId));
        _rig.Scope = _rig.Scope with { Text = "org\nother" };
        Assert.Single(await _rig.SendAsync(Claude, [Call(LongId)]));
    }

    [Fact]
    public async Task A_mark_brings_back_without_any_memory_what_it_carries()
    {
        var shown = _rig.Answer(Gemini, Protocol.AnthropicMessages, 0, new ReasoningBlock { Text = "hm", ThoughtSignature = "CiQB" }, Call("x"));
        var elsewhere = new ReplayRig();
        var sent = await elsewhere.SendAsync(Gemini, shown.Blocks);
        var thought = Assert.IsType<ReasoningBlock>(sent[0]);
        Assert.Equal(("hm", "CiQB", true), (thought.Text.ToString(), thought.ThoughtSignature.ToString(), thought.Signature.IsNull));
        var foreign = Assert.IsType<ReasoningBlock>((await elsewhere.SendAsync(Claude, shown.Blocks))[0]);
        Assert.True(foreign.OpaqueIsForeign);
    }

    [Fact]
    public async Task Thoughts_that_a_client_holds_in_pieces_are_one_again_under_their_signature()
    {
        var mark = ForeignSignature.Make(new ForeignMark("anthropic") { Protocol = Protocol.AnthropicMessages, Signature = "EqQB" });
        var sent = await _rig.SendAsync(Claude, [new TextBlock("a"), Thought("I won"), Thought("der"), new ReasoningBlock { Text = "", ThoughtSignature = mark }, Call("x")]);
        Assert.Equal(3, sent.Count);
        var thought = Assert.IsType<ReasoningBlock>(sent[1]);
        Assert.Equal(("I wonder", "EqQB", true), (thought.Text.ToString(), thought.Signature.ToString(), thought.ThoughtSignature.IsNull));
    }

    [Fact]
    public async Task Redacted_thoughts_are_shown_as_empty_ones_with_a_mark_and_come_back_redacted()
    {
        var shown = _rig.Answer(Claude, Protocol.OpenAIResponses, 0, new ReasoningBlock { IsRedacted = true, Encrypted = "zzz" }, Call("x"));
        Assert.True(ForeignSignature.IsForeign(Assert.IsType<ReasoningBlock>(shown.Blocks[0]).Encrypted));
        var thought = Assert.IsType<ReasoningBlock>((await new ReplayRig().SendAsync(Claude, shown.Blocks))[0]);
        Assert.Equal((true, "zzz"), (thought.IsRedacted, thought.Encrypted.ToString()));
    }

    [Fact]
    public async Task A_value_that_stands_naked_in_reasoning_details_is_known_by_its_hash()
    {
        _rig.Answer(Claude, Protocol.OpenAIChat, 0, Thought("hm", "EqQB"), Call("x"));
        Block[] carried = [Thought("hm", "EqQB"), Call("never seen")];
        Assert.True((await _rig.SendAsync(Kimi, carried))[0].OpaqueIsForeign);
        Assert.False((await _rig.SendAsync(Claude, carried))[0].OpaqueIsForeign);
    }

    [Fact]
    public async Task A_vendor_that_demands_thoughts_gets_empty_ones_for_a_turn_that_another_thought_of()
    {
        var sent = await _rig.SendAsync(DeepSeek, [Call(LongId)], demands: true);
        Assert.True(Assert.IsType<ReasoningBlock>(sent[0]).Text.IsEmpty);
        Assert.Single(await _rig.SendAsync(DeepSeek, [new TextBlock("a")], demands: true)); // only on turns with calls
    }

    [Theory]
    [InlineData("anthropic", ReasoningMode.Enabled)]
    [InlineData("moonshot", ReasoningMode.Disabled)]
    public async Task A_tool_loop_that_another_thought_of_goes_on_without_thinking(string target, ReasoningMode expected)
    {
        _rig.Answer(Claude, Protocol.OpenAIChat, 0, Thought("hm", "EqQB"), Call(LongId));
        var request = new CanonicalRequest { Origin = Protocol.OpenAIChat, Reasoning = new ReasoningRequest { Mode = ReasoningMode.Enabled, BudgetTokens = 2000 } };
        request.Turns.Add(new Turn(Role.Assistant));
        request.Turns[0].Blocks.Add(Call(LongId));
        request.Turns.Add(new Turn(Role.User));
        request.Turns[1].Blocks.Add(new ToolResultBlock { CallId = LongId });
        var plan = (await ReplayPlan.MakeAsync(request, _rig.Memory, _rig.Scope, TestContext.Current.CancellationToken))!;
        plan.Apply(new OpaqueOrigin(target, Protocol.AnthropicMessages), demands: false, refusesUnthought: true, stripped: false, new LossList());
        Assert.Equal(expected, request.Reasoning.Mode);
        plan.Apply(Claude, demands: false, refusesUnthought: true, stripped: false, new LossList());
        Assert.Equal((ReasoningMode.Enabled, 2000L), (request.Reasoning.Mode, request.Reasoning.BudgetTokens)); // undone for the next
    }

    [Fact]
    public async Task Stripped_means_nothing_opaque_whoever_it_is_of()
    {
        _rig.Answer(Claude, Protocol.OpenAIChat, 0, Thought("hm", "EqQB"), Call(LongId));
        var sent = await _rig.SendAsync(Claude, [Thought("hm", "EqQB"), Call(LongId)], stripped: true);
        Assert.True(sent[0].OpaqueIsForeign);
        Assert.Equal(2, sent.Count);
    }

    [Fact]
    public async Task What_cannot_go_is_named_as_lost()
    {
        await _rig.SendAsync(Claude, [new ToolCallBlock { Id = "x", Name = "read", ThoughtSignature = ForeignSignature.Make(new ForeignMark("google") { Protocol = Protocol.Gemini, ThoughtSignature = "CiQB" }) }]);
        Assert.Equal("thought_signature", _rig.Losses.ToString());
        await _rig.SendAsync(Claude, [new ToolCallBlock { Id = "x", Name = "read", ThoughtSignature = ForeignSignature.Make("google") }]);
        Assert.Equal("", _rig.Losses.ToString()); // a name alone is no loss
    }
}
