using System.Text;
using Trivet.Core.Routing.Affinity;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Json;

namespace Trivet.Tests.Routing.Affinity;

/// <summary>Two requests share exactly the pieces of the beginning that they share, wherever an agent puts its marks.</summary>
public sealed class PromptChainTests
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 1500).Select(i => $"word{i} "));

    [Fact]
    public void The_next_turn_of_a_conversation_shares_all_but_the_last_piece_of_the_one_before()
    {
        var first = Chain($$"""{"model":"m","max_tokens":9,"system":"{{Long}}","messages":[{"role":"user","content":"{{Long}}"}]}""");
        var second = Chain($$"""{"model":"m","max_tokens":9,"system":"{{Long}}","messages":[{"role":"user","content":"{{Long}}"},{"role":"assistant","content":"Yes."},{"role":"user","content":"Go on."}]}""");

        Assert.Equal(first.Prefix.Length - 1, Shared(first, second));
        Assert.InRange(first.Prefix.Tokens, 3000, 8000);
    }

    [Fact]
    public void Marks_of_cache_breakpoints_are_not_part_of_the_prompt()
    {
        const string Mark = ""","cache_control":{"type":"ephemeral"}""";
        var first = Chain(Turns(Mark, ""));
        var second = Chain(Turns("", Mark));

        Assert.True(first.HasBreakpoints);
        Assert.Equal(first.Prefix.Length, Shared(first, second));
        Assert.False(Chain(Turns("", "")).HasBreakpoints);
    }

    [Fact]
    public void Another_beginning_shares_nothing()
    {
        var one = Chain($$"""{"model":"m","max_tokens":9,"system":"a{{Long}}","messages":[{"role":"user","content":"x"}]}""");
        var other = Chain($$"""{"model":"m","max_tokens":9,"system":"b{{Long}}","messages":[{"role":"user","content":"x"}]}""");

        Assert.Equal(0, Shared(one, other));
    }

    private static string Turns(string first, string second) =>
        $$"""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"{{Long}}"{{first}}}]},{"role":"user","content":[{"type":"text","text":"{{Long}}"{{second}}}]}]}""";

    private static PromptChain Chain(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var scan = new RequestScan();
        Assert.True(AnthropicMessagesScan.TryScan(bytes, scan, out _));
        var chain = new PromptChain();
        chain.Read(bytes, scan);
        return chain;
    }

    private static int Shared(PromptChain one, PromptChain other)
    {
        var a = one.Prefix.Hashes.Span;
        var b = other.Prefix.Hashes.Span;
        var shared = 0;
        while (shared < a.Length && shared < b.Length && a[shared] == b[shared])
            shared++;
        return shared;
    }
}
