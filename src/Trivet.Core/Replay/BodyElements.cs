using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>An element of an array in a request's body: where it stands, what it holds, and whether it is to go.</summary>
internal sealed class BodyElement(int start)
{
    public int Start => start;

    public int End { get; set; }

    /// <summary>The opaque value within; null where it holds none.</summary>
    public JsonText? Opaque { get; set; }

    /// <summary>Where that value stands.</summary>
    public int OpaqueStart { get; set; }

    /// <summary>That value is a signature; otherwise it is the thoughts themselves.</summary>
    public bool IsSigned { get; set; }

    /// <summary>It is thoughts.</summary>
    public bool IsThought { get; set; }

    /// <summary>It is a call of a tool.</summary>
    public bool IsCall { get; set; }

    /// <summary>It is the result of a call.</summary>
    public bool IsResult { get; set; }

    /// <summary>Blocks of a message, parts of a content.</summary>
    public List<BodyElement>? Inner { get; set; }

    public bool IsCut { get; set; }
}

/// <summary>
/// Takes a body apart as far as is needed to leave thoughts out of it: messages and their blocks (Messages), items (Responses), contents and their parts (Gemini).
/// </summary>
internal static class BodyElements
{
    /// <summary>The elements of the conversation, empty where the body has none.</summary>
    public static List<BodyElement> Read(Protocol protocol, ReadOnlyMemory<byte> body)
    {
        var name = protocol switch { Protocol.OpenAIResponses => "input"u8, Protocol.Gemini => "contents"u8, _ => "messages"u8 };
        var inner = protocol switch { Protocol.AnthropicMessages => "content"u8, Protocol.Gemini => "parts"u8, _ => default };
        var reader = new Utf8JsonReader(body.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.TextIs(name);
            reader.Read();
            if (isIt && reader.TokenType == JsonTokenType.StartArray)
                return ReadArray(ref reader, body, inner);
            reader.Skip();
        }

        return [];
    }

    /// <summary>The ranges that go with the elements that are cut, commas included, so that legal JSON is left. Returns whether nothing is left.</summary>
    public static bool AddRanges(List<BodyElement> elements, List<(int Start, int Length)> ranges)
    {
        foreach (var element in elements)
        {
            if (element.Inner is not { Count: > 0 } inner || !inner.Exists(static part => part.IsCut))
                continue;
            var before = ranges.Count;
            if (!AddRanges(inner, ranges))
                continue;
            ranges.RemoveRange(before, ranges.Count - before); // nothing of it is left: it goes as a whole, no vendor takes an empty one
            element.IsCut = true;
        }

        // What is cut goes with the comma before it, or with the one behind it where nothing before it stays.
        var keptEnd = -1;
        for (var i = 0; i < elements.Count; i++)
        {
            if (!elements[i].IsCut)
            {
                keptEnd = elements[i].End;
                continue;
            }

            if (keptEnd >= 0)
                ranges.Add((elements[i - 1].End, elements[i].End - elements[i - 1].End));
            else
                ranges.Add((elements[i].Start, (i + 1 < elements.Count ? elements[i + 1].Start : elements[i].End) - elements[i].Start));
        }

        return keptEnd < 0 && elements.Count > 0;
    }

    /// <summary>
    /// Messages: the last turn of the model called tools, nobody but they has spoken since, and it does not begin with thoughts that stay.
    /// </summary>
    public static bool IsUnthoughtLoop(List<BodyElement> messages)
    {
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i].Inner is not { } blocks)
                return false;
            if (blocks.Exists(static block => block.IsCall))
                return blocks.Find(static block => !block.IsCut) is not { IsThought: true };
            if (blocks.Exists(static block => !block.IsResult))
                return false;
        }

        return false;
    }

    private static List<BodyElement> ReadArray(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, ReadOnlySpan<byte> inner)
    {
        var elements = new List<BodyElement>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var element = new BodyElement((int)reader.TokenStartIndex);
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadObject(ref reader, body, inner, element);
            else
                reader.Skip();
            element.End = (int)reader.BytesConsumed;
            elements.Add(element);
        }

        return elements;
    }

    private static void ReadObject(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, ReadOnlySpan<byte> inner, BodyElement element)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isInner = !inner.IsEmpty && reader.TextIs(inner);
            var isType = reader.TextIs("type"u8);
            var isSignature = reader.TextIs("signature"u8);
            var isOpaque = isSignature || reader.TextIs("thoughtSignature"u8) || reader.TextIs("thought_signature"u8)
                || reader.TextIs("encrypted_content"u8) || reader.TextIs("data"u8);
            reader.Read();
            if (isInner && reader.TokenType == JsonTokenType.StartArray)
            {
                element.Inner = ReadArray(ref reader, body, default);
                continue;
            }

            if (isType && reader.TokenType == JsonTokenType.String)
            {
                (element.IsCall, element.IsResult) = (reader.TextIs("tool_use"u8), reader.TextIs("tool_result"u8));
                element.IsThought = reader.TextIs("thinking"u8) || reader.TextIs("redacted_thinking"u8) || reader.TextIs("reasoning"u8);
            }
            else if (isOpaque && reader.TokenType == JsonTokenType.String)
                (element.Opaque, element.OpaqueStart, element.IsSigned) = (JsonTokens.ReadText(ref reader, body), (int)reader.TokenStartIndex, isSignature);
            reader.Skip();
        }
    }
}
