using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Protocols.OpenAIChat;

/// <summary>Reads a Chat request as OpenAI would: what it rejects is rejected here, in its words.</summary>
internal static class ChatRequestReader
{
    public static Ask Read(RequestContext context, JsonElement body)
    {
        var ask = new Ask { Model = context.Model.Full, Body = body };
        ReadSettings(ask, body);
        ReadTools(ask, body);
        ReadToolChoice(ask, body);
        ReadFormat(ask, body);
        ChatMessages.Read(ask, body, context);
        return ask;
    }

    private static void ReadSettings(Ask ask, JsonElement body)
    {
        ask.Stream = body.Bool("stream") ?? false;
        ask.IncludeUsage = body.Get("stream_options").Bool("include_usage") ?? false;
        if (body.Has("stream_options") && !ask.Stream)
        {
            throw Bad("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
        }

        Range(body, "temperature", 0, 2);
        Range(body, "top_p", 0, 1);
        Range(body, "presence_penalty", -2, 2);
        Range(body, "frequency_penalty", -2, 2);
        if (body.Has("max_tokens") && body.Has("max_completion_tokens"))
        {
            throw Bad("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens", "invalid_parameter_combination");
        }

        foreach (var name in (ReadOnlySpan<string>)["max_tokens", "max_completion_tokens", "n"])
        {
            if (body.Has(name) && body.Int(name) is not >= 1)
            {
                throw Bad($"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {body.Get(name)} instead.", name, "integer_below_min_value");
            }
        }

        ask.TokensMax = body.Int("max_completion_tokens") ?? body.Int("max_tokens");
        ask.Choices = body.Int("n") ?? 1;
        ask.ReasoningTokens = Reasoning(body);
        var stop = body.Get("stop");
        ask.StopSequences.AddRange(stop.IsString() ? [stop.GetString()!] : body.Items("stop").Select(s => s.GetString() ?? ""));
        if (ask.StopSequences.Count > 4)
        {
            throw Bad($"Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length {ask.StopSequences.Count} instead.", "stop", "array_above_max_length");
        }
    }

    private static int? Reasoning(JsonElement body)
    {
        if (body.Get("thinking").Str("type") is { } thinking)
        {
            return thinking == "disabled" ? 0 : 16;
        }

        if (body.Bool("enable_thinking") is { } enabled)
        {
            return enabled ? 16 : 0;
        }

        return body.Str("reasoning_effort") is { } effort
            ? ReasoningEffort.Tokens(effort) ?? throw Bad(
                $"Invalid value: '{effort}'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.", "reasoning_effort", "invalid_value")
            : null;
    }

    private static void ReadTools(Ask ask, JsonElement body)
    {
        var index = 0;
        foreach (var tool in body.Items("tools"))
        {
            var function = tool.Get(tool.Str("type") == "custom" ? "custom" : "function");
            var name = function.Str("name");
            if (tool.Str("type") is not ("function" or "custom"))
            {
                throw Bad($"Invalid value: '{tool.Get("type")}'. Supported values are: 'function' and 'custom'.", $"tools[{index}].type", "invalid_value");
            }

            if (string.IsNullOrEmpty(name))
            {
                throw Bad($"Missing required parameter: 'tools[{index}].function.name'.", $"tools[{index}].function.name", "missing_required_parameter");
            }

            if (name.Length > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            {
                throw Bad($"Invalid 'tools[{index}].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.", $"tools[{index}].function.name", "invalid_value");
            }

            var schema = function.Get("parameters");
            if (schema.IsDefined() && (!schema.IsObject() || (schema.Str("type") is { } type && type != "object")))
            {
                throw Bad($"Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.Str("type")}\"'.", $"tools[{index}].function.parameters", "invalid_function_parameters");
            }

            ask.Tools.Add(new ToolSpec(name, function.Str("description") ?? "", schema, CacheMark.None, IsServerTool: false) { IsCustom = tool.Str("type") == "custom", IsStrict = function.Bool("strict") ?? false });
            index++;
        }

        ask.ParallelCalls = body.Bool("parallel_tool_calls") ?? true;
        foreach (var name in (ReadOnlySpan<string>)["tool_choice", "parallel_tool_calls"])
        {
            if (ask.Tools.Count == 0 && body.Has(name) && !(name == "tool_choice" && body.Str(name) == "none"))
            {
                throw Bad($"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.", name);
            }
        }
    }

    private static void ReadToolChoice(Ask ask, JsonElement body)
    {
        var choice = body.Get("tool_choice");
        var word = choice.IsString() ? choice.GetString() : choice.Str("type");
        switch (word)
        {
            case null when !choice.IsDefined():
            case "auto":
                return;
            case "none":
                ask.ToolChoice = ToolChoice.None;
                return;
            case "required":
                ask.ToolChoice = ToolChoice.Required;
                return;
            case "function" or "custom" when choice.IsObject():
                var name = choice.Get(word).Str("name");
                if (!ask.Tools.Exists(t => t.Name == name))
                {
                    throw Bad($"Tool choice '{name}' not found in 'tools' parameter.", "tool_choice", "invalid_value");
                }

                (ask.ToolChoice, ask.ToolChoiceName) = (ToolChoice.Named, name);
                return;
            case "allowed_tools" when choice.IsObject():
                var allowed = choice.Get("allowed_tools");
                var names = allowed.Items("tools").Select(t => t.Get("function").Str("name")).ToHashSet();
                ask.Tools.RemoveAll(t => !names.Contains(t.Name));
                ask.ToolChoice = allowed.Str("mode") == "required" ? ToolChoice.Required : ToolChoice.Auto;
                return;
            default:
                throw Bad($"Invalid value: '{word}'. Supported values are: 'none', 'auto', and 'required'.", "tool_choice", "invalid_value");
        }
    }

    private static void ReadFormat(Ask ask, JsonElement body)
    {
        var format = body.Get("response_format");
        switch (format.IsDefined() ? format.Str("type") ?? "" : "text")
        {
            case "text":
                return;
            case "json_object":
                ask.Format = AnswerFormat.JsonObject;
                return;
            case "json_schema":
                var schema = format.Get("json_schema");
                if (schema.Str("name") is null)
                {
                    throw Bad("Missing required parameter: 'response_format.json_schema.name'.", "response_format.json_schema.name", "missing_required_parameter");
                }

                (ask.Format, ask.FormatSchema) = (AnswerFormat.JsonSchema, schema.Get("schema"));
                return;
            default:
                throw Bad($"Invalid value: '{format.Str("type")}'. Supported values are: 'json_object', 'json_schema', and 'text'.", "response_format.type", "invalid_value");
        }
    }

    private static void Range(JsonElement body, string name, double least, double most)
    {
        if (body.Double(name) is not { } value || (value >= least && value <= most))
        {
            return;
        }

        var (word, expected, code) = value < least ? ("below minimum", $">= {least}", "decimal_below_min_value") : ("above maximum", $"<= {most}", "decimal_above_max_value");
        throw Bad($"Invalid '{name}': decimal {word} value. Expected a value {expected}, but got {value} instead.", name, code);
    }

    internal static Refusal Bad(string message, string? param = null, string? code = null) => new(400, message, param, code);
}
