using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Answers;

/// <summary>
/// The object <c>response</c>, which a whole answer is and which the first and last events of a stream hold: who answers, what was asked (repeated from
/// the client's request, or by default), how it ended, and the items.
/// </summary>
internal sealed class OpenAIResponsesEnvelope(ResponseWriterOptions options)
{
    private readonly OpenAIResponsesEcho _echo = new(options.RequestEcho);
    private string _id = "";
    private string _model = "";
    private long _createdAt;

    /// <summary>Takes what is known of the answer; the rest comes from the options.</summary>
    /// <param name="start">What the upstream said.</param>
    /// <param name="isNative">The id was given by an upstream that speaks Responses, whatever it looks like.</param>
    public void Begin(in StreamStart start, bool isNative = false)
    {
        var id = start.Id ?? "";
        _id = id.StartsWith("resp_", StringComparison.Ordinal) || isNative && id.Length > 0 ? id : "resp_" + options.FallbackId;
        _model = string.IsNullOrEmpty(start.Model) ? options.FallbackModel : start.Model;
        _createdAt = start.CreatedAt > 0 ? start.CreatedAt : options.CreatedAt;
    }

    /// <summary>Lets the fields of an answer that was read from Responses stand in place of what the request says.</summary>
    public void Override(List<ExtraField> extra) => _echo.Override(extra);

    public void WriteInProgress(Utf8JsonWriter writer)
    {
        WriteHead(writer, "in_progress"u8, null, default);
        WriteOutput(writer, default);
        _echo.Write(writer);
        writer.WriteEndObject();
    }

    /// <summary>The answer at its end; <paramref name="items"/> are joined by commas.</summary>
    public void WriteEnd(Utf8JsonWriter writer, StopReason reason, ReadOnlySpan<byte> items, in Usage? usage, JsonText serviceTier = default)
    {
        var status = OpenAIResponsesStopReasons.Write(reason, out var incompleteReason);
        WriteHead(writer, status, null, incompleteReason, serviceTier);
        WriteOutput(writer, items);
        _echo.Write(writer);
        if (usage is { } tokens)
        {
            writer.WritePropertyName("usage"u8);
            OpenAIResponsesUsage.Write(writer, in tokens);
        }

        writer.WriteEndObject();
    }

    /// <summary>The answer that failed, with the items that were whole by then.</summary>
    public void WriteFailed(Utf8JsonWriter writer, WireError error, ReadOnlySpan<byte> items)
    {
        WriteHead(writer, "failed"u8, error, default);
        WriteOutput(writer, items);
        _echo.Write(writer);
        writer.WriteEndObject();
    }

    private void WriteHead(Utf8JsonWriter writer, ReadOnlySpan<byte> status, WireError? error, ReadOnlySpan<byte> incompleteReason, JsonText serviceTier = default)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, _id);
        writer.WriteString("object"u8, "response"u8);
        writer.WriteNumber("created_at"u8, _createdAt);
        writer.WriteString("status"u8, status);
        if (error is null)
        {
            writer.WriteNull("error"u8);
        }
        else
        {
            writer.WriteStartObject("error"u8);
            writer.WriteString("code"u8, OpenAIResponsesErrors.FailureCode(error));
            writer.WriteString("message"u8, error.Message);
            writer.WriteEndObject();
        }

        if (incompleteReason.IsEmpty)
        {
            writer.WriteNull("incomplete_details"u8);
        }
        else
        {
            writer.WriteStartObject("incomplete_details"u8);
            writer.WriteString("reason"u8, incompleteReason);
            writer.WriteEndObject();
        }

        writer.WriteString("model"u8, _model);
        (serviceTier.IsNull ? "default" : serviceTier).WriteTo(writer, "service_tier"u8);
    }

    private static void WriteOutput(Utf8JsonWriter writer, ReadOnlySpan<byte> items)
    {
        writer.WriteStartArray("output"u8);
        if (!items.IsEmpty)
            writer.WriteRawValue(items, skipInputValidation: true);
        writer.WriteEndArray();
    }
}
