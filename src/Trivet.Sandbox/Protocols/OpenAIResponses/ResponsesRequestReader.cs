using System.Text.Json;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Protocols.OpenAIResponses;

/// <summary>Reads a Responses request as OpenAI would: what it rejects is rejected here, in its words.</summary>
internal static class ResponsesRequestReader
{
    private const int TokensMin = 16;
    private const int ReasoningTokens = 16;

    /// <summary>Fields of Chat that people send here by mistake; OpenAI rejects what it does not know.</summary>
    private static readonly string[] Unknown =
    [
        "stop", "max_tokens", "max_completion_tokens", "messages", "n", "response_format", "reasoning_effort", "seed", "logprobs", "logit_bias", "frequency_penalty", "presence_penalty",
    ];

    public static Ask Read(RequestContext context, JsonElement body, ResponseStore store)
    {
        if (Array.Find(Unknown, name => body.Has(name)) is { } unknown)
        {
            throw Bad($"Unknown parameter: '{unknown}'.", unknown, "unknown_parameter");
        }

        var ask = new Ask { Model = context.Model.Full, Body = body, Stream = body.Bool("stream") ?? false };
        ReadSettings(ask, body);
        foreach (var tool in body.Items("tools"))
        {
            AddTool(ask, tool, null);
        }

        ask.ParallelCalls = body.Bool("parallel_tool_calls") ?? true;
        ReadToolChoice(ask, body);
        ReadFormat(ask, body.Get("text").Get("format"));
        if (body.Str("instructions") is { Length: > 0 } instructions)
        {
            ask.System.Add(new Part { Kind = PartKind.Text, Text = instructions });
        }

        if (body.Str("previous_response_id") is { } previous)
        {
            var turns = store.Find(previous, context.Account)
                ?? throw Bad($"Previous response with id '{previous}' not found.", "previous_response_id", "previous_response_not_found");
            ask.Turns.AddRange(turns.Select(t => new Turn(t.Speaker, [.. t.Parts])));
        }

        ResponsesItems.Read(ask, body, context, store);
        return ask;
    }

    public static Refusal Bad(string message, string? param = null, string? code = null) => new(400, message, param, code);

    private static void ReadSettings(Ask ask, JsonElement body)
    {
        foreach (var (name, most) in (ReadOnlySpan<(string, double)>)[("temperature", 2), ("top_p", 1)])
        {
            if (body.Double(name) is { } value && (value < 0 || value > most))
            {
                throw Bad($"Invalid '{name}': decimal {(value < 0 ? "below minimum value. Expected a value >= 0" : $"above maximum value. Expected a value <= {most}")}, but got {value} instead.", name, value < 0 ? "decimal_below_min_value" : "decimal_above_max_value");
            }
        }

        ask.TokensMax = body.Int("max_output_tokens");
        if (ask.TokensMax < TokensMin)
        {
            throw Bad($"Invalid 'max_output_tokens': integer below minimum value. Expected a value >= {TokensMin}, but got {ask.TokensMax} instead.", "max_output_tokens", "integer_below_min_value");
        }

        var reasoning = body.Get("reasoning");
        if (reasoning.IsDefined())
        {
            ask.ReasoningTokens = reasoning.Str("effort") is { } effort
                ? ReasoningEffort.Tokens(effort) ?? throw Bad($"Invalid value: '{effort}'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.", "reasoning.effort", "invalid_value")
                : ReasoningTokens;
            ask.ReasoningHidden = !reasoning.Has("summary") && !reasoning.Has("generate_summary");
        }
    }

    public static void AddTool(Ask ask, JsonElement tool, string? space)
    {
        var type = tool.Str("type") ?? throw Bad("Missing required parameter: 'tools[].type'.", "tools", "missing_required_parameter");
        switch (type)
        {
            case "namespace":
                foreach (var nested in tool.Items("tools"))
                {
                    AddTool(ask, nested, tool.Str("name"));
                }

                return;
            case "function" or "custom":
                var name = tool.Str("name");
                if (string.IsNullOrEmpty(name) || name.Length > 128 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
                {
                    throw name is null
                        ? Bad($"Missing required parameter: 'tools[{ask.Tools.Count}].name'.", $"tools[{ask.Tools.Count}].name", "missing_required_parameter")
                        : Bad($"Invalid 'tools[{ask.Tools.Count}].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.", $"tools[{ask.Tools.Count}].name", "invalid_value");
                }

                ask.Tools.Add(new ToolSpec(name, tool.Str("description") ?? "", tool.Get("parameters"), CacheMark.None, IsServerTool: false) { IsCustom = type == "custom", IsStrict = tool.Bool("strict") ?? false, Namespace = space });
                return;
            default:
                // Built-in tools are accepted and never used.
                return;
        }
    }

    private static void ReadToolChoice(Ask ask, JsonElement body)
    {
        var choice = body.Get("tool_choice");
        switch (choice.IsString() ? choice.GetString() : choice.Str("type"))
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
                if (!ask.Tools.Exists(t => t.Name == choice.Str("name")))
                {
                    throw Bad($"Tool choice '{choice.Str("type")}' with name '{choice.Str("name")}' not found in 'tools' parameter.", "tool_choice");
                }

                (ask.ToolChoice, ask.ToolChoiceName) = (ToolChoice.Named, choice.Str("name"));
                return;
            case "allowed_tools" when choice.IsObject():
                var names = choice.Items("tools").Select(t => t.Str("name")).ToHashSet();
                ask.Tools.RemoveAll(t => !names.Contains(t.Name));
                ask.ToolChoice = choice.Str("mode") == "required" ? ToolChoice.Required : ToolChoice.Auto;
                return;
            case var other:
                throw Bad($"Invalid value: '{other}'. Supported values are: 'none', 'auto', and 'required'.", "tool_choice", "invalid_value");
        }
    }

    private static void ReadFormat(Ask ask, JsonElement format)
    {
        switch (format.IsDefined() ? format.Str("type") : "text")
        {
            case "text":
                return;
            case "json_object":
                ask.Format = AnswerFormat.JsonObject;
                return;
            case "json_schema":
                if (format.Str("name") is null || !format.Has("schema"))
                {
                    var missing = format.Str("name") is null ? "text.format.name" : "text.format.schema";
                    throw Bad($"Missing required parameter: '{missing}'.", missing, "missing_required_parameter");
                }

                (ask.Format, ask.FormatSchema) = (AnswerFormat.JsonSchema, format.Get("schema"));
                return;
            case var other:
                throw Bad($"Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', and 'text'.", "text.format.type", "invalid_value");
        }
    }
}
