namespace Trivet.Sandbox.Conversation;

internal enum BlockKind
{
    Text,
    Reasoning,
    Redacted,
    ToolCall,
    Refusal,
    Picture,
}

/// <summary>One piece of an answer. <see cref="Text"/> holds text, reasoning, opaque data, a tool call's arguments as JSON or a picture's Base64 (its type in <see cref="Name"/>).</summary>
internal sealed record Block(BlockKind Kind, string Text)
{
    private const int PictureTokens = 258;

    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Null until signed; a script may set any, also an empty one.</summary>
    public string? Signature { get; init; }

    /// <summary>The reasoning as an opaque blob, for protocols that return it so; set with the signature.</summary>
    public string Seal { get; init; } = "";

    /// <summary>Sources that a text cites.</summary>
    public IReadOnlyList<Citation> Citations { get; init; } = [];

    /// <summary>Reasoning that is counted and signed but not shown.</summary>
    public bool IsHidden { get; init; }

    public int Tokens => Kind switch
    {
        BlockKind.ToolCall => SandboxTokenizer.Count(Name) + SandboxTokenizer.Count(Text),
        BlockKind.Redacted => 0,
        BlockKind.Picture => PictureTokens,
        _ => SandboxTokenizer.Count(Text),
    };
}

/// <summary>A source on the web.</summary>
internal sealed record Citation(string Url, string Title);

internal enum Stop
{
    End,
    Length,
    ToolCalls,
    StopSequence,
    ContentFilter,
    Refusal,
    Other,
}

/// <summary>What the sandbox says, before any protocol renders it.</summary>
internal sealed class Answer
{
    public List<Block> Blocks { get; init; } = [];

    public Stop Stop { get; set; }

    public string? StopSequence { get; set; }

    /// <summary>A scripted stop reason that is sent as it stands.</summary>
    public string? RawStop { get; init; }

    public SandboxUsage? ScriptedUsage { get; init; }

    public string Text() => string.Concat(Blocks.Where(b => b.Kind is BlockKind.Text or BlockKind.Refusal).Select(b => b.Text));

    public string Reasoning() => string.Concat(Blocks.Where(b => b.Kind == BlockKind.Reasoning).Select(b => b.Text));

    public IEnumerable<Block> ToolCalls() => Blocks.Where(b => b.Kind == BlockKind.ToolCall);
}
