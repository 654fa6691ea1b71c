using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>Writes <c>generationConfig</c>, and says what of it must be said in words (<see cref="Instruction"/>).</summary>
internal sealed class GeminiConfigWriter(CanonicalRequest request, GeminiDialect dialect, LossList losses)
{
    private const string JsonInstruction = "Answer with one valid JSON object and nothing else: no words around it and no code fence.";

    private bool IsOwn => request.Origin == Protocol.Gemini;

    /// <summary>The form of the answer in words, where the model takes none beside tools; null otherwise.</summary>
    public string? Instruction()
    {
        if (!IsFormInWords)
            return null;
        losses.Add(GeminiLosses.FormatWithTools);
        return request.OutputFormat!.Kind == OutputFormatKind.JsonSchema ? $"{JsonInstruction} It must fit this JSON schema: {request.OutputFormat.Schema}" : JsonInstruction;
    }

    private bool IsFormInWords => !dialect.AcceptsFormatWithTools && !IsOwn && request.OutputFormat is { Kind: not OutputFormatKind.Text } && request.Tools.Exists(static tool => tool.Kind != ToolKind.Server);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("generationConfig"u8);
        WriteBounds(writer);
        WriteSampling(writer, request.Sampling);
        WriteLogProbs(writer, request.Sampling);
        if (!IsFormInWords)
            WriteForm(writer);
        WriteThinking(writer);
        if (request.Extra.Find(field => AsksForPictures(request, field)) is { Value.IsAbsent: false } modalities)
        {
            writer.WriteStartArray("responseModalities"u8);
            if (modalities.Value.ToString().Contains("text", StringComparison.Ordinal))
                writer.WriteStringValue("TEXT"u8);
            writer.WriteStringValue("IMAGE"u8);
            writer.WriteEndArray();
        }

