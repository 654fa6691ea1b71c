using System.Globalization;
using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.OpenAIResponses;

/// <summary>Where a response stands.</summary>
internal static class ResponsesStatus
{
    public const string InProgress = "in_progress";

    public static string Of(Answer answer) => answer.RawStop ?? (answer.Stop is Stop.Length or Stop.ContentFilter ? "incomplete" : "completed");
}

/// <summary>Writes the response object and its items, whole; the stream repeats the same objects at its start and end.</summary>
internal static class ResponsesAnswerWriter
{
    /// <summary>Request fields that the response repeats, with what stands there when the request is silent.</summary>
    private static readonly (string Name, string Otherwise)[] Echoed =
    [
        ("background", "false"), ("instructions", "null"), ("max_output_tokens", "null"), ("max_tool_calls", "null"), ("metadata", "{}"), ("parallel_tool_calls", "true"),
        ("previous_response_id", "null"), ("prompt_cache_key", "null"), ("reasoning", """{"effort":null,"summary":null}"""), ("safety_identifier", "null"), ("store", "true"),
        ("temperature", "1.0"), ("text", """{"format":{"type":"text"},"verbosity":"medium"}"""), ("tool_choice", "\"auto\""), ("tools", "[]"), ("top_logprobs", "0"),
        ("top_p", "1.0"), ("truncation", "\"disabled\""), ("user", "null"),
    ];

    public static void Write(Utf8JsonWriter json, Reply reply, string status)
    {
        var isDone = status != ResponsesStatus.InProgress;
        json.WriteStartObject();
        json.WriteString("id"u8, "resp_" + reply.IdSuffix);
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, reply.Created.ToUnixTimeSeconds());
        if (isDone)
        {
            json.WriteNumber("completed_at"u8, reply.Created.ToUnixTimeSeconds());
        }
        else
        {
            json.WriteNull("completed_at"u8);
        }

        json.WriteString("status"u8, status);
        json.WriteString("model"u8, reply.Model);
        json.WriteNull("error"u8);
        json.WritePropertyName("incomplete_details"u8);
        json.WriteRawValue(status != "incomplete" ? "null" : reply.Answer.Stop == Stop.ContentFilter ? """{"reason":"content_filter"}""" : """{"reason":"max_output_tokens"}""");
        json.WriteStartArray("output"u8);
        for (var i = 0; isDone && i < reply.Answer.Blocks.Count; i++)
        {
            WriteItem(json, reply, i, isDone: true);
        }

        json.WriteEndArray();
        foreach (var (name, otherwise) in Echoed)
        {
            json.WritePropertyName(name);
            if (reply.Ask.Body.Get(name) is { ValueKind: not JsonValueKind.Undefined } given)
            {
                given.WriteTo(json); // not as it stands: a request over several lines would cut an event in pieces
            }
            else
            {
                json.WriteRawValue(otherwise);
            }
        }

        json.WriteString("service_tier"u8, isDone ? "default"u8 : "auto"u8);
        if (isDone && !reply.NoUsage)
        {
            WriteUsage(json, reply.Usage);
        }
        else
        {
            json.WriteNull("usage"u8);
        }

