using System.Text;
using System.Text.Json;
using Trivet.Wire.Json;
using Xunit;

namespace Trivet.Tests.Wire.Json;

/// <summary>The cursor takes and refuses the same texts as the base class library's reader, token for token.</summary>
public sealed class JsonCursorTests
{
    private const string Sample = """
        { "model":"m", "a":[1, -0, 0.5, 1e5, -12.25E-3, 9223372036854775807, true,false,null, {}, []] ,
        "text":"A long text with a line end\n, a tab\t, quotes \"so\", a \\ and \u00e9\uD83D\uDE00, and then some more words without any.",
        "nested":{"b":[{"c":{"d":[[["deep"]]]}}], "":"", "\u0065":"\/\b\f\r"}, "中文":"字" }
        """;

    private const string Alphabet = "{}[]\",:\\untrfe01.-+E \n\u0001é";

    [Fact]
    public void A_text_has_the_same_tokens() => Same(Encoding.UTF8.GetBytes(Sample));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1")]
    [InlineData("-")]
    [InlineData("01")]
    [InlineData("1.")]
    [InlineData("1e")]
    [InlineData("\"a")]
    [InlineData("\"\\")]
    [InlineData("\"\\u12\"")]
    [InlineData("\"\\x\"")]
    [InlineData("[1,]")]
    [InlineData("[,1]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"a\":}")]
    [InlineData("{1:2}")]
    [InlineData("[}")]
    [InlineData("{]")]
    [InlineData("{} {}")]
    [InlineData("{}}")]
    [InlineData("[1 2]")]
    [InlineData("tru")]
    [InlineData("truex")]
    [InlineData("\uFEFF{}")]
    [InlineData("// no\n{}")]
    public void A_doubtful_text_is_judged_alike(string text) => Same(Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    public void Depth_is_bounded_alike(int depth)
    {
        Same(Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth)));
        Same(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth)));
    }

    [Fact]
    public void A_text_with_any_byte_changed_left_out_or_put_in_is_judged_alike()
    {
        var sample = Encoding.UTF8.GetBytes(Sample);
        for (var at = 0; at < sample.Length; at++)
        {
            Same([.. sample[..at], .. sample[(at + 1)..]]);
            Same(sample[..at]);
            foreach (var c in Alphabet)
            {
                var put = Encoding.UTF8.GetBytes(c.ToString());
                Same([.. sample[..at], .. put, .. sample[at..]]);
                Same([.. sample[..at], .. put, .. sample[(at + 1)..]]);
            }
        }
    }

    private static void Same(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        var cursor = new JsonCursor(json);
        while (true)
        {
            var (expected, problem) = Next(ref reader);
            Assert.Equal((expected, problem), Next(ref cursor));
            if (!expected || problem is not null)
                return;
            Assert.Equal(reader.TokenType, cursor.TokenType);
            Assert.Equal(reader.TokenStartIndex, cursor.TokenStartIndex);
            Assert.Equal(reader.BytesConsumed, cursor.BytesConsumed);
            Assert.True(reader.ValueSpan.SequenceEqual(cursor.ValueSpan));
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                Assert.Equal(reader.ValueIsEscaped, cursor.ValueIsEscaped);
            if (reader.TokenType is JsonTokenType.Number)
                Assert.Equal((reader.TryGetInt64(out var a), a), (cursor.TryGetInt64(out var b), b));
        }
    }

    private static (bool, string?) Next(ref Utf8JsonReader reader)
    {
        try
        {
            return (reader.Read(), null);
        }
        catch (JsonException e)
        {
            return (false, $"{e.LineNumber}:{e.BytePositionInLine}");
        }
    }

    private static (bool, string?) Next(ref JsonCursor cursor)
    {
        try
        {
            return (cursor.Read(), null);
        }
        catch (JsonException e)
        {
            return (false, $"{e.LineNumber}:{e.BytePositionInLine}");
        }
    }

    [Fact]
    public void Skipping_leaves_it_where_the_reader_is()
    {
        var json = Encoding.UTF8.GetBytes(Sample);
        var reader = new Utf8JsonReader(json);
        var cursor = new JsonCursor(json);
        reader.Read();
        cursor.Read();
        while (reader.Read() & cursor.Read())
        {
            reader.Skip();
            cursor.Skip();
            Assert.Equal(reader.BytesConsumed, cursor.BytesConsumed);
        }
    }

    [Fact]
    public void Texts_are_compared_by_what_they_mean()
    {
        var cursor = new JsonCursor("\"\\u0061b\\n\""u8);
        cursor.Read();
        Assert.True(cursor.TextIs("ab\n"u8));
        Assert.False(cursor.TextIs("ab"u8));
    }
}
