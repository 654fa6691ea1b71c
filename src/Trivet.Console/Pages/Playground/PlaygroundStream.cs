using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.WebConsole.Pages.Playground;

/// <summary>Reads the gateway's own Chat stream, line by line.</summary>
internal static class PlaygroundStream
{
    private const int ErrorCharsMax = 2000;

    /// <summary>Adds what a line says to an answer.</summary>
    public static void Add(PlaygroundAnswer answer, ReadOnlySequence<byte> line, long sinceMs, int charsMax)
    {
        var bytes = line.ToArray().AsSpan();
        if (!bytes.StartsWith("data:"u8))
            return;
        bytes = bytes["data:"u8.Length..].Trim((byte)' ').TrimEnd((byte)'\r');
        if (bytes.IsEmpty || bytes[0] != (byte)'{')
            return; // [DONE]
        using var document = JsonDocument.Parse(JsonTokens.WithWholePairs(bytes.ToArray()));
        var root = document.RootElement;
        var now = answer.Now;
        if (root.TryGetProperty("error", out var error))
            now = now with { Problem = Text(error, "message") };
        if (root.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
            now = now with { InputTokens = Number(usage, "prompt_tokens") ?? now.InputTokens, OutputTokens = Number(usage, "completion_tokens") ?? now.OutputTokens };
        if (root.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0 && choices[0].TryGetProperty("delta", out var delta))
        {
            var (text, thoughts) = (Text(delta, "content"), Text(delta, "reasoning_content"));
            if (text.Length + thoughts.Length > 0 && now.Text.Length + now.Thoughts.Length < charsMax)
                now = now with { Text = now.Text + text, Thoughts = now.Thoughts + thoughts, FirstContentMs = now.FirstContentMs ?? sinceMs };
        }

        answer.Now = now;
    }

    /// <summary>What an answer that is none says.</summary>
    public static string ErrorOf(ReadOnlySequence<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(JsonTokens.WithWholePairs(body.ToArray()));
            return document.RootElement.TryGetProperty("error", out var error) ? Text(error, "message") : Cut(document.RootElement.GetRawText());
        }
        catch (JsonException)
        {
            return Cut(Encoding.UTF8.GetString(body));
        }
    }

    private static string Cut(string text) => text.Length <= ErrorCharsMax ? text : text[..ErrorCharsMax];

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static long? Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;
}
