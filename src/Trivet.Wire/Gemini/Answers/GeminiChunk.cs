using System.Globalization;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.Gemini.Answers;

/// <summary>A piece of a buffer: offset and length in bytes.</summary>
internal readonly record struct GeminiSlice(int Start, int Length)
{
    public bool IsEmpty => Length == 0;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> data) => data.Slice(Start, Length);

    public string TextOf(ReadOnlySpan<byte> data) => Length <= 2 ? "" : JsonText.FromToken(Of(data).ToArray()).ToString();
}

/// <summary>A field without a canonical name, of a whole answer.</summary>
internal readonly record struct GeminiField(string Name, GeminiSlice Value);

/// <summary>
/// One GenerateContentResponse — an event of a stream, or a whole answer — taken apart in one pass without copying: slices of string values are tokens with
/// their quotes, of other values the raw JSON. Only the candidate of index 0 is taken apart. Reused from event to event.
/// </summary>
internal sealed class GeminiChunk
{
    /// <summary>As deep as any body may be.</summary>
    public const int DepthMax = 64;

    /// <summary>Before the names of a candidate's own fields.</summary>
    public const string CandidatePrefix = "candidate.";

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax };

    /// <summary>The parts of the first candidate, in order.</summary>
    public List<GeminiPart> Parts { get; } = [];

    /// <summary>Further candidates, raw; null for none.</summary>
    public List<GeminiSlice>? MoreCandidates { get; private set; }

    /// <summary>Fields without a canonical name, where asked for; those of the candidate as <c>candidate.NAME</c>.</summary>
    public List<GeminiField>? Extra { get; init; }

    /// <summary>Takes the names of fields without a canonical name, where <see cref="Extra"/> does not take the fields.</summary>
    public UnsaidFields? Unsaid { get; init; }

    public bool HasCandidate { get; private set; }

    public bool IsError { get; private set; }

    public Usage? Usage { get; private set; }

    public long CreatedAt { get; private set; }

    public GeminiSlice Id { get; private set; }

    public GeminiSlice Model { get; private set; }

    public GeminiSlice ServiceTier { get; private set; }

    public GeminiSlice FinishReason { get; private set; }

    public GeminiSlice FinishMessage { get; private set; }

    public GeminiSlice BlockReason { get; private set; }

    public GeminiSlice Grounding { get; private set; }

    public GeminiSlice Citations { get; private set; }

    public GeminiSlice UrlContext { get; private set; }

    /// <summary>Reads an event or a body. False where it is no object, or no JSON.</summary>
    public bool TryRead(ReadOnlySpan<byte> data)
    {
        Reset();
        try
        {
            var reader = new Utf8JsonReader(data, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                ReadTop(data, name, ref reader);
            }

            while (reader.Read())
            {
                // anything behind the object makes the reader throw
            }

            IsError |= SaysNothing && ErrorReader.InPlaceOfAnswer(data) is not null;
            return System.Text.Unicode.Utf8.IsValid(data);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // No answer of Gemini's: a relay's own words for a failure, perhaps.
    private bool SaysNothing => !HasCandidate && MoreCandidates is null && Usage is null && BlockReason.IsEmpty && Id.IsEmpty;

    /// <summary>Reads a candidate that stands alone: one of <see cref="MoreCandidates"/>. It has been read once, so it is JSON.</summary>
    public void ReadCandidate(ReadOnlySpan<byte> data)
    {
        Reset();
        var reader = new Utf8JsonReader(data, Options);
        HasCandidate = reader.Read();
        ReadCandidate(ref reader);
    }

    private void Reset()
    {
        Parts.Clear();
        Extra?.Clear();
        MoreCandidates = null;
        (HasCandidate, IsError, Usage, CreatedAt) = (false, false, null, 0);
        (Id, Model, ServiceTier, FinishReason, FinishMessage, BlockReason) = (default, default, default, default, default, default);
        (Grounding, Citations, UrlContext) = (default, default, default);
    }

    private void ReadTop(ReadOnlySpan<byte> data, ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
    {
        if (name.SequenceEqual("candidates"u8))
            ReadCandidates(ref reader);
        else if (name.SequenceEqual("usageMetadata"u8))
            ReadUsage(ref reader);
        else if (name.SequenceEqual("responseId"u8))
            Id = Text(ref reader);
        else if (name.SequenceEqual("modelVersion"u8))
            Model = Text(ref reader);
        else if (name.SequenceEqual("createTime"u8))
            CreatedAt = DateTimeOffset.TryParse(Text(ref reader).TextOf(data), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUnixTimeSeconds() : 0;
        else if (name.SequenceEqual("promptFeedback"u8) && reader.TokenType == JsonTokenType.StartObject)
            ReadFeedback(name, ref reader);
        else if (name.SequenceEqual("error"u8))
            ReadError(ref reader);
        else if (name.SequenceEqual("base_resp"u8) && reader.TokenType == JsonTokenType.StartObject)
            IsError |= OpenAIChatTap.IsBaseRespError(ref reader);
        else
            Other(name, "", ref reader);
    }

    private void ReadError(ref Utf8JsonReader reader)
    {
        IsError |= reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
        reader.Skip();
    }

    private void ReadFeedback(ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
    {
        var ahead = reader;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            var isReason = ahead.ValueSpan.SequenceEqual("blockReason"u8);
            ahead.Read();
            if (isReason && ahead.TokenType == JsonTokenType.String)
                BlockReason = Word(ref ahead);
            ahead.Skip();
        }

        Other(name, "", ref reader);
    }

    private void ReadUsage(ref Utf8JsonReader reader)
    {
        ReadTier(reader);
        Usage = GeminiUsage.Read(ref reader) ?? Usage;
    }

    // Takes the reader by value: a copy that looks ahead.
    private void ReadTier(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTier = reader.ValueSpan.SequenceEqual("serviceTier"u8);
            reader.Read();
            if (isTier && reader.TokenType == JsonTokenType.String)
                ServiceTier = Token(ref reader);
            reader.Skip();
        }
    }

    private void ReadCandidates(ref Utf8JsonReader reader)
    {
        if (!Enters(ref reader, JsonTokenType.StartArray))
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            var extras = Extra?.Count ?? 0;
            if (reader.TokenType == JsonTokenType.StartObject && !HasCandidate)
            {
                HasCandidate = true;
                if (ReadCandidate(ref reader) == 0)
                    continue;
                Forget(extras); // the index stands behind the content: this was another one
            }
            else
            {
                Unsaid?.Add("", "candidates"u8);
                reader.Skip();
            }

            (MoreCandidates ??= []).Add(new GeminiSlice(start, (int)reader.BytesConsumed - start));
        }
    }

    private void Forget(int extras)
    {
        Parts.Clear();
        Extra?.RemoveRange(extras, Extra.Count - extras);
        (HasCandidate, FinishReason, FinishMessage, Grounding, Citations, UrlContext) = (false, default, default, default, default, default);
    }

    // Returns its index.
    private long ReadCandidate(ref Utf8JsonReader reader)
    {
        var index = 0L;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("content"u8))
                ReadContent(ref reader);
            else if (name.SequenceEqual("finishReason"u8))
                FinishReason = Word(ref reader);
            else if (name.SequenceEqual("groundingMetadata"u8))
                Grounding = Object(ref reader);
            else if (name.SequenceEqual("citationMetadata"u8))
                Citations = Object(ref reader);
            else if (name.SequenceEqual("urlContextMetadata"u8))
                UrlContext = Object(ref reader);
            else if (name.SequenceEqual("index"u8))
                index = Index(ref reader);
            else
                ReadOther(name, ref reader);
        }

        return index;
    }

    private void ReadOther(ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
    {
        if (name.SequenceEqual("finishMessage"u8) && reader.TokenType == JsonTokenType.String)
            FinishMessage = Token(ref reader);
        Other(name, CandidatePrefix, ref reader);
    }

    private void ReadContent(ref Utf8JsonReader reader)
    {
        if (!Enters(ref reader, JsonTokenType.StartObject))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isParts = reader.ValueSpan.SequenceEqual("parts"u8);
            reader.Read();
            if (!isParts)
                reader.Skip();
            if (!isParts || !Enters(ref reader, JsonTokenType.StartArray))
                continue;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    Parts.Add(GeminiPart.Read(ref reader));
                else
                    reader.Skip();
            }
        }
    }

    private void Other(ReadOnlySpan<byte> name, string prefix, ref Utf8JsonReader reader)
    {
        if (Extra is null || reader.TokenType == JsonTokenType.Null)
        {
            if (reader.TokenType != JsonTokenType.Null && !IsRepeated(name))
                Unsaid?.Add(prefix, name);
            reader.Skip();
        }
        else
            Extra.Add(new GeminiField(prefix + System.Text.Encoding.UTF8.GetString(name), Value(ref reader)));
    }

    // Says the stop reason again in words, or the reason why there is no answer: told with it.
    private static bool IsRepeated(ReadOnlySpan<byte> name) => name.SequenceEqual("finishMessage"u8) || name.SequenceEqual("promptFeedback"u8);

    // A value of a known name and another kind than it should be is passed over.
    private static bool Enters(ref Utf8JsonReader reader, JsonTokenType kind)
    {
        if (reader.TokenType == kind)
            return true;
        reader.Skip();
        return false;
    }

    private static GeminiSlice Text(ref Utf8JsonReader reader) => Enters(ref reader, JsonTokenType.String) ? Token(ref reader) : default;

    // An enumeration's first value (FINISH_REASON_UNSPECIFIED) says nothing, though some serializers write it.
    private static GeminiSlice Word(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && reader.ValueSpan.EndsWith("_UNSPECIFIED"u8) ? default : Text(ref reader);

    private static GeminiSlice Object(ref Utf8JsonReader reader) => Enters(ref reader, JsonTokenType.StartObject) ? Value(ref reader) : default;

    private static long Index(ref Utf8JsonReader reader) => Enters(ref reader, JsonTokenType.Number) ? reader.GetInt64OrZero() : 0;

    internal static GeminiSlice Token(ref Utf8JsonReader reader) => new((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);

    internal static GeminiSlice Value(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new GeminiSlice(start, (int)reader.BytesConsumed - start);
    }
}
