using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Wire.OpenAIResponses.Answers;

/// <summary>
/// Reads a whole answer of Responses. Lenient: real servers break the spec. Fields without a canonical name, which repeat the request for the most part,
/// are kept in <see cref="CanonicalResponse.Echo"/> or <see cref="CanonicalResponse.Extra"/>.
/// </summary>
public static class OpenAIResponsesResponseReader
{
    private static readonly HashSet<string> Named = new(StringComparer.Ordinal)
    {
        "id", "object", "created_at", "status", "error", "incomplete_details", "model", "output", "usage", "service_tier",
    };

    private static readonly HashSet<string> Repeated = new(StringComparer.Ordinal)
    {
        "background", "billing", "completed_at", "content_filters", "frequency_penalty", "instructions", "moderation", "presence_penalty", "prompt_cache_retention", "tool_usage", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "previous_response_id", "prompt_cache_key", "reasoning",
        "safety_identifier", "store", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
    };

    /// <summary>Reads the answer. False with an error where the body is none, tells a failure inside a 200, or puts the answer off.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, OpenAIResponsesDialect dialect, out CanonicalResponse? response, out WireError? error)
    {
        _ = dialect; // what vendors leave out of an answer is seen, not configured
        (response, error) = (null, null);
        try
        {
            var trimmed = Trim(body);
            if (!IsObject(trimmed.Span))
            {
                error = OpenAIChatTap.NotJson(isStream: false);
                return false;
            }

            var answer = new OpenAIResponsesAnswer(trimmed);
            error = Fault(answer, trimmed.Span);
            if (error is null)
                error = Read(answer, out response);
            return error is null;
        }
        catch (JsonException)
        {
            error = OpenAIChatTap.NotJson(isStream: false);
            return false;
        }
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> body)
    {
        var start = body.Length - body.Span.TrimStart(" \t\r\n"u8).Length;
        return body[start..];
    }

    private static bool IsObject(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
            return false;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = OpenAIChatScan.DepthMax });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        reader.Skip();
        return !reader.Read(); // throws where something stands behind the object
    }

    private static WireError? Fault(OpenAIResponsesAnswer answer, ReadOnlySpan<byte> body)
    {
        if (answer.IsFailed || answer.Output.IsNull)
        {
            var error = ErrorReader.Read(0, body);
            return error.Code is null && error.Type is null ? error with { Code = "upstream_invalid_body" } : error;
        }

        return answer.IsPending && answer.Output.Utf8.Length <= 2
            ? new WireError { Class = ErrorClass.Server, Message = $"The upstream put its answer off (status {Encoding.UTF8.GetString(answer.Status)}).", Code = "upstream_answer_pending" }
            : null;
    }

    private static WireError? Read(OpenAIResponsesAnswer answer, out CanonicalResponse? response)
    {
        var (id, model, createdAt) = answer.Start;
        response = new CanonicalResponse { Origin = Protocol.OpenAIResponses, Id = id, Model = model, CreatedAt = createdAt, Usage = answer.Usage, ServiceTier = answer.ServiceTier };
        var output = answer.Output;
        if (output.Utf8.Span[0] == (byte)'[')
        {
            var reader = new Utf8JsonReader(output.Utf8.Span);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                OpenAIResponsesOutputReader.Read(JsonTokens.ReadRaw(ref reader, output.Utf8), response.Blocks);
        }

        var calls = 0;
        foreach (var block in response.Blocks)
        {
            if (block is not ToolCallBlock call)
                continue;
            if (call.Name.IsEmpty)
            {
                response = null;
                return new WireError { Class = ErrorClass.Server, Message = "The upstream sent a tool call without a name.", Code = "upstream_invalid_body" };
            }

            if (call.Id.IsEmpty)
                call.Id = OpenAIChatIds.MakeCallId(id, createdAt, calls);
            calls++;
        }

        response.StopReason = OpenAIResponsesStopReasons.Read(answer.Status, answer.IncompleteReason, calls > 0);
        response.NativeStopReason = Encoding.UTF8.GetString(answer.IncompleteReason.Length > 0 ? answer.IncompleteReason : answer.Status);
        for (var i = 0; i < answer.Count; i++)
        {
            if (answer[i].Type != JsonTokenType.Null && !Named.Contains(answer[i].NameString))
                (Repeated.Contains(answer[i].NameString) ? response.Echo : response.Extra).Add(answer[i].ToExtra());
        }

        return null;
    }
}
