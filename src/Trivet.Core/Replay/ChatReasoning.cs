using System.Text;
using System.Text.Json;
using Trivet.Core.Relay;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>
/// Puts <c>reasoning_content</c> back into a passing Chat body, on messages with calls that lack it: most clients drop it, and DeepSeek, Kimi and MiniMax answer
/// 400 without ("must be passed back", 2026-04). What the vendor thought, where it is known; an empty text for what another thought.
/// </summary>
internal static class ChatReasoning
{
    private static readonly string[] Carriers = ["reasoning_content", "reasoning", "reasoning_details"];

    /// <summary>Notes the edits.</summary>
    public static async ValueTask SpliceAsync(RelayCall call, ReplayMemory memory, ReplayScope scope)
    {
        var lacking = Lacking(call.Body.WrittenMemory, scope.Text);
        var unknown = lacking.FindAll(message => message.Keys.TrueForAll(key => memory.Find(key)?.Turn is null)).SelectMany(static message => message.Keys).Where(key => memory.Find(key) is null).ToList();
        if (unknown.Count > 0 && scope.Config.Enabled)
            await memory.LoadAsync(scope.Organisation, unknown, scope.Config, call.Client.Aborted);
        foreach (var message in lacking)
        {
            var turn = message.Keys.Select(key => memory.Find(key)?.Turn).FirstOrDefault(static turn => turn is not null);
            var thoughts = new TokenBuffer();
            foreach (var part in turn?.Parts ?? [])
            {
                if (part.Kind == ReplayPartKind.Thought)
                    thoughts.Append(part.Text.Token.Span);
            }

            call.Edits.Replace(message.Start + 1, 0, (byte[])[.. "\"reasoning_content\":"u8, .. thoughts.AsToken(), (byte)',']);
        }
    }

    private static List<(int Start, List<ReplayKey> Keys)> Lacking(ReadOnlyMemory<byte> body, string scope)
    {
        var lacking = new List<(int, List<ReplayKey>)>();
        var elements = BodyElements.Read(Wire.Canonical.Protocol.OpenAIChat, body);
        foreach (var element in elements)
        {
            var raw = body[element.Start..element.End];
            if (raw.Span.IndexOf("\"tool_calls\""u8) < 0)
                continue;
            using var message = JsonDocument.Parse(raw);
            if (message.RootElement.ValueKind != JsonValueKind.Object || Array.Exists(Carriers, carrier => message.RootElement.TryGetProperty(carrier, out var given) && given.ValueKind != JsonValueKind.Null)
                || !message.RootElement.TryGetProperty("tool_calls", out var calls) || calls.ValueKind != JsonValueKind.Array || calls.GetArrayLength() == 0)
                continue;
            lacking.Add((element.Start, [.. calls.EnumerateArray().SelectMany(call => KeysOf(call, scope))]));
        }

        return lacking;
    }

    private static IEnumerable<ReplayKey> KeysOf(JsonElement call, string scope)
    {
        if (!TryText(call, "id", out var id) || !call.TryGetProperty("function", out var function) || !TryText(function, "name", out var name) || !TryText(function, "arguments", out var arguments))
            yield break;
        yield return ReplayKey.OfCall(scope, id, name, ContentDigest.OfArguments(Encoding.UTF8.GetBytes(arguments)));
        if (ReplayKey.OfCallId(scope, id, name) is { } telling)
            yield return telling;
    }

    private static bool TryText(JsonElement holder, string name, out string text)
    {
        text = holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return text.Length > 0;
    }
}
