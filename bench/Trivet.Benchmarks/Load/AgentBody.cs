using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Benchmarks.Forwarders;

namespace Trivet.Benchmarks.Load;

/// <summary>
/// A Messages request of the size and shape that a coding agent sends with every turn (observed of Claude Code, 2026-11-22: 87 kB for three
/// words from the user): system blocks, twelve tools with long descriptions, reminders, a call and its result. Made from a fixed seed.
/// </summary>
internal static class AgentBody
{
    public const int Bytes = 88_000;

    private const int ToolCount = 12;

    private static readonly string[] Words =
    [
        "the", "file", "path", "must", "be", "absolute", "when", "you", "use", "this", "tool", "command", "output", "never", "always", "read", "write",
        "`git status`", "\"quoted\"", "C:\\temp", "result", "lines", "user", "asks", "for", "—", "in", "of", "and", "a", "directory", "search", "pattern\n",
        "IMPORTANT:", "do", "not", "edit", "without", "reading", "first.\n\n", "- ", "test", "build", "error", "message", "return", "value", "naïve", "<example>",
    ];

    public static byte[] Make(string model)
    {
        // The last reminder fills what the rest leaves; its JSON escapes make the sum inexact, so it is cut twice.
        var length = Bytes - Make(model, 0).Length;
        var body = Make(model, length);
        return Make(model, length - (body.Length - Bytes));
    }

    private static byte[] Make(string model, int fillerChars)
    {
        var seed = 20261122u;
        var written = new ArrayBufferWriter<byte>(Bytes + 4096);
        using var json = new Utf8JsonWriter(written, ParsingForwarder.Json);
        json.WriteStartObject();
        json.WriteString("model", model);
        json.WriteStartArray("messages");
        WriteMessages(json, ref seed, fillerChars);
        json.WriteEndArray();
        json.WriteStartArray("system");
        WriteText(json, "x-anthropic-billing-header: cc_version=2.1.330.a1b; cc_entrypoint=sdk-cli;", cached: false);
        WriteText(json, "You are a coding agent.", cached: true);
        WriteText(json, Prose(ref seed, 13_000), cached: true);
        json.WriteEndArray();
        json.WriteStartArray("tools");
        for (var i = 0; i < ToolCount; i++)
            WriteTool(json, ref seed, i);
        json.WriteEndArray();
        json.WriteStartObject("metadata");
        json.WriteString("user_id", """{"device_id":"6f1c0e","account_uuid":"","session_id":"5b0a4f2e-6d0c-4a55-9d3e-0f0f8f1f2a3b"}""");
        json.WriteEndObject();
        json.WriteNumber("max_tokens", 32_000);
        json.WriteStartObject("thinking");
        json.WriteString("type", "enabled");
        json.WriteNumber("budget_tokens", 31_999);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return written.WrittenSpan.ToArray();
    }

    private static void WriteMessages(Utf8JsonWriter json, ref uint seed, int fillerChars)
    {
        StartMessage(json, "user");
        WriteText(json, $"<system-reminder>\n{Prose(ref seed, 6_000)}\n</system-reminder>", cached: false);
        WriteText(json, $"<system-reminder>\n{Filler(fillerChars)}\n</system-reminder>", cached: false);
        WriteText(json, "Say what this repository does.", cached: false);
        EndMessage(json);

        StartMessage(json, "assistant");
        WriteText(json, "I read the file first.", cached: false);
        json.WriteStartObject();
        json.WriteString("type", "tool_use");
        json.WriteString("id", "toolu_01A09q90qw90lq917835lq9");
        json.WriteString("name", "Tool0");
        json.WriteStartObject("input");
        json.WriteString("file_path", "/home/user/project/README.md");
        json.WriteEndObject();
        json.WriteEndObject();
        EndMessage(json);

        StartMessage(json, "user");
        json.WriteStartObject();
        json.WriteString("type", "tool_result");
        json.WriteString("tool_use_id", "toolu_01A09q90qw90lq917835lq9");
        json.WriteString("content", Prose(ref seed, 4_000));
        json.WriteEndObject();
        EndMessage(json);
    }

    private static void StartMessage(Utf8JsonWriter json, string role)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteStartArray("content");
    }

    private static void EndMessage(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string text, bool cached)
    {
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        if (cached)
        {
            json.WriteStartObject("cache_control");
            json.WriteString("type", "ephemeral");
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteTool(Utf8JsonWriter json, ref uint seed, int number)
    {
        json.WriteStartObject();
        json.WriteString("name", $"Tool{number}");
        json.WriteString("description", Prose(ref seed, 3_500));
        json.WriteStartObject("input_schema");
        json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
        json.WriteString("type", "object");
        json.WriteStartObject("properties");
        foreach (var name in (string[])["file_path", "offset", "limit", "pattern", "description"])
        {
            json.WriteStartObject(name);
            json.WriteString("type", name is "offset" or "limit" ? "integer" : "string");
            json.WriteString("description", Prose(ref seed, 120));
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartArray("required");
        json.WriteStringValue("file_path");
        json.WriteEndArray();
        json.WriteBoolean("additionalProperties", false);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Prose(ref uint seed, int chars)
    {
        var text = new StringBuilder(chars + 16);
        while (text.Length < chars)
        {
            seed = seed * 1664525 + 1013904223;       // Numerical Recipes' generator
            text.Append(Words[(seed >> 16) % Words.Length]).Append(' ');
        }
        return text.ToString(0, chars);
    }

    private static string Filler(int chars) => string.Concat(Enumerable.Repeat("Context of the project. ", chars / 24 + 1))[..chars];
}
