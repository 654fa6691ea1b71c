using System.Text;
using System.Text.Json;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Protocols.Gemini;

/// <summary>Reads a generateContent or countTokens request as Google would: what it rejects is rejected here, in its words.</summary>
internal static class GeminiRequestReader
{
    private const int ReasoningTokens = 16;

    private static readonly string[] Known =
    [
        "contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings", "cachedContent", "labels", "serviceTier", "model", "store", "generateContentRequest",
    ];

    public static Ask Read(RequestContext context, JsonElement body)
    {
        if (context.IsCount && body.Field("generateContentRequest") is { ValueKind: JsonValueKind.Object } inner)
        {
            body = inner;
        }

        foreach (var property in body.EnumerateObject())
        {
            if (!Known.Contains(Camel(property.Name), StringComparer.Ordinal))
            {
                throw Bad($"Invalid JSON payload received. Unknown name \"{property.Name}\": Cannot find field.");
            }
        }

        var ask = new Ask { Model = context.Model.Full, Body = body };
        ask.Stream = GeminiPath.Split(context.Request).Method == "streamGenerateContent";
        ask.StreamsAsArray = ask.Stream && context.Request.Query["alt"] != "sse";
        ReadConfig(ask, body.Field("generationConfig"));
        ReadTools(ask, body);
        ReadToolChoice(ask, body.Field("toolConfig").Field("functionCallingConfig"));
        foreach (var part in body.Field("systemInstruction").Items("parts"))
        {
            ask.System.Add(new Part { Kind = PartKind.Text, Text = part.Str("text") ?? "" });
        }

        GeminiContents.Read(ask, body, context);
        return ask;
    }

    public static Refusal Bad(string message) => new(400, message);

    /// <summary>A field in either spelling: Google's JSON takes camelCase and snake_case.</summary>
    public static JsonElement Field(this JsonElement element, string camel)
    {
        var value = element.Get(camel);
        return value.IsDefined() ? value : element.Get(Snake(camel));
    }

    private static void ReadConfig(Ask ask, JsonElement config)
    {
        if (config.Double("temperature") is < 0 or > 2)
        {
            throw Bad($"Unable to submit request because it has a temperature value of {config.Get("temperature")} but the supported range is from 0 (inclusive) to 2 (inclusive). Update the value and try again.");
        }

        ask.TokensMax = Number(config, "maxOutputTokens");
        if (ask.TokensMax < 1)
        {
            throw Bad($"Unable to submit request because it has a maxOutputTokens value of {ask.TokensMax} but the supported range is from 1 (inclusive) to 65537 (exclusive). Update the value and try again.");
        }

        ask.Choices = Number(config, "candidateCount") ?? 1;
        if (ask.Choices is < 1 or > 8)
        {
            throw Bad($"The specified candidate count is out of range: {ask.Choices}. Must be in [1, 8].");
        }

        var stops = config.Field("stopSequences");
        ask.StopSequences.AddRange(stops.IsArray() ? stops.EnumerateArray().Select(s => s.GetString() ?? "") : []);
        if (ask.StopSequences.Count > 5)
        {
            throw Bad("* GenerateContentRequest.generation_config.stop_sequences: too many stop sequences, at most 5 are allowed.");
        }

        ReadThinking(ask, config.Field("thinkingConfig"));
        var type = config.Field("responseMimeType") is { ValueKind: JsonValueKind.String } mime ? mime.GetString() : null;
        var schema = config.Field("responseJsonSchema") is { ValueKind: JsonValueKind.Object } json ? json : config.Field("responseSchema");
        if (type == "application/json")
        {
            (ask.Format, ask.FormatSchema) = (schema.IsObject() ? AnswerFormat.JsonSchema : AnswerFormat.JsonObject, schema);
        }
        else if (schema.IsObject())
        {
            throw Bad("Schema generation is only supported with response_mime_type `application/json`.");
        }
    }

    private static void ReadThinking(Ask ask, JsonElement thinking)
    {
        if (!thinking.IsDefined())
        {
            return;
        }

        ask.ReasoningHidden = !(thinking.Field("includeThoughts").ValueKind == JsonValueKind.True);
        var level = thinking.Field("thinkingLevel");
        ask.ReasoningTokens = Number(thinking, "thinkingBudget") == 0 ? 0 : level.IsString() ? ReasoningEffort.Tokens(level.GetString()!.ToLowerInvariant()) : ReasoningTokens;
        if (level.IsString() && thinking.Field("thinkingBudget").IsDefined())
        {
            throw Bad("You can only set only one of thinking budget and thinking level.");
        }
    }

    private static void ReadTools(Ask ask, JsonElement body)
    {
        foreach (var declaration in body.Items("tools").SelectMany(t => t.Field("functionDeclarations") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default))
        {
            var name = declaration.Str("name") ?? "";
            if (name.Length is 0 or > 128 || !(char.IsAsciiLetter(name[0]) || name[0] == '_') || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':'))
            {
                throw Bad($"* GenerateContentRequest.tools[0].function_declarations[{ask.Tools.Count}].name: Invalid function name. Must start with a letter or an underscore. "
                    + "Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.");
            }

            var schema = declaration.Field("parametersJsonSchema") is { ValueKind: JsonValueKind.Object } json ? json : declaration.Get("parameters");
            if (declaration.Has("parameters") && declaration.Field("parametersJsonSchema").IsDefined())
            {
                throw Bad("Only one of parameters and parameters_json_schema may be set.");
            }

            ask.Tools.Add(new ToolSpec(name, declaration.Str("description") ?? "", schema, CacheMark.None, IsServerTool: false));
        }
    }

    private static void ReadToolChoice(Ask ask, JsonElement config)
    {
        var mode = config.Str("mode");
        var names = config.Field("allowedFunctionNames") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(n => n.GetString()).ToHashSet() : [];
        if (names.Count > 0 && mode is not ("ANY" or "VALIDATED"))
        {
            throw Bad("Please set allowed_function_names only when function calling mode is ANY.");
        }

        if (names.Count == 1 && mode == "ANY" && ask.Tools.Exists(t => names.Contains(t.Name)))
        {
            (ask.ToolChoice, ask.ToolChoiceName) = (ToolChoice.Named, names.First());
            return;
        }

        if (names.Count > 0)
        {
            ask.Tools.RemoveAll(t => !names.Contains(t.Name));
        }

        ask.ToolChoice = mode switch
        {
            null or "AUTO" or "VALIDATED" or "MODE_UNSPECIFIED" => ToolChoice.Auto,
            "NONE" => ToolChoice.None,
            "ANY" => ToolChoice.Required,
            _ => throw Bad($"Invalid value at 'tool_config.function_calling_config.mode' (type.googleapis.com/google.ai.generativelanguage.v1main.FunctionCallingConfig.Mode), \"{mode}\""),
        };
    }

    private static int? Number(JsonElement element, string name) => Json.TryInt(element.Field(name), out var number) ? number : null;

    private static string Snake(string camel)
    {
        var snake = new StringBuilder(camel.Length + 4);
        foreach (var c in camel)
        {
            snake.Append(char.IsAsciiLetterUpper(c) ? "_" : "").Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }

    private static string Camel(string name)
    {
        var words = name.Split('_');
        return words[0] + string.Concat(words.Skip(1).Where(w => w.Length > 0).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
    }
}
