using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Protocols.OpenAIChat;

/// <summary>Reads and validates Chat messages: every tool message answers a call, every call is answered before anything else is said.</summary>
internal static class ChatMessages
{
    private const int CallIdCharsMax = 40;

    public static void Read(Ask ask, JsonElement body, RequestContext context)
    {
        if (!body.Get("messages").IsArray())
        {
            throw ChatRequestReader.Bad("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
        }

        if (body.Get("messages").GetArrayLength() == 0)
        {
            throw ChatRequestReader.Bad("Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", "messages", "empty_array");
        }

        var open = new List<string>();
        var (index, openAt) = (0, 0);
        foreach (var message in body.Items("messages"))
        {
            var role = message.Str("role");
            if (role != "tool")
            {
                ThrowIfOpen(open, openAt);
            }

            switch (role)
            {
                case "system" or "developer":
                    ask.AddSystem(Content(message.Get("content"), $"messages[{index}].content", isRequired: true));
                    break;
                case "user":
                    AddAll(ask, Speaker.User, Content(message.Get("content"), $"messages[{index}].content", isRequired: true));
                    break;
                case "assistant":
                    openAt = index;
                    Assistant(ask, message, index, open, context);
                    break;
                case "tool":
                    ToolResult(ask, message, index, open);
                    break;
                default:
                    throw ChatRequestReader.Bad(
                        $"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.", $"messages[{index}].role", "invalid_value");
            }

            index++;
        }

        ThrowIfOpen(open, openAt);
    }

    private static void Assistant(Ask ask, JsonElement message, int index, List<string> open, RequestContext context)
    {
        var calls = message.Items("tool_calls").ToList();
        if (message.Str("reasoning_content") is { } reasoning)
        {
            ask.Add(Speaker.Assistant, new Part { Kind = PartKind.Reasoning, Text = reasoning });
        }
        else if (context.Model.IsStrict && calls.Count > 0 && ask.ReasoningTokens > 0)
        {
            // DeepSeek and its kin insist on this within a tool loop.
            throw ChatRequestReader.Bad("The `reasoning_content` in the thinking mode must be passed back to the API.", $"messages[{index}].reasoning_content");
        }

        AddAll(ask, Speaker.Assistant, Content(message.Get("content"), $"messages[{index}].content", isRequired: calls.Count == 0 && !message.Has("refusal") && !message.Has("reasoning_content")));
        var at = 0;
        foreach (var call in calls)
        {
            var where = $"messages[{index}].tool_calls[{at++}]";
            var function = call.Get(call.Str("type") == "custom" ? "custom" : "function");
            var id = call.Str("id") ?? throw ChatRequestReader.Bad($"Missing required parameter: '{where}.id'.", $"{where}.id", "missing_required_parameter");
            var name = function.Str("name") ?? throw ChatRequestReader.Bad($"Missing required parameter: '{where}.function.name'.", $"{where}.function.name", "missing_required_parameter");
            var arguments = function.Get(call.Str("type") == "custom" ? "input" : "arguments");
            if (!arguments.IsString())
            {
                var got = arguments.ValueKind switch { JsonValueKind.Object => "an object", JsonValueKind.Array => "an array", JsonValueKind.Undefined => "null", _ => "another type" };
                throw ChatRequestReader.Bad($"Invalid type for '{where}.function.arguments': expected a string, but got {got} instead.", $"{where}.function.arguments", "invalid_type");
            }

            if (context.Model.IsStrict && id.Length > CallIdCharsMax)
            {
                throw ChatRequestReader.Bad($"Invalid '{where}.id': string too long. Expected a string with maximum length {CallIdCharsMax}, but got a string with length {id.Length} instead.", $"{where}.id", "string_above_max_length");
            }

            open.Add(id);
            ask.Add(Speaker.Assistant, new Part { Kind = PartKind.ToolCall, Id = id, Name = name, Text = TokenCounter.CompactJson(arguments.GetString()!) });
        }
    }

    private static void ToolResult(Ask ask, JsonElement message, int index, List<string> open)
    {
        var id = message.Str("tool_call_id")
            ?? throw ChatRequestReader.Bad($"Missing required parameter: 'messages[{index}].tool_call_id'.", $"messages[{index}].tool_call_id", "missing_required_parameter");
        if (!open.Remove(id))
        {
            throw ChatRequestReader.Bad(
                "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", $"messages[{index}].role");
        }

        var parts = Content(message.Get("content"), $"messages[{index}].content", isRequired: true);
        ask.Add(Speaker.User, new Part
        {
            Kind = PartKind.ToolResult,
            Id = id,
            Text = string.Join('\n', parts.Where(p => p.Kind == PartKind.Text).Select(p => p.Text)),
            Inner = [.. parts.Where(p => p.Kind != PartKind.Text)],
        });
    }

    private static void ThrowIfOpen(List<string> open, int at)
    {
        if (open.Count > 0)
        {
            throw ChatRequestReader.Bad(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
                + $"The following tool_call_ids did not have response messages: {string.Join(", ", open)}", $"messages.[{at}].role");
        }
    }

    private static List<Part> Content(JsonElement content, string where, bool isRequired)
    {
        if (content.IsString())
        {
            return content.GetString() is { Length: > 0 } text ? [new Part { Kind = PartKind.Text, Text = text }] : [];
        }

        if (!content.IsArray())
        {
            return !isRequired && !content.IsDefined()
                ? []
                : throw ChatRequestReader.Bad($"Invalid value for 'content': expected a string, got {(content.IsDefined() ? content.ValueKind.ToString().ToLowerInvariant() : "null")}.", where, "invalid_type");
        }

        return [.. content.EnumerateArray().Select((part, i) => OnePart(part, $"{where}[{i}]"))];
    }

    private static Part OnePart(JsonElement part, string where)
    {
        switch (part.Str("type"))
        {
            case "text":
                return new Part
                {
                    Kind = PartKind.Text,
                    Text = part.Str("text") ?? throw ChatRequestReader.Bad($"Missing required parameter: '{where}.text'.", $"{where}.text", "missing_required_parameter"),
                };
            case "refusal":
                return new Part { Kind = PartKind.Text, Text = part.Str("refusal") ?? "" };
            case "thinking":
                return new Part { Kind = PartKind.Reasoning };
            case "image_url":
                return Attachments.FromUrl(PartKind.Image, part.Get("image_url").Str("url") ?? part.Str("image_url") ?? "", detail: part.Get("image_url").Str("detail"))
                    ?? throw ChatRequestReader.Bad("Invalid base64 image_url or URL.", $"{where}.image_url", "invalid_image_url");
            case "video_url":
                return Attachments.FromUrl(PartKind.Media, part.Get("video_url").Str("url") ?? "") ?? throw ChatRequestReader.Bad("Invalid video_url.", where);
            case "input_audio":
                return Attachments.FromBase64(PartKind.Media, "audio/" + part.Get("input_audio").Str("format"), part.Get("input_audio").Str("data") ?? "")
                    ?? throw ChatRequestReader.Bad("Invalid base64 audio.", where);
            case "file":
                var file = part.Get("file");
                return file.Str("file_id") is { } id
                    ? new Part { Kind = PartKind.Document, Url = id, Text = id }
                    : Attachments.FromUrl(PartKind.Document, file.Str("file_data") ?? "") ?? throw ChatRequestReader.Bad("Invalid file data.", where, "invalid_value");
            default:
                throw ChatRequestReader.Bad(
                    $"Invalid value: '{part.Get("type")}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and 'file'.", $"{where}.type", "invalid_value");
        }
    }

    private static void AddAll(Ask ask, Speaker speaker, List<Part> parts)
    {
        foreach (var part in parts)
        {
            ask.Add(speaker, part);
        }
    }
}
