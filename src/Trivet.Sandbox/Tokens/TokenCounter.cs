using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Tokens;

/// <summary>
/// Counts input: 3 per turn, the tokens of every text, name and compact JSON, a flat 100 per image, and 8 per tool definition.
/// Reasoning that comes back in the history is free, ids are free. So the same conversation costs the same in every protocol.
/// </summary>
internal static class TokenCounter
{
    private const int TurnTokens = 3;
    private const int ToolTokens = 8;
    private const int AttachmentTokens = 100;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static int Input(Ask ask)
    {
        var total = 0;
        foreach (var piece in Pieces(ask))
        {
            total += piece.Tokens;
        }

        return total;
    }

    /// <summary>The prompt in the order in which a vendor caches it: tools, system, turns.</summary>
    public static IEnumerable<PromptPiece> Pieces(Ask ask)
    {
        foreach (var tool in ask.Tools)
        {
            var schema = tool.Schema.ValueKind == JsonValueKind.Undefined ? "" : CompactJson(tool.Schema);
            var tokens = ToolTokens + SandboxTokenizer.Count(tool.Name) + SandboxTokenizer.Count(tool.Description) + SandboxTokenizer.Count(schema);
            yield return new PromptPiece(tool.Name, schema, tokens, tool.Cache);
        }

        foreach (var part in ask.System)
        {
            yield return Piece(part, ReferenceEquals(part, ask.System[0]) ? TurnTokens : 0);
        }

        foreach (var turn in ask.Turns)
        {
            for (var i = 0; i < turn.Parts.Count; i++)
            {
                yield return Piece(turn.Parts[i], i == 0 ? TurnTokens : 0);
            }
        }
    }

    /// <summary>The same JSON without insignificant white space, so that string and object arguments count alike.</summary>
    public static string CompactJson(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            element.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static string CompactJson(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return CompactJson(document.RootElement);
        }
        catch (JsonException)
        {
            return json;
        }
    }

    private static PromptPiece Piece(Part part, int overhead) => new(part.Name ?? part.Kind.ToString(), part.Text, overhead + Tokens(part), part.Cache);

    private static int Tokens(Part part) => part.Kind switch
    {
        PartKind.Reasoning or PartKind.Opaque => 0,
        PartKind.ToolCall => SandboxTokenizer.Count(part.Name) + SandboxTokenizer.Count(part.Text),
        PartKind.ToolResult => SandboxTokenizer.Count(part.Text) + part.Inner.Sum(Tokens),
        PartKind.Text => SandboxTokenizer.Count(part.Text),
        _ => AttachmentTokens,
    };
}

/// <summary>One cacheable piece of a prompt.</summary>
internal readonly record struct PromptPiece(string Label, string Text, int Tokens, CacheMark Cache);
