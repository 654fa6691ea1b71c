using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.Benchmarks.Parties;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Benchmarks.Chaos;

/// <summary>One thing to ask for, and its only right answer.</summary>
internal sealed record ChaosTalk(Talk Talk, Func<Heard, string?> Missing, bool IsTool)
{
    private static readonly ToolOffer Tool = new("write_note", "Writes a note.", """{"type":"object","properties":{"path":{"type":"string"},"text":{"type":"string"}},"required":["path","text"]}""");

    /// <summary>Text of a known length.</summary>
    public static ChaosTalk OfText(long number, int tokens, string text) =>
        new(Talk.Asking($"Request {number}. [[tokens {tokens}]]"), heard => heard.Calls.Any() ? "a tool call that nobody asked for" : KnownText.Missing(heard, text), false);

    /// <summary>One call, with arguments that no other request has.</summary>
    public static ChaosTalk OfTool(long number, string text)
    {
        var arguments = new JsonObject { ["path"] = $"notes/{number}.txt", ["text"] = $"{number}: {text}" };
        return new(Talk.Asking($"[[tool {Tool.Name} {arguments.ToJsonString()}]]") with { Tools = [Tool] }, heard => WrongCall(heard, arguments), true);
    }

    private static string? WrongCall(Heard heard, JsonObject arguments)
    {
        var calls = heard.Calls.ToList();
        if (calls.Count != 1)
            return $"{calls.Count} tool calls instead of one";
        if (heard.Stop != "tool")
            return $"a tool call that ends with '{heard.Stop}'";
        if (calls[0].Name != Tool.Name)
            return $"a wrong tool call: {calls[0].Name}";
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(calls[0].Text), arguments) ? null : $"a wrong tool call: {calls[0].Text}";
        }
        catch (JsonException)
        {
            return $"a wrong tool call, no JSON: {calls[0].Text}";
        }
    }
}
