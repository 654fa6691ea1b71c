namespace Trivet.Wire.Canonical;

/// <summary>
/// What is learned from an answer that passes through unparsed: usage, model, whether it has begun, whether it is complete. Filled by a protocol's
/// <c>*Tap</c> per event or from a whole body; one per attempt, pooled with it.
/// </summary>
public sealed class AnswerTap
{
    // A word that is longer is none.
    private const int ServiceTierBytesMax = 32;

    /// <summary>Tokens as last reported; null where none were.</summary>
    public Usage? Usage { get; set; }

    /// <summary>Tokens that were billed beside <see cref="Usage"/>, which tells of the answer alone: those of a compaction before it (Anthropic).</summary>
    public Usage Beside { get; set; }

    /// <summary>All that was billed, as last reported; null where nothing was.</summary>
    public Usage? Billed => Usage?.Plus(Beside);

    /// <summary>The first real content has arrived: text, thoughts, a tool call, a refusal. Comments, pings and empty deltas are none.</summary>
    public bool HasContent
    {
        get;
        set
        {
            if (value && !field)
                FirstContentEvent = EventCount;
            field = value;
        }
    }

    /// <summary>The number of the event with the first content; 0 until then. What came since is about as many tokens as events.</summary>
    public int FirstContentEvent { get; private set; }

    /// <summary>A tool call was seen.</summary>
    public bool HasToolCall { get; set; }

    /// <summary>Why it ended; <see cref="StopReason.Unknown"/> until said.</summary>
    public StopReason StopReason { get; set; }

    /// <summary>The model that answered, as the vendor names it; empty until said.</summary>
    public string Model { get; set; } = "";

    /// <summary>The vendor's id of the answer; empty until said.</summary>
    public string Id { get; set; } = "";

    /// <summary>The tier of service that answered, in the vendor's word; empty where it says none or the usual one.</summary>
    public string ServiceTier { get; private set; } = "";

    /// <summary>An error inside the stream or inside a 200.</summary>
    public WireError? Error { get; set; }

    /// <summary>The end marker was seen (<c>[DONE]</c>, <c>message_stop</c>), or a stop reason after which a clean end of the stream is complete.</summary>
    public bool IsComplete { get; set; }

    /// <summary>The event was seen without which a stream of the protocol is not legal (<c>message_stop</c>). An answer may be complete without it.</summary>
    public bool HasEndMarker { get; set; }

    /// <summary>The event last observed holds usage and nothing that a client who did not ask for usage would miss (Chat's chunk with empty choices).</summary>
    public bool IsUsageOnlyEvent { get; set; }

    /// <summary>Events observed so far.</summary>
    public int EventCount { get; set; }

    /// <summary>The number of the first event, where events are numbered (Responses): 0 nearly always.</summary>
    public int FirstNumber { get; set; }

    /// <summary>Bytes of text, thoughts and arguments so far, where the answer is read to canonical: what output tokens are estimated from when none are reported.</summary>
    public long ContentBytes { get; set; }

    /// <summary>Pieces of text, thoughts and arguments so far, where the answer is read to canonical.</summary>
    public int ContentEvents { get; set; }

    /// <summary>The event last observed is like one that was looked at: its JSON is whole.</summary>
    public bool IsUneventful { get; set; }

    /// <summary>What an event looks like of which nothing needs to be known.</summary>
    public Sse.EventTemplate Uneventful { get; } = new();

    /// <summary>Takes the tier as the answer says it, unescaped UTF-8. The last word counts: OpenAI says "auto" first.</summary>
    public void TakeServiceTier(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("default"u8) || word.SequenceEqual("auto"u8) || word.SequenceEqual("standard"u8))
            ServiceTier = "";
        else if (word.SequenceEqual("priority"u8))
            ServiceTier = "priority";
        else if (word.SequenceEqual("flex"u8))
            ServiceTier = "flex";
        else if (word.Length <= ServiceTierBytesMax)
            ServiceTier = System.Text.Encoding.UTF8.GetString(word);
    }

    /// <summary>Makes the tap new.</summary>
    public void Reset()
    {
        FirstContentEvent = 0;
        Uneventful.Reset();
        (Usage, Beside, HasContent, HasToolCall, StopReason) = (null, default, false, false, StopReason.Unknown);
        (HasEndMarker, FirstNumber, ContentEvents, IsUneventful) = (false, 0, 0, false);
        (Model, Id, ServiceTier, Error, IsComplete, IsUsageOnlyEvent, EventCount, ContentBytes) = ("", "", "", null, false, false, 0, 0);
    }
}
