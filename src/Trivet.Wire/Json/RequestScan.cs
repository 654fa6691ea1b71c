namespace Trivet.Wire.Json;

/// <summary>
/// What one pass over a request's bytes tells, without an object model: what routing needs to choose, and where to splice. One per request,
/// pooled with it; <see cref="Reset"/> makes it new. Each protocol's <c>*Scan</c> fills it.
/// </summary>
public sealed class RequestScan
{
    private readonly List<FieldSpan> _fields = [];

    /// <summary>Where each top-level property stands, in order. Duplicate names stand twice.</summary>
    public IReadOnlyList<FieldSpan> Fields => _fields;

    /// <summary>The model that the client named; empty where it named none (Gemini names it in the path).</summary>
    public string Model { get; set; } = "";

    /// <summary>The value token of <c>model</c> in the body, quotes included; length 0 where there is none.</summary>
    public FieldSpan ModelField { get; set; }

    /// <summary>The client wants a stream.</summary>
    public bool Stream { get; set; }

    /// <summary>The client asked for usage in the stream, or its protocol always sends it.</summary>
    public bool StreamUsage { get; set; }

    /// <summary>What the request needs of an upstream.</summary>
    public RequestFeatures Features { get; set; }

    /// <summary>Upper bound of output tokens; null where the client set none.</summary>
    public long? MaxOutputTokens { get; set; }

    /// <summary>How many turns or messages there are.</summary>
    public int TurnCount { get; set; }

    /// <summary>How many tools there are.</summary>
    public int ToolCount { get; set; }

    /// <summary>
    /// Hash of the conversation's beginning (system and first user turn), stable over the turns of one conversation: the key of session
    /// affinity where the client sends no session header. 0 where there is nothing to hash.
    /// </summary>
    public ulong PrefixHash { get; set; }

    /// <summary>Rough count of input tokens, from the bytes of text (not of base64 data).</summary>
    public long InputTokensEstimate { get; set; }

    /// <summary>
    /// Byte ranges to leave out when the body goes to an upstream of the same protocol: reasoning blocks that Trivet made from another
    /// vendor's thoughts, which no vendor would accept. Each range leaves legal JSON behind when removed. Empty as a rule.
    /// </summary>
    public List<(int Start, int Length)> ForeignReasoning { get; } = [];

    /// <summary>Where the contents begin (their quote or bracket) of tool results that say only in a field of their own that the tool failed. Empty as a rule.</summary>
    public List<int> FailedResults { get; } = [];

    /// <summary>Notes a top-level property.</summary>
    public void AddField(FieldSpan field) => _fields.Add(field);

    /// <summary>Finds a top-level property; the last one where it stands twice, as parsers take it.</summary>
    public bool TryGetField(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name, out FieldSpan field)
    {
        for (var i = _fields.Count - 1; i >= 0; i--)
        {
            field = _fields[i];
            if (body.Slice(field.NameStart + 1, field.NameLength - 2).SequenceEqual(name))
                return true;
        }

        field = default;
        return false;
    }

    /// <summary>Makes the scan new.</summary>
    public void Reset()
    {
        _fields.Clear();
        ForeignReasoning.Clear();
        FailedResults.Clear();
        (Model, ModelField, Stream, StreamUsage, Features, MaxOutputTokens) = ("", default, false, false, RequestFeatures.None, null);
        (TurnCount, ToolCount, PrefixHash, InputTokensEstimate) = (0, 0, 0, 0);
    }
}

/// <summary>Where a property stands in a body: offsets in bytes.</summary>
/// <param name="NameStart">The name's opening quote.</param>
/// <param name="NameLength">The name with its quotes.</param>
/// <param name="ValueStart">First byte of the value.</param>
/// <param name="ValueLength">The whole value, quotes or brackets included.</param>
public readonly record struct FieldSpan(int NameStart, int NameLength, int ValueStart, int ValueLength);

/// <summary>What a request needs of an upstream.</summary>
[Flags]
public enum RequestFeatures
{
    /// <summary>Plain text.</summary>
    None = 0,

    /// <summary>Tools are offered.</summary>
    Tools = 1,

    /// <summary>A tool must be called.</summary>
    ForcedTool = 2,

    /// <summary>Parallel calls are forbidden.</summary>
    SingleToolCall = 4,

    /// <summary>Pictures.</summary>
    Images = 8,

    /// <summary>Documents.</summary>
    Documents = 16,

    /// <summary>Sound.</summary>
    Audio = 32,

    /// <summary>Film.</summary>
    Video = 64,

    /// <summary>JSON that fits a schema.</summary>
    JsonSchema = 128,

    /// <summary>Any JSON object.</summary>
    JsonObject = 256,

    /// <summary>Stop sequences.</summary>
    StopSequences = 512,

    /// <summary>Thinking is asked for.</summary>
    Reasoning = 1024,

    /// <summary>Tools that the vendor runs.</summary>
    ServerTools = 2048,

    /// <summary>Several answers (<c>n</c> &gt; 1).</summary>
    SeveralChoices = 4096,

    /// <summary>Log probabilities.</summary>
    LogProbs = 8192,

    /// <summary>A picture or document is given by URL.</summary>
    MediaByUrl = 16384,

    /// <summary>State kept by the vendor (<c>previous_response_id</c>, <c>thread</c>, <c>container</c>, file ids).</summary>
    VendorState = 32768,

    /// <summary>Messages of the system between the others (Anthropic Messages only).</summary>
    SystemInConversation = 65536,
}
