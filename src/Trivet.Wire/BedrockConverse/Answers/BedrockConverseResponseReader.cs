using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.BedrockConverse.Answers;

/// <summary>
/// Reads a whole answer. Lenient: a block of a kind that is not known is kept as an opaque one. The answer names neither an id nor its model: the relay knows
/// both. What Bedrock says of itself beside the answer (metrics, trace, performanceConfig) is nothing that a client asked for, and no loss.
/// </summary>
public static class BedrockConverseResponseReader
{
    /// <summary>Reads the answer. Texts in it point into <paramref name="body"/>.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, BedrockConverseDialect dialect, out CanonicalResponse? response, out WireError? error)
    {
        (response, error) = (null, null);
        if (!Utf8.IsValid(body.Span))
        {
            error = NotAnAnswer("it is not valid UTF-8");
            return false;
        }

        try
        {
            error = Read(body, out response);
        }
        catch (JsonException)
        {
            error = NotAnAnswer("it is not valid JSON");
        }

        if (error is not null)
            response = null;
        return response is not null;
    }

    private static WireError? Read(ReadOnlyMemory<byte> body, out CanonicalResponse response)
    {
        response = new CanonicalResponse { Origin = Protocol.BedrockConverse };
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return NotAnAnswer("it is no JSON object");
        var fields = new JsonFields();
        fields.Push(ref reader, body);
        var output = fields.Find(0, "output"u8);
        var stop = fields.Find(0, "stopReason"u8).Text;
        if (output.Type != JsonTokenType.StartObject && stop.IsEmpty)
            return fields.Find(0, "message"u8).Type == JsonTokenType.String || fields.Find(0, "__type"u8).Type == JsonTokenType.String
                ? BedrockConverseErrors.Read(0, body.Span)
                : NotAnAnswer("it has no output");
        var message = BedrockConverseFields.Member(output.Value, "message"u8);
        foreach (var block in BedrockConverseFields.Elements(BedrockConverseFields.Member(message.Value, "content"u8)))
            Add(block, response);
        response.Usage = BedrockConverseUsage.Read(fields.Find(0, "usage"u8).Value);
        response.NativeStopReason = stop.IsEmpty ? null : stop.ToString();
        response.StopReason = BedrockConverseStopReasons.Read(stop.ToString(), response.Blocks.Exists(static block => block is ToolCallBlock));
        response.StopSequence = BedrockConverseFields.Member(fields.Find(0, "additionalModelResponseFields"u8).Value, "stop_sequence"u8).Text;
        response.ServiceTier = BedrockConverseFields.Member(fields.Find(0, "serviceTier"u8).Value, "type"u8).Text;
        return response.StopReason == StopReason.Error ? BedrockConverseStopReasons.BrokenOff(response.NativeStopReason!) : null;
    }

    private static void Add(RawJson value, CanonicalResponse response)
    {
        var fields = new JsonFields();
        fields.Push(value);
        if (fields.Count == 0)
            return;
        var union = fields[0];
        if (union.Is("text"u8))
            response.Blocks.Add(new TextBlock(union.Text));
        else if (union.Is("toolUse"u8) && !BedrockConverseFields.IsServerCall(union.Value))
            response.Blocks.Add(Call(union.Value));
        else if (union.Is("reasoningContent"u8))
            response.Blocks.Add(Reasoning(union.Value));
        else if (union.Is("citationsContent"u8))
            AddCited(union.Value, response);
        else
            response.Blocks.Add(new OpaqueBlock(Protocol.BedrockConverse, union.NameString, value)); // a call that Bedrock itself runs is one: no client is to run it
    }

    private static ToolCallBlock Call(RawJson value)
    {
        var fields = new JsonFields();
        fields.Push(value);
        var input = fields.Find(0, "input"u8).Value;
        return new ToolCallBlock
        {
            Id = fields.Find(0, "toolUseId"u8).Text,
            Name = fields.Find(0, "name"u8).Text,
            Arguments = input.IsNull ? "{}"u8.ToArray() : input.Utf8,
        };
    }

    private static ReasoningBlock Reasoning(RawJson value)
    {
        var redacted = BedrockConverseFields.Member(value, "redactedContent"u8);
        if (redacted.Type == JsonTokenType.String)
            return new ReasoningBlock { IsRedacted = true, Encrypted = redacted.Text };
        var said = BedrockConverseFields.Member(value, "reasoningText"u8).Value;
        return new ReasoningBlock { Text = BedrockConverseFields.Member(said, "text"u8).Text, Signature = BedrockConverseFields.Member(said, "signature"u8).Text };
    }

    // Text with its sources: the text is the answer; the sources point into documents by Bedrock's own counting.
    private static void AddCited(RawJson value, CanonicalResponse response)
    {
        foreach (var part in BedrockConverseFields.Elements(BedrockConverseFields.Member(value, "content"u8)))
        {
            if (BedrockConverseFields.Member(part, "text"u8) is { Type: JsonTokenType.String } text)
                response.Blocks.Add(new TextBlock(text.Text) { Citations = BedrockConverseFields.Member(value, "citations"u8).Value });
        }
    }

    private static WireError NotAnAnswer(string why) => new()
    {
        Class = ErrorClass.Server,
        Message = $"The upstream's answer cannot be read: {why}.",
        Code = "upstream_invalid_response",
    };
}
