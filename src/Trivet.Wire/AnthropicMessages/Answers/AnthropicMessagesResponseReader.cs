using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.AnthropicMessages.Answers;

/// <summary>Reads a whole answer. Lenient: what a vendor left out stays unsaid, a block that cannot be read is left out. An error inside a 200 is an error.</summary>
public static class AnthropicMessagesResponseReader
{
    /// <summary>Reads the answer. Texts in it point into <paramref name="body"/>.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, AnthropicMessagesDialect dialect, out CanonicalResponse? response, out WireError? error)
    {
        (response, error) = (null, null);
        if (!Utf8.IsValid(body.Span))
        {
            error = NotAnAnswer("it is not valid UTF-8");
            return false;
        }

        try
        {
            var answer = new CanonicalResponse { Origin = Protocol.AnthropicMessages };
            error = Read(body, answer);
            if (error is null)
            {
                UnwrapAnswerTool(answer, dialect);
                response = answer;
            }
        }
        catch (JsonException)
        {
            error = NotAnAnswer("it is not valid JSON");
        }

        return response is not null;
    }

    private static WireError? Read(ReadOnlyMemory<byte> body, CanonicalResponse answer)
    {
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return NotAnAnswer("it is no JSON object");
        var (hasContent, isError) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length).Span;
            var nameMemory = body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            if (name.SequenceEqual("content"u8) && reader.TokenType == JsonTokenType.StartArray)
            {
                hasContent = true;
                Content(ref reader, body, answer);
            }
            else if (name.SequenceEqual("usage"u8))
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    Usage(ref reader, body.Span, answer);
                else
                    reader.Skip();
            }
            else if (name.SequenceEqual("base_resp"u8) && reader.TokenType == JsonTokenType.StartObject)
            {
                isError |= OpenAIChatTap.IsBaseRespError(ref reader);
            }
            else
            {
                var type = reader.TokenType;
                isError |= Field(new JsonField(nameMemory, JsonTokens.ReadRaw(ref reader, body), type), answer);
            }
        }

        if (isError)
            return ErrorReader.Read(0, body.Span);
        if (hasContent || answer.StopReason != StopReason.Unknown)
            return null;

        // Vendors that answer a failure with a 200 say it in shapes of their own (GLM, MiniMax): their words are worth more than ours.
        return ErrorReader.InPlaceOfAnswer(body.Span) ?? NotAnAnswer("it has no content");
    }

    private static void Usage(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, CanonicalResponse answer)
    {
        if (AnthropicMessagesUsage.ServiceTierOf(reader) is { IsEmpty: false } tier)
            answer.ServiceTier = JsonText.FromToken((byte[])[(byte)'"', .. tier, (byte)'"']);
        if (AnthropicMessagesUsage.ServerToolsOf(reader, body) is { IsEmpty: false } tools)
            answer.Extra.Add(new ExtraField(AnthropicMessagesUsage.Prefix + AnthropicMessagesUsage.ServerTools, new RawJson(tools.ToArray())));
        answer.Usage = AnthropicMessagesUsage.Read(ref reader, answer.Usage);
    }

    // Returns whether the field says that this is an error.
    private static bool Field(JsonField field, CanonicalResponse answer)
    {
        if (field.Is("id"u8))
            answer.Id = field.Text.ToString();
        else if (field.Is("model"u8))
            answer.Model = field.Text.ToString();
        else if (field.Is("stop_reason"u8))
            StopReasonOf(field, answer);
        else if (field.Is("stop_sequence"u8))
            answer.StopSequence = field.Text;
        else if (field.Is("error"u8))
            return field.Type is JsonTokenType.StartObject or JsonTokenType.String;
        else if (field.Is("type"u8))
            return field.Text.ValueEquals("error"u8);
        else if (!field.Is("role"u8) && field.Type != JsonTokenType.Null)
            answer.Extra.Add(field.ToExtra());
        return false;
    }

    private static void StopReasonOf(JsonField field, CanonicalResponse answer)
    {
        if (field.Type != JsonTokenType.String)
            return;
        answer.NativeStopReason = field.Text.ToString();
        answer.StopReason = AnthropicMessagesStopReasons.Read(field.Value.Utf8.Span[1..^1]);
    }

    private static void Content(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, CanonicalResponse answer)
    {
        var blocks = new AnthropicMessagesBlockReader();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (blocks.Read(ref reader, body) is { } block and not OpaqueBlock { Type: "" }) // without a type it is no block
                answer.Blocks.Add(block);
        }
    }

    // The arguments of Trivet's own answer tool are the answer's text.
    private static void UnwrapAnswerTool(CanonicalResponse answer, AnthropicMessagesDialect dialect)
    {
        if (dialect.StructuredOutput != AnthropicStructuredOutput.ForcedTool)
            return;
        var hasTool = false;
        for (var i = 0; i < answer.Blocks.Count; i++)
        {
            if (answer.Blocks[i] is not ToolCallBlock call)
                continue;
            if (!call.Name.ValueEquals("trivet_answer"u8))
            {
                hasTool = true;
                continue;
            }

            var token = new ArrayBufferWriter<byte>(call.Arguments.Length + 16);
            JsonTokens.Quote(call.Arguments.Span, token);
            answer.Blocks[i] = new TextBlock(JsonText.FromToken(token.WrittenMemory));
        }

        if (answer.StopReason == StopReason.ToolCalls && !hasTool)
            (answer.StopReason, answer.NativeStopReason) = (StopReason.EndTurn, "end_turn");
    }

    private static WireError NotAnAnswer(string why) => new()
    {
        Class = ErrorClass.Server,
        Message = $"The upstream's answer cannot be read: {why}.",
        Code = "upstream_invalid_response",
    };
}
