using System.Text.Json;
using Trivet.Core.Relay.Formats;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Audits.Items;

/// <summary>Takes the conversation of an item from a request's body, of whichever protocol. Only text can be asked again: a request with images, files or calls of tools is refused rather than cut.</summary>
public static class ItemRequestReader
{
    /// <summary>The instructions and turns of a request, or why they cannot be taken.</summary>
    public static (string? System, IReadOnlyList<ItemTurn> Turns, string? Problem) Read(ReadOnlyMemory<byte> body)
    {
        if (ProtocolOf(body) is not { } protocol)
            return (null, [], "This is not the body of a request: messages, input or contents are missing.");
        if (!WireFormats.For(protocol).TryReadRequest(body, out var request, out var error))
            return (null, [], $"The request cannot be read: {error?.Message}");
        var (system, turns) = (new List<string>(), new List<ItemTurn>());
        foreach (var turn in request!.Turns)
        {
            if (turn.Blocks.Exists(block => block is not (TextBlock or ReasoningBlock)))
                return (null, [], "The request holds more than text (images, files, or calls of tools and their results): only text can be asked again.");
            var text = string.Concat(turn.Blocks.OfType<TextBlock>().Select(block => block.Text.ToString()));
            if (turn.Role is Role.System or Role.Developer)
                system.Add(text);
            else if (text.Length > 0)
                turns.Add(new ItemTurn(turn.Role == Role.User, text));
        }

        return (system.Count == 0 ? null : string.Join("\n\n", system), turns, null);
    }

    // Chat and Messages differ in where instructions stand; for texts alone either reads the other's turns.
    private static Protocol? ProtocolOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object ? null
                : root.TryGetProperty("contents", out _) ? Protocol.Gemini
                : root.TryGetProperty("input", out _) ? Protocol.OpenAIResponses
                : !root.TryGetProperty("messages", out _) ? null
                : root.TryGetProperty("system", out _) ? Protocol.AnthropicMessages : Protocol.OpenAIChat;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
