using System.Globalization;
using System.Text.Json;

namespace Trivet.Wire.Canonical.Errors;

/// <summary>What the shapes of error bodies have in common, gathered from wherever the body keeps it. Belongs to <see cref="ErrorReader"/>.</summary>
internal sealed class ErrorFields
{
    public string? Message { get; set; }

    public string? Type { get; set; }

    public string? Code { get; set; }

    public string? Param { get; set; }

    /// <summary>An HTTP status that the body itself names; 0 for none.</summary>
    public int StatusHint { get; set; }

    /// <summary>MiniMax's business codes, which overlap with Zhipu's.</summary>
    public bool IsBaseResp { get; set; }

    public TimeSpan? RetryAfter { get; set; }

    public void ReadRoot(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array) // Gemini outside SSE, also on its OpenAI layer
        {
            if (root.GetArrayLength() > 0)
                ReadRoot(root[0]);
            return;
        }

        if (root.ValueKind != JsonValueKind.Object)
            return;
        if (root.TryGetProperty("base_resp", out var baseResp) && baseResp.ValueKind == JsonValueKind.Object)
            ReadBaseResp(baseResp);
        if (root.TryGetProperty("response", out var response) && response.ValueKind == JsonValueKind.Object && !root.TryGetProperty("error", out _))
            ReadRoot(response); // response.failed of OpenAI Responses
        if (root.TryGetProperty("error", out var error))
        {
            if (error.ValueKind == JsonValueKind.Object)
                ReadObject(error);
            else
                Message ??= Text(error); // xAI, Ollama, Hugging Face
        }

        if (root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0)
            ReadMany(errors);
        if (root.TryGetProperty("detail", out var detail)) // Mistral, FastAPI
        {
            if (detail.ValueKind == JsonValueKind.Array)
                ReadMany(detail);
            else if (detail.ValueKind == JsonValueKind.Object)
                ReadObject(detail);
            else
                Message ??= Text(detail);
        }

        if (root.TryGetProperty("message", out var words) && words.ValueKind == JsonValueKind.Object)
            ReadRoot(words); // Mistral wraps FastAPI's detail in a message (422, 2026-11)
        ReadObject(root);
    }

    private void ReadObject(JsonElement error)
    {
        Message ??= First(error, "message", "msg", "error_msg", "status_msg", "error_description", "Message");
        if (Message == "Provider returned error" && error.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
            Message = First(metadata, "raw") is { } raw ? $"{Message}: {raw}" : Message; // OpenRouter keeps the vendor's own words here
        Type ??= First(error, "type", "__type") is { } type && type is not "error" ? type : null;
        Type ??= First(error, "status");
        Param ??= First(error, "param");
        if (Code is null && error.TryGetProperty("code", out var code))
        {
            Code = Text(code);
            SetStatusHint(code);
        }

        if (StatusHint == 0)
        {
            foreach (var name in (ReadOnlySpan<string>)["status_code", "status", "http_code"])
            {
                if (error.TryGetProperty(name, out var status))
                    SetStatusHint(status);
            }
        }

        // Azure: error.innererror.code "ResponsibleAIPolicyViolation"; Anthropic: error.details.error_code
        if (error.TryGetProperty("innererror", out var inner) && inner.ValueKind == JsonValueKind.Object)
            Type = First(inner, "code") ?? Type;
        if (!error.TryGetProperty("details", out var details))
            return;
        if (details.ValueKind == JsonValueKind.Object)
            Code ??= First(details, "error_code");
        else if (details.ValueKind == JsonValueKind.Array)
            ReadGoogleDetails(details);
    }

    private void ReadGoogleDetails(JsonElement details)
    {
        foreach (var detail in details.EnumerateArray())
        {
            if (detail.ValueKind != JsonValueKind.Object)
                continue;
            if (First(detail, "retryDelay") is { } delay && delay.EndsWith('s')
                && double.TryParse(delay.AsSpan(0, delay.Length - 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e6)
                RetryAfter = TimeSpan.FromSeconds(seconds);
            if (First(detail, "reason") is { } reason)
                Code = Code is null || StatusHint != 0 ? reason : Code;
        }
    }

    private void ReadBaseResp(JsonElement baseResp)
    {
        var code = First(baseResp, "status_code");
        if (code is null or "0")
            return;
        (IsBaseResp, Code, Message) = (true, code, First(baseResp, "status_msg"));
    }

    private void ReadMany(JsonElement errors)
    {
        var messages = new List<string>();
        foreach (var error in errors.EnumerateArray())
        {
            if (error.ValueKind == JsonValueKind.String)
                messages.Add(error.GetString()!);
            else if (error.ValueKind == JsonValueKind.Object && First(error, "msg", "message") is { } message)
                messages.Add(error.TryGetProperty("loc", out var loc) && loc.ValueKind == JsonValueKind.Array ? $"{string.Join('.', loc.EnumerateArray().Select(part => part.ToString()))}: {message}" : message);
        }

        if (messages.Count > 0)
            Message ??= string.Join("; ", messages);
    }

    private void SetStatusHint(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number is >= 400 and < 600)
            StatusHint = number;
        else if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: 3 } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is >= 400 and < 600)
            StatusHint = number;
    }

    private static string? First(JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (element.TryGetProperty(name, out var value) && Text(value) is { Length: > 0 } text)
                return text;
        }

        return null;
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
