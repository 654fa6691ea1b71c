using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// Reads <c>generationConfig</c>. What has no canonical name is kept under its path (<c>generationConfig.mediaResolution</c>), so that the same protocol
/// gets it back in its place.
/// </summary>
internal sealed class GeminiConfigReader(CanonicalRequest request, JsonFields fields)
{
    public const string Prefix = "generationConfig.";

    private string _mimeType = "";
    private RawJson _schema;

    public void Read(JsonField config)
    {
        var start = fields.Push(config.Value);
        var sampling = request.Sampling;
        for (var i = start; i < fields.Count; i++)
        {
            var field = fields[i];
            if (!field.Value.IsNull && IsNumeric(field) && field.Type is not JsonTokenType.Number && !IsNumberInText(field))
                Fault ??= $"{Prefix}{GeminiNames.Camel(field.NameString)}";
            if (!field.Value.IsNull && !Sampling(field, ref sampling) && !Form(field))
                request.Extra.Add(new ExtraField(Prefix + GeminiNames.Camel(field.NameString), field.Value));
        }

        request.Sampling = sampling;
        fields.Pop(start);
        OutputForm();
    }

    /// <summary>The first field that should hold a number and does not; null where there is none.</summary>
    public string? Fault { get; private set; }

    private static bool IsNumeric(JsonField field) =>
        field.Is("temperature"u8) || field.Named("topP"u8) || field.Named("topK"u8) || field.Named("candidateCount"u8) || field.Is("seed"u8) || field.Named("frequencyPenalty"u8)
        || field.Named("presencePenalty"u8) || field.Named("maxOutputTokens"u8);

    // Protobuf's JSON takes numbers in quotes.
    private static bool IsNumberInText(JsonField field) => field.Type == JsonTokenType.String && double.TryParse(field.Text.ToString(), System.Globalization.CultureInfo.InvariantCulture, out _);

    private bool Sampling(JsonField field, ref Sampling sampling)
    {
        if (field.Is("temperature"u8))
            sampling.Temperature = field.Number;
        else if (field.Named("topP"u8))
            sampling.TopP = field.Number;
        else if (field.Named("topK"u8))
            sampling.TopK = Small(field) is { } k ? Math.Max(0, k) : field.Number is { } number and >= 0 and < int.MaxValue ? (int)number : null;
        else if (field.Named("candidateCount"u8))
            sampling.CandidateCount = Small(field);
        else if (field.Is("seed"u8))
            sampling.Seed = field.WholeNumber();
        else if (field.Named("frequencyPenalty"u8))
            sampling.FrequencyPenalty = field.Number;
        else if (field.Named("presencePenalty"u8))
            sampling.PresencePenalty = field.Number;
        else if (field.Named("responseLogprobs"u8))
            sampling.LogProbs = field.Boolean;
        else if (field.Is("logprobs"u8))
            sampling.TopLogProbs = Small(field);
        else
            return false;
        return true;
    }

    private bool Form(JsonField field)
    {
        if (field.Named("maxOutputTokens"u8))
            request.MaxOutputTokens = field.WholeNumber();
        else if (field.Named("stopSequences"u8))
            StopSequences(field);
        else if (field.Named("thinkingConfig"u8))
            Thinking(field);
        else if (field.Named("responseMimeType"u8))
            _mimeType = field.Text.ToString();
        else if (field.Named("responseSchema"u8) || field.Named("responseJsonSchema"u8) || field.Named("_responseJsonSchema"u8))
            _schema = field.Type == JsonTokenType.StartObject ? field.Value : _schema;
        else
            return false;
        return true;
    }

    private void StopSequences(JsonField field)
    {
        if (field.Type == JsonTokenType.String)
        {
            request.StopSequences.Add(field.Text);
            return;
        }

        if (field.Type != JsonTokenType.StartArray)
            return;
        var reader = new Utf8JsonReader(field.Value.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                request.StopSequences.Add(JsonTokens.ReadText(ref reader, field.Value.Utf8));
            reader.Skip();
        }
    }

    // A budget of 0 is "off", −1 "as much as you like".
    private void Thinking(JsonField config)
    {
        var start = fields.Push(config.Value);
        var asked = new ReasoningRequest();
        for (var i = start; i < fields.Count; i++)
        {
            var field = fields[i];
            if (field.Named("includeThoughts"u8))
                asked = asked with { ShowThoughts = field.Boolean };
            else if (field.Named("thinkingBudget"u8) && field.WholeNumber() is { } budget)
                asked = asked with { Mode = budget switch { 0 => ReasoningMode.Disabled, < 0 => ReasoningMode.Adaptive, _ => ReasoningMode.Enabled }, BudgetTokens = budget > 0 ? budget : null };
            else if (field.Named("thinkingLevel"u8) && field.Text is { IsEmpty: false } level && !level.ValueEquals("THINKING_LEVEL_UNSPECIFIED"u8))
                asked = asked with { Effort = level.ToString().ToLowerInvariant() };
            else if (!field.Value.IsNull && !field.Named("thinkingLevel"u8))
                request.Extra.Add(new ExtraField($"{Prefix}thinkingConfig.{GeminiNames.Camel(field.NameString)}", field.Value));
        }

        fields.Pop(start);
        request.Reasoning = asked;
    }

    private void OutputForm()
    {
        if (_mimeType is "application/json")
        {
            request.OutputFormat = _schema.IsAbsent ? new OutputFormat(OutputFormatKind.JsonObject) : new OutputFormat(OutputFormatKind.JsonSchema) { Schema = GeminiSchemas.ToJsonSchema(_schema) };
            return;
        }

        if (_mimeType is "text/plain" && _schema.IsAbsent)
        {
            request.OutputFormat = new OutputFormat(OutputFormatKind.Text);
            return;
        }

        // text/x.enum and forms to come
        if (_mimeType.Length > 0)
            request.Extra.Add(new ExtraField(Prefix + "responseMimeType", new RawJson(new JsonText(_mimeType).ToToken())));
        if (!_schema.IsAbsent)
            request.Extra.Add(new ExtraField(Prefix + "responseJsonSchema", GeminiSchemas.ToJsonSchema(_schema)));
    }

    private static int? Small(JsonField field) => field.WholeNumber() is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : null;
}
