using System.Text;
using Trivet.Core.Scorecards.Checks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Tests.Scorecards;

/// <summary>What passive checks find in answers, and what they leave alone because it is not sure.</summary>
public sealed class AnswerCheckerTests
{
    private const string Weather = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""";
    private const string Chinese = "请问这个季节去南京旅游需要准备一些什么样的衣服呢，早晚温差大不大，有没有推荐的地方可以去看看，谢谢你的耐心解答。";
    private const string English = "You will want a warm coat and something light for the afternoon, since the mornings there are cold at this time of the year.";

    public static TheoryData<string, string, CheckKind?> Calls { get; } = new()
    {
        { "weather", """{"city":"Paris"}""", null },
        { "weather", """{"city":"Par""", CheckKind.ArgumentsUnreadable },
        { "weather", """{"town":"Paris"}""", CheckKind.ArgumentsUnfit },
        { "weather", """{"city":"\ud83d"}""", null },
        { "weather", "", CheckKind.ArgumentsUnfit },
        { "time", "", null },
        { "wether", """{"city":"Paris"}""", CheckKind.UnknownTool },
    };

    public static TheoryData<string, string, bool> Languages { get; } = new()
    {
        { Chinese, English, true },
        { Chinese + " Answer in English.", English, false },
        { "把下面这段话翻译一下：" + Chinese, English, false },
        { Chinese, "```python\nfor item in collection_of_things:\n    print(item.description_of_item)\n```\n好的，给你。", false },
        { Chinese, "OK, done.", false },
        { English, Chinese, true },
        { English, English, false },
        { Chinese, Chinese, false },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_must_be_of_a_tool_that_was_offered_and_fit_its_schema(string name, string arguments, CheckKind? found)
    {
        var request = Ask("What is the weather?");
        request.Tools.Add(new Tool { Name = "weather", Parameters = Raw(Weather) });
        request.Tools.Add(new Tool { Name = "time" });
        var response = new CanonicalResponse { Origin = Protocol.OpenAIChat, StopReason = StopReason.ToolCalls };
        response.Blocks.Add(new ToolCallBlock { Name = name, Arguments = Encoding.UTF8.GetBytes(arguments) });

        Assert.Equal(Bits(found), AnswerChecker.Judge(AnswerQuestion.Of(request), response).Bits);
    }

    [Fact]
    public void A_call_that_was_cut_off_or_is_the_vendors_to_run_is_not_judged()
    {
        var request = Ask("What is the weather?");
        request.Tools.Add(new Tool { Name = "weather", Parameters = Raw(Weather) });
        var cut = new CanonicalResponse { Origin = Protocol.OpenAIChat, StopReason = StopReason.MaxTokens };
        cut.Blocks.Add(new ToolCallBlock { Name = "weather", Arguments = "{\"ci"u8.ToArray() });
        var served = new CanonicalResponse { Origin = Protocol.AnthropicMessages, StopReason = StopReason.EndTurn };
        served.Blocks.Add(new ToolCallBlock { Name = "web_search", Kind = ToolKind.Server, Arguments = "{}"u8.ToArray() });

        Assert.Equal(0, AnswerChecker.Judge(AnswerQuestion.Of(request), cut).Bits);
        Assert.Equal(0, AnswerChecker.Judge(AnswerQuestion.Of(request), served).Bits);
    }

    [Theory]
    [InlineData("""{"city":"Paris"}""", true)]
    [InlineData("""Here you are: {"city":"Paris"}""", false)]
    [InlineData("""{"city":7}""", false)]
    public void A_schema_that_was_demanded_is_held_to(string text, bool fits)
    {
        var request = Ask("Where?");
        request.OutputFormat = new OutputFormat(OutputFormatKind.JsonSchema) { Schema = Raw(Weather) };

        Assert.Equal(!fits, AnswerChecker.Judge(AnswerQuestion.Of(request), Said(text)).Has(CheckKind.SchemaUnfit));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void An_answer_without_anything_for_its_client_is_empty(string? text)
    {
        var response = Said(text);
        response.Blocks.Add(new ReasoningBlock { Text = "Let me think about it." });

        Assert.True(AnswerChecker.Judge(AnswerQuestion.Of(Ask("Go on.")), response).Has(CheckKind.Empty));
    }

    [Fact]
    public void A_text_that_says_the_same_to_its_end_has_lost_its_thread_and_tables_and_refrains_have_not()
    {
        const string Loop = "I will now read the file again. ";

        Assert.True(Repetition.IsDegenerate("Fine so far. " + string.Concat(Enumerable.Repeat(Loop, 40))));
        Assert.True(Repetition.IsDegenerate("哈" + new string('哈', 500)));
        Assert.False(Repetition.IsDegenerate(string.Concat(Enumerable.Repeat("| --- | --- |\n", 60))));
        Assert.False(Repetition.IsDegenerate(new string('0', 2_000)));
        Assert.False(Repetition.IsDegenerate(string.Concat(Enumerable.Repeat(Loop, 4))));
        Assert.False(Repetition.IsDegenerate(string.Concat(Enumerable.Range(0, 200).Select(i => $"{i}. Read file number {i}.\n"))));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Another_script_is_found_only_where_nobody_can_have_wanted_it(string question, string answer, bool isOther) =>
        Assert.Equal(isOther, AnswerChecker.Judge(AnswerQuestion.Of(Ask(question)), Said(answer)).Has(CheckKind.OtherScript));

    [Fact]
    public void A_refusal_is_noted_and_the_same_words_within_an_answer_are_not()
    {
        const string Phrase = "I'm sorry, but I can't help with that request.";

        var refused = AnswerChecker.Judge(AnswerQuestion.Of(Ask("Do it.")), Said(Phrase));
        Assert.True(refused.Has(CheckKind.Refusal));
        Assert.True(refused.PassesWhole);
        Assert.False(RefusalPhrases.Opens(string.Concat(Enumerable.Repeat("The letter is done and it is attached. ", 10)) + Phrase));
        Assert.False(RefusalPhrases.Opens("Sure. Here is how you do it."));
    }

    private static int Bits(CheckKind? kind) => kind is { } found ? 1 << (int)found : 0;

    private static RawJson Raw(string json) => new(Encoding.UTF8.GetBytes(json));

    private static CanonicalRequest Ask(string text)
    {
        var request = new CanonicalRequest { Origin = Protocol.OpenAIChat };
        var turn = new Turn(Role.User);
        turn.Blocks.Add(new TextBlock(text));
        request.Turns.Add(turn);
        return request;
    }

    private static CanonicalResponse Said(string? text)
    {
        var response = new CanonicalResponse { Origin = Protocol.OpenAIChat, StopReason = StopReason.EndTurn };
        if (text is not null)
            response.Blocks.Add(new TextBlock(text));
        return response;
    }
}
