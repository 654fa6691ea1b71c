using System.Text.Json;
using Trivet.Sandbox.Assistant;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Protocols.OpenAIResponses;

/// <summary>Reads and validates input items: every output answers a call, every call has an output, opaque reasoning is the sandbox's own.</summary>
internal static class ResponsesItems
{
    public static void Read(Ask ask, JsonElement body, RequestContext context, ResponseStore store)
    {
        var input = body.Get("input");
        if (input.IsString())
        {
            ask.Add(Speaker.User, new Part { Kind = PartKind.Text, Text = input.GetString()! });
        }
        else if (!input.IsArray())
        {
            throw ResponsesRequestReader.Bad("Missing required parameter: 'input'.", "input", "missing_required_parameter");
        }

        var index = 0;
        foreach (var item in body.Items("input"))
        {
            One(ask, item, $"input[{index++}]", context, store);
        }

        CheckCalls(ask);
    }

    private static void One(Ask ask, JsonElement item, string where, RequestContext context, ResponseStore store)
    {
        switch (item.Str("type") ?? (item.Has("role") ? "message" : ""))
        {
            case "message":
                Message(ask, item, where);
                break;
            case "function_call":
                ask.Add(Speaker.Assistant, Call(item, where, TokenCounter.CompactJson(item.Str("arguments") ?? "")));
                break;
            case "custom_tool_call":
                ask.Add(Speaker.Assistant, Call(item, where, item.Str("input") ?? ""));
                break;
            case "function_call_output" or "custom_tool_call_output":
                Output(ask, item, where);
                break;
            case "reasoning":
                Reasoning(ask, item, where, context);
                break;
            case "additional_tools":
                foreach (var tool in item.Items("tools"))
                {
                    ResponsesRequestReader.AddTool(ask, tool, null);
                }

                break;
            case "item_reference":
                ask.Add(Speaker.Assistant, store.FindItem(item.Str("id") ?? "", context.Account) ?? throw new Refusal(404, $"Item with id '{item.Str("id")}' not found.", "input"));
                break;
            case "":
                throw ResponsesRequestReader.Bad($"Missing required parameter: '{where}.type'.", $"{where}.type", "missing_required_parameter");
            default:
                // Built-in tool items come back as they went.
                ask.Add(Speaker.Assistant, new Part { Kind = PartKind.Opaque });
                break;
        }
    }

    private static void Message(Ask ask, JsonElement item, string where)
    {
        var role = item.Str("role");
        if (role is not ("system" or "developer" or "user" or "assistant"))
        {
            throw ResponsesRequestReader.Bad($"Invalid value: '{role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.", $"{where}.role", "invalid_value");
        }

        var content = item.Get("content");
        List<Part> parts = content.IsString()
            ? [new Part { Kind = PartKind.Text, Text = content.GetString()! }]
            : [.. item.Items("content").Select((p, i) => Content(p, $"{where}.content[{i}]", isAssistant: role == "assistant"))];
        foreach (var part in parts)
        {
            if (role is "system" or "developer")
            {
                ask.AddSystem([part]);
            }
            else
            {
                ask.Add(role == "user" ? Speaker.User : Speaker.Assistant, part);
            }
        }
    }

    private static Part Content(JsonElement part, string where, bool isAssistant)
    {
        var type = part.Str("type");
        if (isAssistant ? type is "input_text" or "input_image" or "input_file" : type is "output_text" or "refusal")
        {
            var supported = isAssistant ? "'output_text' and 'refusal'" : "'input_text', 'input_image', 'input_file'";
            throw ResponsesRequestReader.Bad($"Invalid value: '{type}'. Supported values are: {supported}.", $"{where}.type", "invalid_value");
        }

        switch (type)
        {
            case "input_text" or "output_text":
                return new Part { Kind = PartKind.Text, Text = part.Str("text") ?? "" };
            case "refusal":
                return new Part { Kind = PartKind.Text, Text = part.Str("refusal") ?? "" };
            case "input_image":
                return Media(PartKind.Image, part, where, part.Str("image_url"));
            case "input_file":
                return Media(PartKind.Document, part, where, part.Str("file_url") ?? part.Str("file_data"));
            case "input_audio":
                return Attachments.FromBase64(PartKind.Media, "audio/" + part.Get("input_audio").Str("format"), part.Get("input_audio").Str("data") ?? "")
                    ?? throw ResponsesRequestReader.Bad("Invalid base64 audio.", where);
            default:
                throw ResponsesRequestReader.Bad($"Invalid value: '{type}'.", $"{where}.type", "invalid_value");
        }
    }

