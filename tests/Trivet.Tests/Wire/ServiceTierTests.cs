using System.Text;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIResponses;

namespace Trivet.Tests.Wire;

/// <summary>The tier that answered, which vendors price apart, as it is read along.</summary>
public sealed class ServiceTierTests
{
    private delegate void Observe(ReadOnlySpan<byte> body, AnswerTap tap);

    [Theory]
    [InlineData("default", "")]
    [InlineData("standard", "")]
    [InlineData("auto", "")]
    [InlineData("flex", "flex")]
    [InlineData("priority", "priority")]
    [InlineData("batch", "batch")]
    public void The_tier_is_read_from_an_answer_of_every_protocol(string word, string tier)
    {
        Assert.Equal(tier, Tier(OpenAIChatTap.ObserveBody, $$$"""{"id":"c","model":"m","service_tier":"{{{word}}}","choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"""));
        Assert.Equal(tier, Tier(OpenAIResponsesTap.ObserveBody, $$$"""{"id":"r","model":"m","status":"completed","service_tier":"{{{word}}}","output":[],"usage":{"input_tokens":1,"output_tokens":1}}"""));
        Assert.Equal(tier, Tier(AnthropicMessagesTap.ObserveBody, $$$"""{"id":"a","model":"m","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"service_tier":"{{{word}}}","output_tokens":1}}"""));
        Assert.Equal(tier, Tier(GeminiTap.ObserveBody, $$$"""{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"serviceTier":"{{{word}}}"},"modelVersion":"m"}"""));
    }

    [Fact]
    public void An_answer_that_says_none_was_served_as_usual_and_a_used_tap_forgets()
    {
        var tap = new AnswerTap();
        tap.TakeServiceTier("flex"u8);
        tap.Reset();
        OpenAIChatTap.ObserveBody("""{"id":"c","model":"m","service_tier":null,"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}"""u8, tap);

        Assert.Equal("", tap.ServiceTier);
    }

    private static string Tier(Observe observe, string body)
    {
        var tap = new AnswerTap();
        observe(Encoding.UTF8.GetBytes(body), tap);
        return tap.ServiceTier;
    }
}
