using System.Text;
using Trivet.Core.Audits.Items;

namespace Trivet.Tests.Audits.Items;

public sealed class OwnItemsTests
{
    [Theory]
    [InlineData(ItemJudge.Contains, "Paris", "It is PARIS, of course.", true)]
    [InlineData(ItemJudge.Contains, "Paris", "It is Rome.", false)]
    [InlineData(ItemJudge.Lacks, "sorry", "It is Rome.", true)]
    [InlineData(ItemJudge.Lacks, "sorry", "Sorry, no.", false)]
    [InlineData(ItemJudge.Lacks, "sorry", "  ", false)]
    [InlineData(ItemJudge.Equals, "yes", " yes\n", true)]
    [InlineData(ItemJudge.Equals, "yes", "yes, sir", false)]
    [InlineData(ItemJudge.LastLine, "billing", "Let me see.\nCategory: **billing**.", true)]
    [InlineData(ItemJudge.LastLine, "billing", "billing\nor rather: refund", false)]
    [InlineData(ItemJudge.Number, "-1200", "So it comes to -1,200 euros", true)]
    [InlineData(ItemJudge.Number, "1200", "1200 or 1300", false)]
    [InlineData(ItemJudge.Matches, @"^\d{4}-\d{2}$", "2026-11", true)]
    [InlineData(ItemJudge.Matches, @"^\d{4}-\d{2}$", "in 2026-11", false)]
    [InlineData(ItemJudge.Json, """{"b":[1,2],"a":"x"}""", "Here:\n```json\n{\"a\": \"x\", \"b\": [1, 2]}\n```", true)]
    [InlineData(ItemJudge.Json, """{"a":"x"}""", """{"a":"x","b":null}""", false)]
    [InlineData(ItemJudge.Json, """{"a":"x"}""", "{no}", false)]
    public void An_answer_is_judged_by_what_it_says(ItemJudge judge, string expected, string answer, bool isRight) =>
        Assert.Equal(isRight, OwnItems.IsRight(Item("q", new ItemExpectation(judge, expected)), answer));

    [Fact]
    public void All_that_is_expected_must_be_there()
    {
        var item = Item("q", new ItemExpectation(ItemJudge.Contains, "red"), new ItemExpectation(ItemJudge.Lacks, "green"));
        Assert.True(OwnItems.IsRight(item, "red and blue"));
        Assert.False(OwnItems.IsRight(item, "red and green"));
    }

