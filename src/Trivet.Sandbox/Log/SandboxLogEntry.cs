namespace Trivet.Sandbox;

/// <summary>One request the sandbox saw and what it served. Filled while the request runs; read it once <see cref="IsFinished"/>.</summary>
public sealed class SandboxLogEntry
{
    /// <summary>Counts up from 1 without gaps.</summary>
    public required long Id { get; init; }

    /// <summary>When the request arrived.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The path, without the query.</summary>
    public required string Path { get; init; }

    /// <summary>The query with its question mark, credentials hashed.</summary>
    public required string Query { get; init; }

    /// <summary>Request headers by lower-case name, credentials hashed.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The protocol it was read as, e.g. <c>openai-chat</c>; null for other paths.</summary>
    public string? Protocol { get; internal set; }

    /// <summary>The model name as asked for.</summary>
    public string? Model { get; internal set; }

    /// <summary>Whether a stream was asked for.</summary>
    public bool IsStream { get; internal set; }

    /// <summary>The request body, until newer bodies push it out of the log.</summary>
    public ReadOnlyMemory<byte> Body { get; internal set; }

    /// <summary>What the request asks for, in no protocol's words; empty until it has been read and found valid.</summary>
    public IReadOnlyList<SandboxFact> Asked { get; internal set; } = [];

    /// <summary>The answer's body as it went out; only with <see cref="SandboxOptions.LogsAnswers"/>.</summary>
    public ReadOnlyMemory<byte> AnswerBody { get; internal set; }

    /// <summary>The status answered; 0 where none was sent.</summary>
    public int Status { get; internal set; }

    /// <summary>The request id in the answer's headers.</summary>
    public string? RequestId { get; internal set; }

    /// <summary>The faults that were active.</summary>
    public IReadOnlyList<string> Faults { get; internal set; } = [];

    /// <summary>The message of the error that was answered.</summary>
    public string? Error { get; internal set; }

    /// <summary>The text of the answer, as far as it was meant to be served.</summary>
    public string? Text { get; internal set; }

    /// <summary>The reasoning of the answer.</summary>
    public string? Reasoning { get; internal set; }

    /// <summary>The part of the reasoning that the answer shows.</summary>
    public string? ReasoningShown { get; internal set; }

    /// <summary>The tool calls of the answer.</summary>
    public IReadOnlyList<SandboxToolCall> ToolCalls { get; internal set; } = [];

    /// <summary>Why the answer ended, in the sandbox's words: End, Length, ToolCalls, StopSequence, ContentFilter, Refusal.</summary>
    public string? Stop { get; internal set; }

    /// <summary>The usage of the answer.</summary>
    public SandboxUsage? Usage { get; internal set; }

    /// <summary>How many stream events went out.</summary>
    public int Events { get; internal set; }

    /// <summary>How many output tokens those events carried.</summary>
    public int TokensSent { get; internal set; }

    /// <summary>Whether the answer went out to its end.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>The number of events that had gone out when the client hung up early; null where it did not.</summary>
    public int? DisconnectedAfterEvent { get; internal set; }

    /// <summary>When the request ended; null while it runs.</summary>
    public DateTimeOffset? Finished { get; internal set; }

    /// <summary>Whether this entry will not change any more.</summary>
    public bool IsFinished => Finished is not null;
}

/// <summary>One thing that a request asks for.</summary>
/// <param name="Name">What: <c>user.text</c>, <c>tool</c>, <c>temperature</c>.</param>
/// <param name="Value">Its value as text.</param>
public sealed record SandboxFact(string Name, string Value);

/// <summary>A tool call that the sandbox made.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">Its arguments, as JSON.</param>
public sealed record SandboxToolCall(string Id, string Name, string Arguments);
