using System.Text.Json;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Protocols.AnthropicMessages;

/// <summary>Reads a Messages request as Anthropic would: what it rejects is rejected here, in its words.</summary>
internal static class MessagesRequestReader
{
    private const int CacheMarksMax = 4;
    private const int ThinkingBudgetMin = 1024;
    private const int ReasoningTokens = 16;

    public static Ask Read(RequestContext context, JsonElement body)
    {
        if (context.Request.Headers["anthropic-version"] is not [{ Length: > 0 }])
        {
            throw Bad("anthropic-version: header is required");
        }

        Require(body, "messages");
        if (!context.IsCount)
        {
            Require(body, "max_tokens");
        }

        if (body.Has("thread"))
        {
            // Tells the SDK's stateful tool runner to replay whole conversations instead.
            throw new Refusal(400, "thread: message threads are not supported by the sandbox") { DetailsJson = """{"error_code":"thread_unsupported_request","unsupported":["thread"]}""" };
        }

        var ask = new Ask { Model = context.Model.Full, Body = body };
        ReadSettings(ask, body);
        ReadThinking(ask, body);
        MessagesTools.Read(ask, body);
        ReadFormat(ask, body);
        ReadSystem(ask, body);
        MessagesTurns.Read(ask, body, context);
        var marks = ask.Tools.Count(t => t.Cache != CacheMark.None) + ask.System.Count(p => p.Cache != CacheMark.None)
            + ask.Turns.Sum(t => t.Parts.Count(p => p.Cache != CacheMark.None));
        return marks > CacheMarksMax ? throw Bad($"A maximum of {CacheMarksMax} blocks with cache_control may be provided. Found {marks}.") : ask;
    }

    public static CacheMark Mark(JsonElement block, string where)
    {
        var control = block.Get("cache_control");
        if (!control.IsDefined())
        {
            return CacheMark.None;
        }

        if (control.Str("type") != "ephemeral")
        {
            throw Bad($"{where}.cache_control: Input tag '{control.Str("type")}' found using 'type' does not match any of the expected tags: 'ephemeral'");
        }

        return control.Str("ttl") switch
        {
            null or "5m" => CacheMark.FiveMinutes,
            "1h" => CacheMark.OneHour,
            _ => throw Bad($"{where}.cache_control.ephemeral.ttl: Input should be '5m' or '1h'"),
        };
    }

    public static Refusal Bad(string message) => new(400, message);

    public static void Require(JsonElement element, string name, string prefix = "")
    {
        if (!element.Has(name))
        {
            throw Bad($"{prefix}{name}: Field required");
        }
    }

    private static void ReadSettings(Ask ask, JsonElement body)
    {
        ask.Stream = body.Bool("stream") ?? false;
        if (body.Has("max_tokens"))
        {
            ask.TokensMax = body.Int("max_tokens") ?? throw Bad("max_tokens: Input should be a valid integer");
            if (ask.TokensMax < 1)
            {
                throw Bad("max_tokens: Input should be greater than or equal to 1");
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["temperature", "top_p"])
        {
            if (body.Double(name) is < 0)
            {
                throw Bad($"{name}: Input should be greater than or equal to 0");
            }

            if (body.Double(name) is > 1)
            {
                throw Bad($"{name}: Input should be less than or equal to 1");
            }
        }

        foreach (var sequence in body.Items("stop_sequences"))
        {
            ask.StopSequences.Add(sequence.GetString() is { } text && !string.IsNullOrWhiteSpace(text)
                ? text
                : throw Bad("stop_sequences: each stop sequence must contain non-whitespace"));
        }
    }

    private static void ReadThinking(Ask ask, JsonElement body)
    {
        var thinking = body.Get("thinking");
        var type = thinking.Str("type");
        if (!thinking.IsDefined() || type == "disabled")
        {
            ask.ReasoningTokens = thinking.IsDefined() ? 0 : null;
            return;
        }

        if (type is not ("enabled" or "adaptive"))
        {
            throw Bad($"thinking: Input tag '{type}' found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'");
        }

        ask.ReasoningHidden = thinking.Str("display") == "omitted";
        ask.ReasoningTokens = body.Get("output_config").Str("effort") is { } effort
            ? ReasoningEffort.Tokens(effort) ?? throw Bad("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
            : ReasoningTokens;
        if (type == "enabled")
        {
            Require(thinking, "budget_tokens", "thinking.enabled.");
            if (thinking.Int("budget_tokens") is not >= ThinkingBudgetMin)
            {
                throw Bad($"thinking.enabled.budget_tokens: Input should be greater than or equal to {ThinkingBudgetMin}");
            }

            if (ask.TokensMax <= thinking.Int("budget_tokens"))
            {
                throw Bad("`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at "
                    + "https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size");
            }
        }

        if (body.Double("temperature") is { } temperature && temperature != 1)
        {
            throw Bad("`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at "
                + "https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking");
        }
    }

    private static void ReadFormat(Ask ask, JsonElement body)
    {
        var format = body.Get("output_config").Get("format") is { ValueKind: not JsonValueKind.Undefined } current ? current : body.Get("output_format");
        if (!format.IsDefined())
        {
            return;
        }

        if (format.Str("type") != "json_schema")
        {
            throw Bad($"output_config.format: Input tag '{format.Str("type")}' found using 'type' does not match any of the expected tags: 'json_schema'");
        }

        Require(format, "schema", "output_config.format.json_schema.");
        (ask.Format, ask.FormatSchema) = (AnswerFormat.JsonSchema, format.Get("schema"));
    }

    private static void ReadSystem(Ask ask, JsonElement body)
    {
        var system = body.Get("system");
        if (system.IsString())
        {
            ask.System.Add(new Part { Kind = PartKind.Text, Text = system.GetString()! });
            return;
        }

        var index = 0;
        foreach (var block in body.Items("system"))
        {
            var where = $"system.{index++}";
            if (block.Str("type") != "text")
            {
                throw Bad($"{where}.type: Input should be 'text'");
            }

            if (string.IsNullOrEmpty(block.Str("text")))
            {
                throw Bad("system: text content blocks must be non-empty");
            }

            ask.System.Add(new Part { Kind = PartKind.Text, Text = block.Str("text")!, Cache = Mark(block, where) });
        }
    }

    internal static bool IsIdChar(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