        json.WriteEndObject();
    }

    public static string ItemId(Reply reply, int index) => Prefix(reply, reply.Answer.Blocks[index]) + reply.IdSuffix + index.ToString("x2", CultureInfo.InvariantCulture);

    public static bool IsCustom(Reply reply, Block block) => block.Kind == BlockKind.ToolCall && reply.Ask.Tools.Exists(t => t.Name == block.Name && t.IsCustom);

    /// <summary>The text of a custom call: directives give JSON arguments, of which a lone string is the input.</summary>
    public static string CustomInput(Block block)
    {
        try
        {
            using var document = JsonDocument.Parse(block.Text);
            return document.RootElement.Str("input") ?? (document.RootElement.IsString() ? document.RootElement.GetString()! : block.Text);
        }
        catch (JsonException)
        {
            return block.Text;
        }
    }

    public static bool ShowsSummary(Reply reply, Block block) => block is { Kind: BlockKind.Reasoning, IsHidden: false } && !reply.Style.ReasoningText;

    public static void WriteItem(Utf8JsonWriter json, Reply reply, int index, bool isDone)
    {
        var block = reply.Answer.Blocks[index];
        var isLast = index == reply.Answer.Blocks.Count - 1;
        var status = !isDone ? "in_progress" : isLast && reply.Answer.Stop == Stop.Length ? "incomplete" : "completed";
        json.WriteStartObject();
        json.WriteString("id"u8, ItemId(reply, index));
        switch (block.Kind)
        {
            case BlockKind.Reasoning or BlockKind.Redacted:
                WriteReasoning(json, reply, block, isDone);
                break;
            case BlockKind.ToolCall:
                var tool = reply.Ask.Tools.Find(t => t.Name == block.Name);
                var isCustom = IsCustom(reply, block);
                json.WriteString("type"u8, isCustom ? "custom_tool_call"u8 : "function_call"u8);
                json.WriteString("status"u8, status);
                json.WriteString(isCustom ? "input"u8 : "arguments"u8, !isDone ? "" : isCustom ? CustomInput(block) : block.Text);
                json.WriteString("call_id"u8, block.Id);
                json.WriteString("name"u8, block.Name);
                if (tool?.Namespace is { } space)
                {
                    json.WriteString("namespace"u8, space);
                }

                break;
            case BlockKind.Picture:
                json.WriteString("type"u8, "image_generation_call"u8);
                json.WriteString("status"u8, isDone ? "completed"u8 : "in_progress"u8);
                json.WriteString("result"u8, isDone ? block.Text : null);
                break;
            default:
                json.WriteString("type"u8, "message"u8);
                json.WriteString("status"u8, status);
                json.WriteString("role"u8, "assistant"u8);
                json.WriteStartArray("content"u8);
                if (isDone)
                {
                    WritePart(json, block, block.Text);
                }

                json.WriteEndArray();
                break;
        }

        json.WriteEndObject();
    }

    public static void WritePart(Utf8JsonWriter json, Block block, ReadOnlySpan<char> text)
    {
        json.WriteStartObject();
        if (block.Kind == BlockKind.Refusal)
        {
            json.WriteString("type"u8, "refusal"u8);
            json.WriteString("refusal"u8, text);
        }
        else
        {
            json.WriteString("type"u8, "output_text"u8);
            json.WriteStartArray("annotations"u8);
            foreach (var citation in text.Length > 0 ? block.Citations : [])
            {
                Citations.WriteFlat(json, citation, block.Text);
            }

            json.WriteEndArray();
            json.WriteStartArray("logprobs"u8);
            json.WriteEndArray();
            json.WriteString("text"u8, text);
        }

        json.WriteEndObject();
    }

    public static void WriteTyped(Utf8JsonWriter json, ReadOnlySpan<byte> type, ReadOnlySpan<char> text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    private static string Prefix(Reply reply, Block block) => block.Kind switch
    {
        BlockKind.Reasoning or BlockKind.Redacted => "rs_",
        BlockKind.ToolCall => IsCustom(reply, block) ? "ctc_" : "fc_",
        BlockKind.Picture => "ig_",
        _ => "msg_",
    };

    private static void WriteReasoning(Utf8JsonWriter json, Reply reply, Block block, bool isDone)
    {
        json.WriteString("type"u8, "reasoning"u8);
        json.WriteStartArray("summary"u8);
        if (isDone && ShowsSummary(reply, block))
        {
            WriteTyped(json, "summary_text"u8, block.Text);
        }

        json.WriteEndArray();
        if (reply.Style.ReasoningText)
        {
            json.WriteStartArray("content"u8);
            if (isDone)
            {
                WriteTyped(json, "reasoning_text"u8, block.Text);
            }

            json.WriteEndArray();
        }

        var wantsSealed = reply.Ask.Body.Items("include").Any(i => i.IsString() && i.GetString() == "reasoning.encrypted_content");
        if (wantsSealed || block.Kind == BlockKind.Redacted)
        {
            json.WriteString("encrypted_content"u8, block.Kind == BlockKind.Redacted ? block.Text : block.Seal);
        }
    }

    private static void WriteUsage(Utf8JsonWriter json, SandboxUsage usage)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, usage.InputTotal);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, usage.CacheReadTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, usage.OutputTotal);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, usage.ReasoningTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, usage.InputTotal + usage.OutputTotal);
        json.WriteEndObject();
    }
}
