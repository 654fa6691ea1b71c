using Trivet.Core.Audits.Checks;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Failures;

namespace Trivet.Tests.Audits.Probes;

public sealed class CapabilityItemsTests
{
    private static readonly List<CapabilityItem> Items = [.. CapabilityItems.Make(seed: 1, count: 4000, needleWords: 60)];

    [Fact]
    public void Thousands_of_items_are_all_different()
    {
        Assert.True(Items.Select(item => item.Question.Text).Distinct().Count() > 3950);
        Assert.Equal(4000, Items.Select(item => item.Id).Distinct().Count());
        Assert.Equal(16, Items.Select(item => (item.Skill, item.Language)).Distinct().Count());
    }

    [Fact]
    public void The_same_seed_makes_the_same_items()
    {
        var again = CapabilityItems.Make(seed: 1, count: 4000, needleWords: 60);

        Assert.Equal(Items.Select(item => (item.Id, item.Question.Text, item.Expected)), again.Select(item => (item.Id, item.Question.Text, item.Expected)));
    }

    [Fact]
    public void Every_item_takes_its_own_answer_and_no_other_ones()
    {
        foreach (var item in Items)
        {
            Assert.True(item.IsRight(Answering(item, item.Expected)), $"{item.Id}: {item.Question.Text}\n{item.Expected}");
            Assert.False(item.IsRight(new ProbeAnswer { Text = "I do not know." }), item.Id);
            Assert.False(item.IsRight(new ProbeAnswer()), item.Id);
            Assert.False(item.IsRight(Answering(item, item.Expected) with { Failure = new Failure(FailureKind.UpstreamTruncated) }), item.Id);
        }

        foreach (var (one, other) in Items.Zip(Items.Skip(16)).Where(pair => pair.First.Expected != pair.Second.Expected && pair.First.Skill is not CapabilitySkill.Instructions))
            Assert.False(one.IsRight(Answering(one, other.Expected)), $"{one.Id} takes {other.Expected}");
    }

    [Theory]
    [InlineData("So the result is **1,234**.", 1234, true)]
    [InlineData("17 * 3 = 51\n\n51", 51, true)]
    [InlineData("The answer is −8", -8, true)]
    [InlineData("8", -8, false)]
    [InlineData("1234 or 1235", 1234, false)]
    [InlineData("", 0, false)]
    public void Numbers_are_read_as_people_write_them(string text, long expected, bool isRight) => Assert.Equal(isRight, Judge.LastNumberIs(new ProbeAnswer { Text = text }, expected));

    [Theory]
    [InlineData("Reversed it is:\n`rohcna`", true)]
    [InlineData("Result: \"rohcna\".", true)]
    [InlineData("rohcna\nor anchor", false)]
    public void Last_lines_are_read_without_their_dress(string text, bool isRight) => Assert.Equal(isRight, Judge.LastLineIs(new ProbeAnswer { Text = text }, "rohcna"));

    [Theory]
    [InlineData("Here: ```json\n{\"a\":1,\"b\":\"x\",\"c\":true}\n```", true)]
    [InlineData("{\"c\":true,\"b\":\"x\",\"a\":1.0}", true)]
    [InlineData("{\"a\":1,\"b\":\"x\",\"c\":true,\"d\":2}", false)]
    [InlineData("{\"a\":\"1\",\"b\":\"x\",\"c\":true}", false)]
    [InlineData("{\"a\":1", false)]
    public void Objects_need_the_same_fields_of_the_same_kinds(string text, bool isRight) =>
        Assert.Equal(isRight, Judge.JsonIs(text, new Dictionary<string, object> { ["a"] = 1, ["b"] = "x", ["c"] = true }));

    [Fact]
    public void Signatures_of_another_make_are_told_from_claudes_outer_form()
    {
        byte[] block = [0x12, 80, .. new byte[80]];     // field 2, 80 bytes

        Assert.True(ClaudeSignature.TryRead(Convert.ToBase64String(block), out var fields));
        Assert.Equal([2], fields);
        Assert.True(ClaudeSignature.TryRead(Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(block))), out _));
        Assert.False(ClaudeSignature.TryRead(Convert.ToBase64String(new byte[90]), out _));
        Assert.False(ClaudeSignature.TryRead("sandbox-signature", out _));
        Assert.False(ClaudeSignature.TryRead("", out _));
    }

    [Fact]
    public void The_model_that_a_signature_names_is_read()
    {
        var name = System.Text.Encoding.ASCII.GetBytes("claude-haiku-4-5");
        byte[] named = [0x12, 60, 0x0A, 20, 0x08, 11, 0x32, (byte)name.Length, .. name, .. new byte[38]];

        Assert.Equal("claude-haiku-4-5", ClaudeSignature.ModelOf(Convert.ToBase64String(named)));
        Assert.Equal("claude-haiku-4-5", ClaudeSignature.ModelOf(Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(named)))));
        Assert.Null(ClaudeSignature.ModelOf(Convert.ToBase64String([0x12, 80, .. new byte[80]])));
        Assert.Null(ClaudeSignature.ModelOf(Convert.ToBase64String([0x12, 9, 200, .. name])));
        Assert.Null(ClaudeSignature.ModelOf("not base64"));
    }

    [Theory]
    [InlineData("claude-haiku-4-5", "claude-opus-4-7", true)]
    [InlineData("claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0", false)]
    [InlineData("claude-sonnet-4-5-20250929", "claude-sonnet-4.5", false)]
    [InlineData("claude-quoll-v7-hr-fast-ab-high-p", "claude-opus-4-7", false)] // what the house calls it
    public void A_signature_accuses_only_where_it_names_another_family(string signed, string sold, bool isOther) => Assert.Equal(isOther, ShapeChecks.IsOfAnotherFamily(signed, sold));

    private static ProbeAnswer Answering(CapabilityItem item, string text) => item.Skill == CapabilitySkill.ToolCalls ? new ProbeAnswer { Arguments = text } : new ProbeAnswer { Text = text };
}
