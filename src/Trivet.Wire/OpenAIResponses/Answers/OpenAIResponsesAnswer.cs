using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.OpenAIResponses.Answers;

/// <summary>The object <c>response</c>, taken apart: a whole body, or what the first and last events of a stream hold.</summary>
internal sealed class OpenAIResponsesAnswer
{
    private readonly JsonFields _fields = new();
    private readonly ReadOnlyMemory<byte> _incompleteReason;

    /// <summary>Takes the object apart; nothing is known of one that is none. Throws where it is no JSON.</summary>
    public OpenAIResponsesAnswer(ReadOnlyMemory<byte> response)
    {
        _fields.Push(new RawJson(response));
        Count = _fields.Count;
        var start = _fields.Push(_fields.Find(0, "incomplete_details"u8).Value);
        _incompleteReason = Contents(_fields.Find(start, "reason"u8));
        _fields.Pop(start);
    }

    /// <summary>Fields of the object.</summary>
    public int Count { get; }

    public StreamStart Start => new(_fields.Find(0, "id"u8).Text.ToString(), _fields.Find(0, "model"u8).Text.ToString(), _fields.Find(0, "created_at"u8).Integer ?? 0);

    public ReadOnlySpan<byte> Status => Contents(_fields.Find(0, "status"u8)).Span;

    /// <summary>The status says that it failed, or an error is named.</summary>
    public bool IsFailed => Status.SequenceEqual("failed"u8) || Status.SequenceEqual("cancelled"u8) || !_fields.Find(0, "error"u8).Value.IsNull || IsBaseRespFailure;

    // MiniMax says of every answer how well it went.
    private bool IsBaseRespFailure
    {
        get
        {
            if (_fields.Find(0, "base_resp"u8) is not { Type: JsonTokenType.StartObject } baseResp)
                return false;
            var reader = new Utf8JsonReader(baseResp.Value.Utf8.Span);
            reader.Read();
            return OpenAIChatTap.IsBaseRespError(ref reader);
        }
    }

    /// <summary>The upstream has put the answer off (<c>background</c>).</summary>
    public bool IsPending => Status.SequenceEqual("queued"u8) || Status.SequenceEqual("in_progress"u8);

    public ReadOnlySpan<byte> IncompleteReason => _incompleteReason.Span;

    public RawJson Output => _fields.Find(0, "output"u8).Value;

    public JsonText ServiceTier => _fields.Find(0, "service_tier"u8).Text;

    public Usage? Usage
    {
        get
        {
            var usage = _fields.Find(0, "usage"u8).Value;
            if (usage.IsNull)
                return null;
            var reader = new Utf8JsonReader(usage.Utf8.Span);
            reader.Read();
            return OpenAIResponsesUsage.Read(ref reader);
        }
    }

    public JsonField this[int index] => _fields[index];

    private static ReadOnlyMemory<byte> Contents(JsonField field) => field.Type == JsonTokenType.String ? field.Value.Utf8[1..^1] : default;
}
