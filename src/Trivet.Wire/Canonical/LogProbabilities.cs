using System.Buffers;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>
/// Log probabilities of an answer's tokens. Chat has them beside the choice and Responses beside each text, with the same elements
/// (<c>token</c>, <c>logprob</c>, <c>bytes</c>, <c>top_logprobs</c>): between these two they go from one place to the other as they stand.
/// </summary>
internal static class LogProbabilities
{
    /// <summary>Where they stand in a whole answer of Chat, an object of <c>content</c> and <c>refusal</c>.</summary>
    public const string OfChoiceName = "choice.logprobs";

    /// <summary>Where they stand with a text, an array.</summary>
    public const string OfTextName = "output_text.logprobs";

    /// <summary>Whether a field of an answer holds them and <paramref name="target"/> says them again.</summary>
    public static bool IsSaidBy(Protocol target, string field) => (field is OfChoiceName or OfTextName) && (target is Protocol.OpenAIChat or Protocol.OpenAIResponses);

    /// <summary>Whether a value is an array of at least one element.</summary>
    public static bool IsArray(ReadOnlySpan<byte> value) => value is [(byte)'[', .., (byte)']'] && value[1..^1].ContainsAnyExcept(" \t\r\n"u8);

    /// <summary>Those that stand with a text or a refusal; absent for none.</summary>
    public static RawJson With(Block block) => block.Extra?.Find(static field => field.Name == OfTextName).Value ?? default;

    /// <summary>Those of a Chat answer's text; absent for none.</summary>
    public static RawJson OfChoice(CanonicalResponse response)
    {
        var choice = response.Extra.Find(static field => field.Name == OfChoiceName).Value;
        if (choice.IsAbsent)
            return default;
        var fields = new JsonFields();
        fields.Push(choice);
        var content = fields.Find(0, "content"u8).Value;
        return IsArray(content.Utf8.Span) ? content : default;
    }

    /// <summary>Adds the elements of an array to others, joined by commas.</summary>
    public static void Join(ReadOnlySpan<byte> array, ArrayBufferWriter<byte> elements)
    {
        if (!IsArray(array))
            return;
        if (elements.WrittenCount > 0)
            elements.Write(","u8);
        elements.Write(JsonTokens.OnOneLine(array)[1..^1]);
    }

    /// <summary>The elements of all blocks of a kind as one array; absent for none.</summary>
    public static RawJson Of<T>(IEnumerable<Block> blocks)
        where T : Block
    {
        var elements = new ArrayBufferWriter<byte>();
        foreach (var block in blocks)
        {
            if (block is T)
                Join(With(block).Utf8.Span, elements);
        }

        return elements.WrittenCount == 0 ? default : new RawJson((byte[])[(byte)'[', .. elements.WrittenSpan, (byte)']']);
    }
}
