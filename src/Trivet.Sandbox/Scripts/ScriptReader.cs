using System.Text;
using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Faults;
using Trivet.Sandbox.Streaming;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Scripts;

/// <summary>Reads <c>POST /sandbox/script</c>: one script or an array of them. Wrong scripts are errors that name the field, never ignored.</summary>
internal static class ScriptReader
{
    public static List<Script> Read(JsonElement root) => root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray().Select(One)] : [One(root)];

    private static Script One(JsonElement script)
    {
        Expect(script, "script", "match", "times", "respond", "raw");
        var match = script.Get("match");
        Expect(match, "match", "model", "protocol");
        var respond = script.Get("respond");
        var raw = script.Has("raw") ? script.Get("raw") : respond.Get("raw");
        return new Script(match.Str("model"), match.Str("protocol"), script.Int("times") ?? 1, Reply(respond) with { Raw = raw.IsDefined() ? Raw(raw) : null });
    }

    private static ScriptedReply Reply(JsonElement respond)
    {
        Expect(respond, "respond", "content", "stop", "stop_sequence", "usage", "model", "fault", "pacing", "chunking", "style", "headers", "raw");
        var faults = respond.Str("fault") is { } fault ? ModelName.ParseFaults(fault) : [];
        if (respond.Has("fault") && faults.Count == 0)
        {
            throw new FormatException($"respond.fault: '{respond.Get("fault")}' is no fault the sandbox knows");
        }

        return new ScriptedReply
        {
            Blocks = respond.Has("content") ? [.. respond.Items("content").Select(Block)] : null,
            Stop = respond.Str("stop"),
            StopSequence = respond.Str("stop_sequence"),
            Usage = respond.Has("usage") ? Usage(respond.Get("usage")) : null,
            Model = respond.Str("model"),
            Faults = [.. faults, .. Pacing(respond.Get("pacing"))],
            StyleSettings = [.. Settings(respond.Get("style")), .. Settings(respond.Get("chunking"))],
            Headers = respond.Get("headers").IsObject() ? respond.Get("headers").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString()) : new Dictionary<string, string>(),
        };
    }

    private static Block Block(JsonElement block, int index)
    {
        var type = block.Str("type");
        Expect(block, $"respond.content[{index}]", "type", "text", "signature", "hidden", "data", "id", "name", "arguments", "citations", "media_type");
        return type switch
        {
            "text" => new Block(BlockKind.Text, block.Str("text") ?? "") { Citations = [.. block.Items("citations").Select(c => new Citation(c.Str("url") ?? "", c.Str("title") ?? ""))] },
            "refusal" => new Block(BlockKind.Refusal, block.Str("text") ?? ""),
            "reasoning" => new Block(BlockKind.Reasoning, block.Str("text") ?? "") { Signature = block.Str("signature"), IsHidden = block.Bool("hidden") ?? false },
            "redacted" => new Block(BlockKind.Redacted, block.Str("data") ?? ""),
            "image" => new Block(BlockKind.Picture, block.Str("data") ?? "") { Name = block.Str("media_type") ?? "image/png" },
            "tool_call" => new Block(BlockKind.ToolCall, Arguments(block.Get("arguments")))
            {
                Id = block.Str("id") ?? "",
                Name = block.Str("name") ?? throw new FormatException($"respond.content[{index}].name is missing"),
            },
            _ => throw new FormatException($"respond.content[{index}].type: '{type}' is none of text, refusal, reasoning, redacted, image, tool_call"),
        };
    }

    private static string Arguments(JsonElement arguments) => arguments.ValueKind switch
    {
        JsonValueKind.Undefined => "{}",
        JsonValueKind.String => arguments.GetString()!,
        _ => TokenCounter.CompactJson(arguments),
    };

    private static SandboxUsage Usage(JsonElement usage)
    {
        Expect(usage, "respond.usage", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning");
        return new SandboxUsage(
            usage.Int("input") ?? 0, usage.Int("cache_read") ?? 0, usage.Int("cache_write_5m") ?? 0, usage.Int("cache_write_1h") ?? 0,
            usage.Int("output") ?? 0, usage.Int("reasoning") ?? 0);
    }

    private static IEnumerable<Fault> Pacing(JsonElement pacing)
    {
        Expect(pacing, "respond.pacing", "headers_ms", "first_token_ms", "tps");
        var text = new StringBuilder();
        text.Append(pacing.Int("headers_ms") is { } headers ? $"@headers-ms={headers}" : "");
        text.Append(pacing.Int("first_token_ms") is { } first ? $"@first-token-ms={first}" : "");
        text.Append(pacing.Double("tps") is { } tps ? $"@slow:tps={tps}" : "");
        return ModelName.ParseFaults(text.ToString());
    }

    private static IEnumerable<KeyValuePair<string, string>> Settings(JsonElement settings)
    {
        if (!settings.IsObject())
        {
            yield break;
        }

        foreach (var property in settings.EnumerateObject())
        {
            var value = property.Value.ToString().ToLowerInvariant();
            if (new Style().Apply(property.Name, value) is null)
            {
                throw new FormatException($"style '{property.Name}: {value}' is unknown");
            }

            yield return KeyValuePair.Create(property.Name, value);
        }
    }

    private static RawReply Raw(JsonElement raw)
    {
        Expect(raw, "raw", "status", "headers", "body_base64", "body", "chunk_bytes", "chunk_delay_ms");
        var headers = raw.Get("headers").IsObject() ? raw.Get("headers").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString()) : [];
        var body = raw.Str("body_base64") is { } encoded ? Convert.FromBase64String(encoded) : Encoding.UTF8.GetBytes(raw.Str("body") ?? "");
        return new RawReply(raw.Int("status") ?? 200, headers, body, raw.Int("chunk_bytes") ?? 0, raw.Int("chunk_delay_ms") ?? 0);
    }

    private static void Expect(JsonElement element, string where, params ReadOnlySpan<string> names)
    {
        if (!element.IsObject())
        {
            if (element.IsDefined())
            {
                throw new FormatException($"{where} must be an object");
            }

            return;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (!names.Contains(property.Name))
            {
                throw new FormatException($"{where} has no field '{property.Name}'; it has {string.Join(", ", names!)}");
            }
        }
    }
}