    private static Part Media(PartKind kind, JsonElement part, string where, string? url) => part.Str("file_id") is { } id
        ? new Part { Kind = kind, Url = id, Text = id }
        : Attachments.FromUrl(kind, url ?? "", detail: part.Str("detail")) ?? throw ResponsesRequestReader.Bad("Invalid base64 data or URL.", where, "invalid_value");

    private static Part Call(JsonElement item, string where, string arguments) => new()
    {
        Kind = PartKind.ToolCall,
        Id = item.Str("call_id") ?? throw ResponsesRequestReader.Bad($"Missing required parameter: '{where}.call_id'.", $"{where}.call_id", "missing_required_parameter"),
        Name = item.Str("name") ?? throw ResponsesRequestReader.Bad($"Missing required parameter: '{where}.name'.", $"{where}.name", "missing_required_parameter"),
        Text = arguments,
    };

    private static void Output(Ask ask, JsonElement item, string where)
    {
        var output = item.Get("output");
        if (!output.IsString() && !output.IsArray())
        {
            throw ResponsesRequestReader.Bad($"Missing required parameter: '{where}.output'.", $"{where}.output", "missing_required_parameter");
        }

        List<Part> parts = [.. item.Items("output").Select((p, i) => Content(p, $"{where}.output[{i}]", isAssistant: false))];
        ask.Add(Speaker.User, new Part
        {
            Kind = PartKind.ToolResult,
            Id = item.Str("call_id") ?? throw ResponsesRequestReader.Bad($"Missing required parameter: '{where}.call_id'.", $"{where}.call_id", "missing_required_parameter"),
            Text = output.IsString() ? output.GetString()! : string.Join('\n', parts.Where(p => p.Kind == PartKind.Text).Select(p => p.Text)),
            Inner = [.. parts.Where(p => p.Kind != PartKind.Text)],
        });
    }

    private static void Reasoning(Ask ask, JsonElement item, string where, RequestContext context)
    {
        var sealedText = item.Str("encrypted_content");
        if (sealedText is not null && !context.Signatures.IsSealed(sealedText))
        {
            throw ResponsesRequestReader.Bad($"The encrypted content for item {item.Str("id")} could not be verified. Reason: Encrypted content could not be decrypted or parsed.", where, "invalid_encrypted_content");
        }

        if (sealedText is null && item.Has("id") && context.Model.IsStrict && !item.Has("content"))
        {
            throw new Refusal(404, $"Item with id '{item.Str("id")}' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.", "input");
        }

        var shown = string.Concat(item.Items("summary").Concat(item.Items("content")).Select(p => p.Str("text")));
        ask.Add(Speaker.Assistant, new Part { Kind = PartKind.Reasoning, Text = shown.Length > 0 || sealedText is null ? shown : Signatures.TextOf(sealedText) });
    }

    private static void CheckCalls(Ask ask)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in ask.Turns.SelectMany(t => t.Parts))
        {
            if (part.Kind == PartKind.ToolCall)
            {
                open.Add(part.Id!);
            }
            else if (part.Kind == PartKind.ToolResult && !open.Remove(part.Id!))
            {
                throw ResponsesRequestReader.Bad($"No tool call found for function call output with call_id {part.Id}.", "input");
            }
        }

        if (open.Count > 0)
        {
            throw ResponsesRequestReader.Bad($"No tool output found for function call {open.First()}.", "input");
        }
    }
}
