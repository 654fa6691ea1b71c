using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Wire.OpenAIChat.Answers;

/// <summary>
/// Reads a whole Chat answer. Lenient: real servers break the spec. Fields without a canonical name are kept in
/// <see cref="CanonicalResponse.Extra"/>, those of the choice as <c>choice.NAME</c> and those of the message as <c>message.NAME</c>.
/// </summary>
public static class OpenAIChatResponseReader
{
    internal const string ChoicePrefix = "choice.";
    internal const string MessagePrefix = "message.";

    /// <summary>Reads the answer. False with an error where the body is none, or tells a failure inside a 200.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, OpenAIChatDialect dialect, out CanonicalResponse? response, out WireError? error)
    {
        response = null;
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = OpenAIChatScan.DepthMax });
            if (!Utf8.IsValid(body.Span) || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                error = OpenAIChatTap.NotJson(isStream: false);
                return false;
            }

            var pass = new Pass(body, dialect);
            error = pass.Run(ref reader) ?? pass.Fault();
            response = error is null ? pass.Response : null;
            return error is null;
        }
        catch (JsonException)
        {
            error = OpenAIChatTap.NotJson(isStream: false);
            return false;
        }
    }

    private sealed class Pass(ReadOnlyMemory<byte> body, OpenAIChatDialect dialect)
    {
        private readonly MessageParts _parts = new(body);
        private int _choices;
        private int _first; // place of the choice that is the answer

        public CanonicalResponse Response { get; } = new() { Origin = Protocol.OpenAIChat };

        public WireError? Run(ref Utf8JsonReader reader)
        {
            var isError = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null)
                    continue;
                if (name.SequenceEqual("choices"u8) && reader.TokenType == JsonTokenType.StartArray)
                {
                    if (Choices(ref reader) is { } error)
                        return error;
                }
                else if (name.SequenceEqual("error"u8))
                {
                    isError |= reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
                    reader.Skip();
                }
                else if (name.SequenceEqual("base_resp"u8) && reader.TokenType == JsonTokenType.StartObject)
                {
                    isError |= OpenAIChatTap.IsBaseRespError(ref reader);
                }
                else
                {
                    isError |= Top(ref reader, name);
                }
            }

            return isError || _choices == 0 && !HasUsage() ? Failure() : null;
        }

        /// <summary>What makes the answer unusable though it is well-formed.</summary>
        public WireError? Fault() => _choices == 0
            ? new WireError { Class = ErrorClass.Server, Message = "The upstream's answer holds no choice.", Code = "upstream_invalid_body" }
            : Response.StopReason == StopReason.Error ? OpenAIChatStopReasons.BrokenOff(Response.NativeStopReason ?? "error") : null;

        private bool HasUsage() => Response.Usage is not null;

        private WireError Failure()
        {
            var error = ErrorReader.Read(0, body.Span);
            return error.Code is null && error.Type is null ? error with { Code = "upstream_invalid_body" } : error;
        }

        private bool Top(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual("id"u8) && reader.TokenType == JsonTokenType.String)
                Response.Id = JsonTokens.ReadText(ref reader, body).ToString();
            else if (name.SequenceEqual("model"u8) && reader.TokenType == JsonTokenType.String)
                Response.Model = JsonTokens.ReadText(ref reader, body).ToString();
            else if (name.SequenceEqual("created"u8) && reader.TokenType == JsonTokenType.Number)
                Response.CreatedAt = reader.TryGetInt64(out var created) ? created : reader.TryGetDouble(out var number) && Math.Abs(number) < 1e12 ? (long)number : 0;
            else if (name.SequenceEqual("usage"u8))
                Response.Usage = OpenAIChatUsage.Read(ref reader) ?? Response.Usage;
            else if (name.SequenceEqual("service_tier"u8) && reader.TokenType == JsonTokenType.String)
                Response.ServiceTier = JsonTokens.ReadText(ref reader, body);
            else if (name.SequenceEqual("object"u8) && reader.TokenType == JsonTokenType.String)
                return reader.TextIs("error"u8);
            else
                Response.Extra.Add(new ExtraField(Encoding.UTF8.GetString(name), JsonTokens.ReadRaw(ref reader, body)));
            return false;
        }

        private WireError? Choices(ref Utf8JsonReader reader)
        {
            _first = PlaceOfFirst(reader);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    reader.Skip();
                    continue;
                }

                var isFirst = _choices++ == _first;
                var more = isFirst ? null : new CanonicalChoice();
                if (Choice(ref reader, isFirst ? Response.Blocks : more!.Blocks, isFirst, out var reason) is { } error)
                    return error;
                if (isFirst)
                    Response.StopReason = reason;
                else
                    (Response.MoreChoices ??= []).Add(more!);
                if (more is not null)
                    more.StopReason = reason;
            }

            return null;
        }

        // As in a stream, the choice of index 0 is the answer, wherever in the array it stands. Takes the reader by value: a copy that looks ahead.
        private static int PlaceOfFirst(Utf8JsonReader reader)
        {
            for (var place = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray;)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    var inside = reader;
                    if (ChatChunk.IndexOf(ref inside) == 0)
                        return place;
                    place++;
                }

                reader.Skip();
            }

            return 0;
        }

        private WireError? Choice(ref Utf8JsonReader reader, List<Block> blocks, bool isFirst, out StopReason reason)
        {
            reason = StopReason.Unknown;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if (name.SequenceEqual("message"u8) && reader.TokenType == JsonTokenType.StartObject)
                {
                    if (!_parts.TryRead(ref reader) || !_parts.TryAddAssistantBlocks(blocks, dialect.ThinkTags))
                        return new WireError { Class = ErrorClass.Server, Message = $"The upstream's answer is malformed: message{_parts.FaultPath} {_parts.Fault}.", Code = "upstream_invalid_body" };
                    if (isFirst)
                        Response.Extra.AddRange(_parts.Extra.Select(extra => extra with { Name = MessagePrefix + extra.Name }));
                }
                else if (name.SequenceEqual("finish_reason"u8) && reader.TokenType == JsonTokenType.String)
                {
                    reason = OpenAIChatStopReasons.Read(reader.ValueSpan);
                    if (isFirst)
                        Response.NativeStopReason = Encoding.UTF8.GetString(reader.ValueSpan);
                }
                else if (isFirst && reader.TokenType == JsonTokenType.String && OpenAIChatStopReasons.IsStopSequence(name, reader.ValueSpan))
                {
                    Response.StopSequence = JsonTokens.ReadText(ref reader, body);
                }
                else if (isFirst && reader.TokenType != JsonTokenType.Null && !name.SequenceEqual("index"u8))
                {
                    Response.Extra.Add(new ExtraField(ChoicePrefix + Encoding.UTF8.GetString(name), JsonTokens.ReadRaw(ref reader, body)));
                }
                else
                {
                    reader.Skip();
                }
            }

            reason = Derive(reason, blocks);
            if (isFirst && !Response.StopSequence.IsNull)
                reason = reason == StopReason.EndTurn ? StopReason.StopSequence : reason;
            return null;
        }

        // "stop" with tool calls is what OpenAI itself says to a forced tool; agents and other protocols need the truth.
        private StopReason Derive(StopReason reason, List<Block> blocks)
        {
            var calls = 0;
            foreach (var block in blocks)
            {
                if (block is not ToolCallBlock call)
                    continue;
                if (call.Id.IsEmpty)
                    call.Id = OpenAIChatIds.MakeCallId(Response.Id, Response.CreatedAt, calls);
                calls++;
            }

            if (reason is StopReason.EndTurn or StopReason.Unknown && calls > 0)
                return StopReason.ToolCalls;
            return reason is StopReason.Unknown or StopReason.ToolCalls && calls == 0 && blocks.Count > 0 ? StopReason.EndTurn : reason;
        }
    }
}
