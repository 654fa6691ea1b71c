using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Protocols.Gemini;

/// <summary>Reads and validates contents: responses follow calls in equal number, and thought signatures are the sandbox's own.</summary>
internal static class GeminiContents
{
    /// <summary>Google's documented values for histories that come from elsewhere.</summary>
    private static readonly string[] SkipValidation = ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];

    public static void Read(Ask ask, JsonElement body, RequestContext context)
    {
        if (!body.Items("contents").Any())
        {
            throw GeminiRequestReader.Bad("* GenerateContentRequest.contents: contents is not specified");
        }

        var index = 0;
        foreach (var content in body.Items("contents"))
        {
            var role = content.Str("role") ?? "user";
            if (role is not ("user" or "model" or "function"))
            {
                throw GeminiRequestReader.Bad("Please use a valid role: user, model.");
            }

            if (!content.Items("parts").Any())
            {
                throw GeminiRequestReader.Bad($"* GenerateContentRequest.contents[{index}].parts: contents.parts must not be empty.");
            }

            var at = 0;
            foreach (var part in content.Items("parts"))
            {
                ask.Add(role == "model" ? Speaker.Assistant : Speaker.User, One(part, $"contents[{index}].parts[{at++}]", context));
            }

            index++;
        }

        CheckCalls(ask, context);
    }

    private static Part One(JsonElement part, string where, RequestContext context)
    {
        var signature = part.Field("thoughtSignature") is { ValueKind: JsonValueKind.String } given ? given.GetString() : null;
        if (signature is not null && !SkipValidation.Contains(signature, StringComparer.Ordinal) && !context.Signatures.IsSealed(signature))
        {
            throw GeminiRequestReader.Bad("Corrupted thought signature.");
        }

        if (part.Get("thought").ValueKind == JsonValueKind.True)
        {
            return new Part { Kind = PartKind.Reasoning, Text = part.Str("text") ?? "" };
        }

        if (part.Field("functionCall") is { ValueKind: JsonValueKind.Object } call)
        {
            return new Part
            {
                Kind = PartKind.ToolCall,
                Id = call.Str("id"),
                Name = call.Str("name") is { Length: > 0 } name ? name : throw EmptyName(where, "function_call"),
                Text = call.Get("args").IsObject() ? TokenCounter.CompactJson(call.Get("args")) : "{}",
                MediaType = signature,
            };
        }

        if (part.Field("functionResponse") is { ValueKind: JsonValueKind.Object } response)
        {
            return Response(response, where);
        }

        if (part.Has("text"))
        {
            return new Part { Kind = PartKind.Text, Text = part.Str("text") ?? "" };
        }

        return Media(part) ?? throw GeminiRequestReader.Bad($"* GenerateContentRequest.{where}.data: required oneof field 'data' must have one initialized field");
    }

    private static Part Response(JsonElement response, string where)
    {
        if (string.IsNullOrEmpty(response.Str("name")))
        {
            throw EmptyName(where, "function_response");
        }

        var body = response.Get("response");
        if (!body.IsObject())
        {
            throw GeminiRequestReader.Bad($"Invalid value at '{where}.function_response.response' (type.googleapis.com/google.protobuf.Struct)");
        }

        // The usual wrappers hold one string; anything else is its own text.
        var properties = body.EnumerateObject().ToList();
        var isWrapped = properties.Count == 1 && properties[0].Name is "result" or "output" or "content" or "error" && properties[0].Value.IsString();
        return new Part
        {
            Kind = PartKind.ToolResult,
            Id = response.Str("id"),
            Name = response.Str("name"),
            Text = isWrapped ? properties[0].Value.GetString()! : TokenCounter.CompactJson(body),
            IsError = isWrapped && properties[0].Name == "error",
            Inner = [.. response.Items("parts").Select(Media).OfType<Part>()],
        };
    }

    private static Part? Media(JsonElement part)
    {
        if (part.Field("inlineData") is { ValueKind: JsonValueKind.Object } data)
        {
            var type = data.Field("mimeType").ToString();
            return Attachments.FromBase64(KindOf(type), type, data.Str("data") ?? "") ?? throw GeminiRequestReader.Bad("Base64 decoding failed for inline_data.data");
        }

        if (part.Field("fileData") is { ValueKind: JsonValueKind.Object } file)
        {
            var uri = file.Field("fileUri").ToString();
            return new Part { Kind = KindOf(file.Field("mimeType").ToString()), Url = uri, Text = uri };
        }

        return part.Field("executableCode").IsDefined() || part.Field("codeExecutionResult").IsDefined() ? new Part { Kind = PartKind.Opaque } : null;
    }

    private static PartKind KindOf(string mediaType) => mediaType switch
    {
        _ when mediaType.StartsWith("image/", StringComparison.Ordinal) => PartKind.Image,
        _ when mediaType.StartsWith("audio/", StringComparison.Ordinal) || mediaType.StartsWith("video/", StringComparison.Ordinal) => PartKind.Media,
        _ => PartKind.Document,
    };

    private static void CheckCalls(Ask ask, RequestContext context)
    {
        for (var i = 0; i < ask.Turns.Count; i++)
        {
            var results = ask.Turns[i].Parts.Where(p => p.Kind == PartKind.ToolResult).ToList();
            var calls = i == 0 ? [] : ask.Turns[i - 1].Parts.Where(p => p.Kind == PartKind.ToolCall).ToList();
            var isOpen = ask.Turns[i].Speaker == Speaker.User && calls.Count > 0;
            if ((isOpen || results.Count > 0) && results.Count != calls.Count)
            {
                throw GeminiRequestReader.Bad(calls.Count == 0
                    ? "Please ensure that function response turn comes immediately after a function call turn."
                    : "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.");
            }

            if (results.Zip(calls).FirstOrDefault(p => p.First.Id is null && p.Second.Id is null && !calls.Exists(c => c.Name == p.First.Name)) is { First: { } stray })
            {
                throw GeminiRequestReader.Bad($"Function response '{stray.Name}' does not match a function call.");
            }
        }

        if (ask.Turns is [{ Speaker: Speaker.Assistant } first, ..] && first.Parts.Exists(p => p.Kind == PartKind.ToolCall))
        {
            throw GeminiRequestReader.Bad("Please ensure that function call turn comes immediately after a user turn or after a function response turn.");
        }

        if (context.Model.IsStrict)
        {
            CheckSignatures(ask);
        }
    }

    /// <summary>In the current turn the first call of each step must bring its signature back (Gemini 3).</summary>
    private static void CheckSignatures(Ask ask)
    {
        var from = ask.Turns.FindLastIndex(t => t.Speaker == Speaker.User && t.Parts.Exists(p => p.Kind == PartKind.Text));
        foreach (var turn in ask.Turns.Skip(Math.Max(0, from)))
        {
            if (turn.Parts.Find(p => p.Kind == PartKind.ToolCall) is { MediaType: null } bare)
            {
                throw GeminiRequestReader.Bad(
                    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded "
                    + $"model performance. Additional data, function call `default_api:{bare.Name}`. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.");
            }
        }
    }

    private static Refusal EmptyName(string where, string kind) => GeminiRequestReader.Bad($"* GenerateContentRequest.{where}.{kind}.name: Name cannot be empty.");
}
