using System.IO.Enumeration;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Faults;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Scripts;

/// <summary>A recorded reply, sent byte for byte.</summary>
internal sealed record RawReply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, int ChunkBytes, int ChunkDelayMs);

/// <summary>What a script answers. Where <see cref="Blocks"/> is null the model answers as it would, with the rest applied to it.</summary>
internal sealed record ScriptedReply
{
    public IReadOnlyList<Block>? Blocks { get; init; }

    public string? Stop { get; init; }

    public string? StopSequence { get; init; }

    public SandboxUsage? Usage { get; init; }

    public string? Model { get; init; }

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> StyleSettings { get; init; } = [];

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public RawReply? Raw { get; init; }

    public Style Restyle(Style style) => StyleSettings.Aggregate(style, (s, setting) => s.Apply(setting.Key, setting.Value) ?? s);
}

/// <summary>One pushed script: which requests it answers, how many of them, and with what.</summary>
internal sealed class Script(string? modelPattern, string? protocol, int times, ScriptedReply reply)
{
    public string? ModelPattern { get; } = modelPattern;

    public string? Protocol { get; } = protocol;

    /// <summary>Requests still to answer; below zero: without end.</summary>
    public int Left { get; set; } = times <= 0 ? -1 : times;

    public ScriptedReply Reply { get; } = reply;

    public bool Matches(string model, string protocolName) =>
        (Protocol is null || Protocol == protocolName) && (ModelPattern is null || FileSystemName.MatchesSimpleExpression(ModelPattern, model, ignoreCase: false));
}
