using System.Text.Json;

namespace Trivet.Sandbox.Conversation;

internal enum Speaker
{
    User,
    Assistant,
}

internal enum PartKind
{
    Text,
    Image,
    Document,
    Media,
    Reasoning,
    ToolCall,
    ToolResult,
    Opaque,
}

internal enum CacheMark
{
    None,
    FiveMinutes,
    OneHour,
}

/// <summary>One piece of what was said, in the shape all protocols share.</summary>
internal sealed class Part
{
    public required PartKind Kind { get; init; }

    /// <summary>Text, reasoning, a tool call's arguments as compact JSON, or a tool result's text.</summary>
    public string Text { get; init; } = "";

    public string? Id { get; init; }

    public string? Name { get; init; }

    public bool IsError { get; init; }

    public string? MediaType { get; init; }

    public long Bytes { get; init; }

    public string? Url { get; init; }

    public CacheMark Cache { get; init; }

    /// <summary>How closely to look at an image, where the request says.</summary>
    public string? Detail { get; init; }

    /// <summary>Instructions only: how many turns stand before them.</summary>
    public int At { get; set; }

    /// <summary>What a tool result holds beside text.</summary>
    public IReadOnlyList<Part> Inner { get; init; } = [];

    /// <summary>How an answer mentions an attachment, so that a test can prove it arrived.</summary>
    public string Mention() => Kind switch
    {
        PartKind.Image => $"[image {Source()}]",
        PartKind.Document => $"[document {Source()}]",
        PartKind.Media => $"[media {Source()}]",
        _ => "",
    };

    private string Source() => Url ?? $"{MediaType} {Bytes} bytes";
}

/// <summary>Consecutive parts of one speaker; neighbours with the same speaker are one turn, in every protocol.</summary>
internal sealed record Turn(Speaker Speaker, List<Part> Parts);

internal sealed record ToolSpec(string Name, string Description, JsonElement Schema, CacheMark Cache, bool IsServerTool)
{
    /// <summary>Free text instead of JSON arguments (OpenAI custom tools).</summary>
    public bool IsCustom { get; init; }

    /// <summary>Arguments must fit the schema.</summary>
    public bool IsStrict { get; init; }

    /// <summary>The namespace a tool was declared in (Responses).</summary>
    public string? Namespace { get; init; }
}

internal enum ToolChoice
{
    Auto,
    None,
    Required,
    Named,
}

internal enum AnswerFormat
{
    Text,
    JsonObject,
    JsonSchema,
}

/// <summary>What a client asked for, read from any protocol.</summary>
internal sealed class Ask
{
    public string Model { get; set; } = "";

    public bool Stream { get; set; }

    /// <summary>Gemini without <c>alt=sse</c>: the stream is one JSON array.</summary>
    public bool StreamsAsArray { get; set; }

    /// <summary>Chat only: <c>stream_options.include_usage</c>.</summary>
    public bool IncludeUsage { get; set; }

    public List<Part> System { get; } = [];

    public List<Turn> Turns { get; } = [];

    public List<ToolSpec> Tools { get; } = [];

    public ToolChoice ToolChoice { get; set; }

    public string? ToolChoiceName { get; set; }

    public bool ParallelCalls { get; set; } = true;

    public int? TokensMax { get; set; }

    /// <summary>Null: the client did not say.</summary>
    public double? Temperature { get; set; }

    public List<string> StopSequences { get; } = [];

    public int Choices { get; set; } = 1;

    /// <summary>Null: the client did not say. 0: off.</summary>
    public int? ReasoningTokens { get; set; }

    /// <summary>Messages only: the thinking text is withheld, its signature is not.</summary>
    public bool ReasoningHidden { get; set; }

    public AnswerFormat Format { get; set; }

    public JsonElement FormatSchema { get; set; }

    /// <summary>The credential's hash, so that one client's prompt cache is not another's.</summary>
    public string Account { get; set; } = "";

    /// <summary>Protocol-specific parts of the request that the answer repeats (Responses).</summary>
    public JsonElement Body { get; set; }

    public bool EndsWithAssistant => Turns.Count > 0 && Turns[^1].Speaker == Speaker.Assistant;

    /// <summary>Instructions, where they stand in the conversation.</summary>
    public void AddSystem(IEnumerable<Part> parts)
    {
        foreach (var part in parts)
        {
            part.At = Turns.Count;
            System.Add(part);
        }
    }

    public void Add(Speaker speaker, Part part)
    {
        if (Turns.Count == 0 || Turns[^1].Speaker != speaker)
        {
            Turns.Add(new Turn(speaker, []));
        }

        Turns[^1].Parts.Add(part);
    }
}