        foreach (var extra in Extras(GeminiConfigReader.Prefix).Where(static extra => !extra.Name.StartsWith(GeminiConfigReader.Prefix + "thinkingConfig.", StringComparison.Ordinal)))
            extra.Value.WriteTo(writer, Encoding.UTF8.GetBytes(extra.Name[GeminiConfigReader.Prefix.Length..]));
        writer.WriteEndObject();
    }

    /// <summary>Whether a Chat client asks for pictures by this field, as OpenRouter and LiteLLM have it (<c>modalities</c>, 2026-11).</summary>
    public static bool AsksForPictures(CanonicalRequest request, ExtraField field) => request.Origin == Protocol.OpenAIChat && field.Name == "modalities"
        && field.Value.ToString().Replace(" ", "", StringComparison.Ordinal) is """["image","text"]""" or """["text","image"]""" or """["image"]""";

    private IEnumerable<ExtraField> Extras(string prefix) => IsOwn ? request.Extra.Where(field => field.Name.StartsWith(prefix, StringComparison.Ordinal)) : [];

    private void WriteBounds(Utf8JsonWriter writer)
    {
        if (request.MaxOutputTokens is { } asked and > 0)
        {
            var bound = Math.Min(asked, dialect.MaxTokensLimit ?? int.MaxValue);
            if (bound < asked)
                losses.Add(GeminiLosses.MaxTokens);
            writer.WriteNumber("maxOutputTokens"u8, bound);
        }
        else if (request.MaxOutputTokens is not null)
        {
            losses.Add(GeminiLosses.MaxTokens);
        }

        var written = 0;
        foreach (var stop in request.StopSequences)
        {
            if (stop.IsEmpty)
            {
                losses.Add(GeminiLosses.EmptyStopSequence);
                continue;
            }

            if (written == dialect.StopSequencesMax)
            {
                losses.Add(GeminiLosses.StopSequences);
                break;
            }

            if (written++ == 0)
                writer.WriteStartArray("stopSequences"u8);
            stop.WriteTo(writer);
        }

        if (written > 0)
            writer.WriteEndArray();
    }

    private void WriteSampling(Utf8JsonWriter writer, in Sampling sampling)
    {
        if (sampling.Temperature is { } temperature)
        {
            var legal = Math.Clamp(temperature, 0, dialect.TemperatureMax);
            if (legal != temperature)
                losses.Add(GeminiLosses.Temperature);
            writer.WriteNumber("temperature"u8, legal);
        }

        if (sampling.TopP is { } topP)
            writer.WriteNumber("topP"u8, topP);
        if (sampling.TopK is { } topK and > 0)
            writer.WriteNumber("topK"u8, topK);
        if (sampling.CandidateCount is { } count and > 0 && (count > 1 || IsOwn))
            writer.WriteNumber("candidateCount"u8, count);
        if (sampling.Seed is { } seed)
        {
            var legal = unchecked((int)seed);
            if (legal != seed)
                losses.Add(GeminiLosses.Seed);
            writer.WriteNumber("seed"u8, legal);
        }

        WritePenalty(writer, "frequencyPenalty"u8, sampling.FrequencyPenalty, GeminiLosses.FrequencyPenalty);
        WritePenalty(writer, "presencePenalty"u8, sampling.PresencePenalty, GeminiLosses.PresencePenalty);
    }

    private void WritePenalty(Utf8JsonWriter writer, ReadOnlySpan<byte> name, double? penalty, LossRule rule)
    {
        if (penalty is not { } value || (value == 0 && !IsOwn))
            return;
        if (dialect.AcceptsPenalties)
            writer.WriteNumber(name, value);
        else
            losses.Add(rule);
    }

    private void WriteLogProbs(Utf8JsonWriter writer, in Sampling sampling)
    {
        if (!sampling.LogitBias.IsNull && !sampling.LogitBias.Utf8.Span.SequenceEqual("{}"u8))
            losses.Add(GeminiLosses.LogitBias);
        var isAsked = sampling.LogProbs == true || (sampling.LogProbs is null && sampling.TopLogProbs is > 0);
        if (isAsked && !dialect.AcceptsLogProbs)
        {
            losses.Add(GeminiLosses.LogProbs);
            return;
        }

        if (isAsked || (IsOwn && sampling.LogProbs is not null))
            writer.WriteBoolean("responseLogprobs"u8, isAsked);
        if (sampling.TopLogProbs is { } top && (isAsked || IsOwn))
            writer.WriteNumber("logprobs"u8, Math.Clamp(top, 0, 20));
    }

    private void WriteForm(Utf8JsonWriter writer)
    {
        if (request.OutputFormat is not { } format)
            return;
        if (format.Kind == OutputFormatKind.Text)
        {
            if (IsOwn)
                writer.WriteString("responseMimeType"u8, "text/plain"u8);
            return;
        }

        writer.WriteString("responseMimeType"u8, "application/json"u8);
        if (format.Kind != OutputFormatKind.JsonSchema || format.Schema.IsNull)
            return;
        if (!format.Name.IsEmpty || !format.Description.IsEmpty)
            losses.Add(GeminiLosses.SchemaName);
        if (dialect.AcceptsResponseJsonSchema)
        {
            format.Schema.WriteTo(writer, "responseJsonSchema"u8);
            return;
        }

        writer.WritePropertyName("responseSchema"u8);
        if (!GeminiOpenApi.Write(writer, format.Schema))
            losses.Add(GeminiLosses.JsonSchema);
    }

    private void WriteThinking(Utf8JsonWriter writer)
    {
        if (request.Reasoning is not { } asked)
            return;
        var isOff = asked is { Mode: ReasoningMode.Disabled } or { Mode: ReasoningMode.Unspecified, Effort: "none" };
        var isOn = !isOff && (asked.Mode != ReasoningMode.Unspecified || asked.Effort is not null || asked.BudgetTokens is > 0);
        var extras = Extras(GeminiConfigReader.Prefix + "thinkingConfig.").ToList();
        if (dialect.Thinking == GeminiThinkingStyle.None && !IsOwn)
        {
            if (isOn)
                losses.Add(GeminiLosses.Thinking);
            return;
        }

        var (budget, level) = IsOwn ? Own(asked) : isOff ? Least(asked) : isOn ? Asked(asked) : (null, null);
        var shows = asked.ShowThoughts ?? (isOn && !IsOwn ? true : null);
        if (budget is null && level is null && shows is null && extras.Count == 0)
            return;
        writer.WriteStartObject("thinkingConfig"u8);
        if (shows is { } isShown)
            writer.WriteBoolean("includeThoughts"u8, isShown);
        if (budget is { } tokens)
            writer.WriteNumber("thinkingBudget"u8, tokens);
        if (level is not null)
            writer.WriteString("thinkingLevel"u8, level.ToUpperInvariant());
        foreach (var extra in extras)
            extra.Value.WriteTo(writer, Encoding.UTF8.GetBytes(extra.Name[(GeminiConfigReader.Prefix + "thinkingConfig.").Length..]));
        writer.WriteEndObject();
    }

    // What was said in this protocol, as it was said.
    private static (long? Budget, string? Level) Own(ReasoningRequest asked) =>
        (asked.Mode switch { ReasoningMode.Disabled => 0, ReasoningMode.Adaptive => -1, _ => asked.BudgetTokens }, asked.Effort);

    private (long? Budget, string? Level) Least(ReasoningRequest asked)
    {
        if (asked.Effort is not (null or "none"))
            losses.Add(GeminiLosses.Effort);
        if (dialect.Thinking == GeminiThinkingStyle.Budget && dialect.CanDisableThinking)
            return (0, null);
        losses.Add(GeminiLosses.NoThinking);
        return dialect.Thinking == GeminiThinkingStyle.Budget ? (dialect.ThinkingBudgetMin, null) : (null, GeminiThinking.LevelOf("minimal", dialect.ThinkingLevels));
    }

    private (long? Budget, string? Level) Asked(ReasoningRequest asked)
    {
        if (dialect.Thinking == GeminiThinkingStyle.Budget)
        {
            if (asked.BudgetTokens is not > 0 && asked.Effort is null)
                return (-1, null); // as much as it likes
            if (asked.Effort is not null) // also beside a budget, which then counts
                losses.Add(GeminiLosses.Effort);
            var wanted = asked.BudgetTokens is { } tokens and > 0 ? tokens : GeminiThinking.BudgetOf(asked.Effort!, dialect.ThinkingBudgetMax);
            return (Math.Clamp(wanted, dialect.ThinkingBudgetMin, dialect.ThinkingBudgetMax), null);
        }

        var effort = asked.Effort ?? (asked.BudgetTokens is { } budget and > 0 ? GeminiThinking.EffortOf(budget) : null);
        if (effort is null)
            return (null, null);
        var level = GeminiThinking.LevelOf(effort, dialect.ThinkingLevels);
        if (asked.BudgetTokens is > 0 || !string.Equals(level, asked.Effort, StringComparison.Ordinal))
            losses.Add(GeminiLosses.Effort);
        return (null, level);
    }
}
