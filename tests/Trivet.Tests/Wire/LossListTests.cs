using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire;

public sealed class LossListTests
{
    [Fact]
    public void Losses_are_named_once_and_what_was_changed_is_marked()
    {
        var losses = new LossList();
        losses.Add(new LossRule("seed", LossEffect.Dropped, Protocol.AnthropicMessages, Bounds: false, "."));
        losses.Add(new LossRule("effort", LossEffect.Changed, Protocol.AnthropicMessages, Bounds: false, "."));
        losses.AddUnknown("seed", Protocol.AnthropicMessages);
        Assert.Equal("seed, ~effort", losses.ToString());
    }

    [Fact]
    public void What_a_client_invents_makes_neither_the_header_nor_the_list_grow_without_end()
    {
        var losses = new LossList();
        losses.AddUnknown(new string('x', 1_000_000), Protocol.Gemini);
        for (var i = 0; i < 100_000; i++)
            losses.AddUnknown($"invented_{i:d6}", Protocol.Gemini);

        Assert.StartsWith(new string('x', 80) + "..., invented_000000, ", losses.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" more", losses.ToString(), StringComparison.Ordinal);
        Assert.InRange(losses.ToString().Length, 1000, 2100);
        Assert.InRange(losses.Rules.Count, 1, 130);
    }
}