    [Fact]
    public void What_no_program_can_judge_is_refused_with_the_reason()
    {
        Assert.Null(OwnItems.ProblemOf(Item("q", new ItemExpectation(ItemJudge.Matches, "a+"))));
        Assert.Contains("look-around", OwnItems.ProblemOf(Item("q", new ItemExpectation(ItemJudge.Matches, "(?<=a)b"))), StringComparison.Ordinal);
        Assert.Contains("look-around", OwnItems.ProblemOf(Item("q", new ItemExpectation(ItemJudge.Matches, "(a"))), StringComparison.Ordinal);
        Assert.Contains("whole number", OwnItems.ProblemOf(Item("q", new ItemExpectation(ItemJudge.Number, "1.5"))), StringComparison.Ordinal);
        Assert.Contains("JSON object", OwnItems.ProblemOf(Item("q", new ItemExpectation(ItemJudge.Json, "[1]"))), StringComparison.Ordinal);
        Assert.Contains("last_line", OwnItems.ProblemOf(Item("q")), StringComparison.Ordinal);
        Assert.Contains("last word", OwnItems.ProblemOf(Item("q", new ItemExpectation(ItemJudge.Equals, "x")) with { Turns = [new(true, "a"), new(false, "b")] }), StringComparison.Ordinal);
        Assert.Contains("characters", OwnItems.ProblemOf(Item(new string('x', OwnItem.CharsMax + 1), new ItemExpectation(ItemJudge.Equals, "x"))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_item_is_asked_of_the_models_it_names()
    {
        var item = Item("q", new ItemExpectation(ItemJudge.Equals, "x"));
        Assert.True(OwnItems.IsFor(item, "anything"));
        Assert.True(OwnItems.IsFor(item with { Models = ["claude-*", "gpt-x"] }, "gpt-x"));
        Assert.False(OwnItems.IsFor(item with { Models = ["claude-*", "gpt-x"] }, "gpt-y"));
    }

    [Fact]
    public void The_same_item_has_the_same_id_whoever_adds_it()
    {
        var item = Item("q", new ItemExpectation(ItemJudge.Equals, "x"));
        Assert.Equal(OwnItems.Identified(item).Id, OwnItems.Identified(item with { Name = "other", CreatedBy = "b", CreatedMs = 5 }).Id);
        Assert.NotEqual(OwnItems.Identified(item).Id, OwnItems.Identified(item with { System = "Be brief." }).Id);
    }

    [Fact]
    public void A_file_is_read_with_its_texts_as_they_stand()
    {
        var (items, problems) = OwnItemReader.Read("""
            items:
              - name: shell
                question: What does ${HOME:-x} mean?
                models: ["gpt-*"]
                system: Be brief.
                expect: { contains: [home, folder], lacks: [sorry], number: 3 }
                max_tokens: 99
              - turns: [{ user: My name is Ada. }, { assistant: Hello Ada. }, { user: What is my name? }]
                expect: { last_line: Ada }
            """);

        Assert.Empty(problems);
        Assert.Equal("What does ${HOME:-x} mean?", OwnItems.Question(items[0]));
        Assert.Equal(("shell", "Be brief.", 99), (items[0].Name, items[0].System, items[0].TokensMax));
        Assert.Equal([new(ItemJudge.Contains, "home"), new(ItemJudge.Contains, "folder"), new(ItemJudge.Lacks, "sorry"), new(ItemJudge.Number, "3")], items[0].Expect);
        Assert.Equal([new(true, "My name is Ada."), new(false, "Hello Ada."), new(true, "What is my name?")], items[1].Turns);
    }

    [Fact]
    public void What_is_wrong_in_a_file_is_told_with_its_line()
    {
        var (items, problems) = OwnItemReader.Read("items:\n  - question: a\n    expects: { number: 3 }\n");
        Assert.Empty(items);
        Assert.Equal((3, true), (problems[0].Line, problems[0].Message.Contains("did you mean 'expect'?", StringComparison.Ordinal)));

        (items, problems) = OwnItemReader.Read("items:\n  - question: a\n    expect: { number: 3 }\n  - question: b\n");
        Assert.Empty(items);
        Assert.Contains("items[1]", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":[{"type":"text","text":"Who are you?"}]}]}""")]
    [InlineData("""{"model":"m","max_tokens":9,"system":"Be brief.","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Who are you?"}]}""")]
    [InlineData("""{"model":"m","instructions":"Be brief.","input":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Who are you?"}]}""")]
    [InlineData("""{"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]},{"role":"user","parts":[{"text":"Who are you?"}]}]}""")]
    public void A_real_request_of_any_protocol_becomes_a_conversation(string body)
    {
        var (system, turns, problem) = ItemRequestReader.Read(Encoding.UTF8.GetBytes(body));
        Assert.Null(problem);
        Assert.Equal("Be brief.", system);
        Assert.Equal([new(true, "Hi"), new(false, "Hello"), new(true, "Who are you?")], turns);
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/b.png"}}]}]}""", "more than text")]
    [InlineData("""{"model":"m"}""", "messages, input or contents")]
    [InlineData("hello", "messages, input or contents")]
    public void A_request_that_cannot_be_asked_again_as_it_was_is_refused(string body, string why) =>
        Assert.Contains(why, ItemRequestReader.Read(Encoding.UTF8.GetBytes(body)).Problem, StringComparison.Ordinal);

    private static OwnItem Item(string question, params IReadOnlyList<ItemExpectation> expect) => new() { Turns = [new ItemTurn(true, question)], Expect = expect };
}
