using System.Text;
using System.Text.Json;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire;

public sealed class EventTemplateTests
{
    [Fact]
    public void Deltas_that_differ_in_their_text_alone_match()
    {
        var template = Taught(Delta("Hello"), Delta(" there"));

        Assert.True(template.Matches(Delta(" world")));
        Assert.True(template.Matches(Delta("")));
        Assert.True(template.Matches(Delta(" Hellothere")));
    }

    [Theory]
    [InlineData("""{"id":"x","choices":[{"delta":{"content":" end"},"finish_reason":"stop"}],"usage":null}""")]
    [InlineData("""{"id":"x","choices":[{"delta":{"content":" end"},"finish_reason":null}],"usage":{"total_tokens":3}}""")]
    [InlineData("""{"id":"x","choices":[{"delta":{"content":"","tool_calls":[{"index":0}]},"finish_reason":null}],"usage":null}""")]
    [InlineData("""{"id":"x","choices":[{"delta":{"content":"a","error":"b"},"finish_reason":null}],"usage":null}""")]
    [InlineData("""{"error":{"message":"gone"}}""")]
    [InlineData("[DONE]")]
    public void Events_with_other_tokens_never_match(string other) => Assert.False(Taught(Delta("Hello"), Delta(" there")).Matches(Encoding.UTF8.GetBytes(other)));

    [Fact]
    public void A_backslash_before_the_end_never_matches() => Assert.False(Taught(Delta("Hello"), Delta(" there")).Matches(Delta("a\\")));

    [Fact]
    public void Whatever_matches_has_the_tokens_of_what_was_learned()
    {
        var random = new Random(7);
        var matches = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var (a, b, c) = (Random(random), Random(random), Random(random));
            var template = Taught(a, b);
            if (!template.Matches(c))
                continue;
            matches++;
            Assert.Equal(Shape(b), Shape(c));
        }

        Assert.True(matches > 100, $"only {matches} rounds matched");
    }

    private static EventTemplate Taught(params byte[][] events)
    {
        var template = new EventTemplate();
        foreach (var e in events)
            template.Learn(e);
        return template;
    }

    private static byte[] Delta(string text) => Encoding.UTF8.GetBytes($$"""{"id":"x","choices":[{"delta":{"content":"{{text}}"},"finish_reason":null}],"usage":null}""");

    private static byte[] Random(Random random)
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(5) switch { 0 => "\\\"", 1 => "\\\\", 2 => "a", 3 => " ", _ => "b" }));
        var more = random.Next(6) switch { 0 => ",\"n\":1", 1 => ",\"s\":\"" + text + "\"", _ => "" };
        return Encoding.UTF8.GetBytes("{\"d\":{\"c\":\"" + text + "\"" + more + "},\"f\":" + (random.Next(5) == 0 ? "\"stop\"" : "null") + "}");
    }

    private static string Shape(byte[] json)
    {
        var shape = new StringBuilder();
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
            shape.Append(reader.TokenType).Append(reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : "").Append(' ');
        return shape.ToString();
    }
}
