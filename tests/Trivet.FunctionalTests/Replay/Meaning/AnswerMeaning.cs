using System.Text;
using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>
/// What an answer says, in no protocol's words. Read from recordings and from what clients get by plain code that shares nothing with the gateway.
/// </summary>
internal sealed class AnswerMeaning
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();

    public string Text => _text.ToString();

    public string Reasoning => _reasoning.ToString();

    public List<ToolCall> Calls { get; } = [];

    /// <summary>Which kinds followed each other: text, reasoning, tool.</summary>
    public List<string> Order { get; } = [];

    /// <summary>end, tools, max, filter, stop_sequence, pause, context; empty where nothing was said.</summary>
    public string Stop { get; set; } = "";

    public Tokens? Usage { get; set; }

    /// <summary>The message of an error; null where there is none.</summary>
    public string? Error { get; set; }

    public void AddText(string? text) => Add(_text, text, "text");

    public void AddReasoning(string? text) => Add(_reasoning, text, "reasoning");

    public ToolCall AddCall(string id, string name)
    {
        var call = new ToolCall(id, name);
        Calls.Add(call);
        Order.Add("tool");
        return call;
    }

    /// <summary>An answer that calls tools ends with them, whatever the vendor's word (308 of 313 Gemini answers say STOP).</summary>
    public void Finish()
    {
        if (Stop is "end" or "tools" or "" or "UNEXPECTED_TOOL_CALL")
            Stop = Calls.Count > 0 ? "tools" : "end";
    }

    /// <summary>In what <paramref name="got"/> differs from this, as a client of <paramref name="client"/> can see it.</summary>
    public IEnumerable<string> Differences(AnswerMeaning got, WireProtocol client, bool comparesOrder)
    {
        if (got.Text != Text)
            yield return $"text: {Show(got.Text)} instead of {Show(Text)}";
        if (got.Reasoning != Reasoning)
            yield return $"reasoning: {Show(got.Reasoning)} instead of {Show(Reasoning)}";
        if (got.Calls.Count != Calls.Count)
            yield return $"tool calls: {got.Calls.Count} instead of {Calls.Count}";
        for (var i = 0; i < Math.Min(got.Calls.Count, Calls.Count); i++)
        {
            if (got.Calls[i].Name != Calls[i].Name)
                yield return $"tool {i}: {got.Calls[i].Name} instead of {Calls[i].Name}";
            if (!got.Calls[i].HasSameArguments(Calls[i]))
                yield return $"arguments of tool {i}: {Show(got.Calls[i].Arguments.ToString())} instead of {Show(Calls[i].Arguments.ToString())}";
            if (got.Calls[i].Id.Length == 0 || got.Calls.Take(i).Any(c => c.Id == got.Calls[i].Id))
                yield return $"id of tool {i} is '{got.Calls[i].Id}'";
        }

        if (comparesOrder && !got.Order.SequenceEqual(Order))
            yield return $"order: {string.Join(' ', got.Order)} instead of {string.Join(' ', Order)}";
        if (got.Stop != client.SayStop(Stop))
            yield return $"stop: {got.Stop} instead of {client.SayStop(Stop)}";
        if (Usage is not null && got.Usage != client.Counted(Usage))
            yield return $"usage: {got.Usage} instead of {client.Counted(Usage)}";
        if ((got.Error is null) != (Error is null))
            yield return $"error: {got.Error ?? "none"} instead of {Error ?? "none"}";
    }

    private static string Show(string text) => text.Length <= 160 ? $"'{text}'" : $"'{text[..80]}…{text[^60..]}' ({text.Length})";

    private void Add(StringBuilder target, string? text, string kind)
    {
        if (string.IsNullOrEmpty(text))
            return;
        target.Append(text);
        if (Order.Count == 0 || Order[^1] != kind)
            Order.Add(kind);
    }
}

/// <summary>A call of a tool.</summary>
internal sealed record ToolCall(string Id, string Name)
{
    public string Name { get; set; } = Name;

    public StringBuilder Arguments { get; } = new();

    public bool HasSameArguments(ToolCall other) => JsonNode.DeepEquals(Parse(), other.Parse());

    private JsonNode? Parse()
    {
        try
        {
            return Arguments.Length == 0 ? new JsonObject() : JsonNode.Parse(Arguments.ToString());
        }
        catch (System.Text.Json.JsonException)
        {
            return new JsonObject { ["not json"] = Arguments.ToString() };
        }
    }
}

/// <summary>Tokens as they were counted: all input with what was cached in it, all output with the thoughts in it.</summary>
internal sealed record Tokens(long Input, long CacheRead, long CacheWrite, long Output, long Reasoning);
