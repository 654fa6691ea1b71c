using System.Text.Json;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.BedrockConverse.Requests;

/// <summary>The switches that hang together, decided before the first is written: output limit, thinking, sampling, form of the answer.</summary>
internal sealed class BedrockConversePlan
{
    private const string JsonInstruction = "Answer with one valid JSON object and nothing else: no words around it and no code fence.";
    private const int AnswerTokensBesideThoughts = 8192; // room for the answer where the client bounded neither

    private readonly CanonicalRequest _request;
    private readonly BedrockConverseDialect _dialect;
    private readonly LossList _losses;
    private string? _thinkingType;
    private long? _budgetTokens;
    private string? _effort;
    private long? _maxTokens;
    private double? _temperature;
    private double? _topP;
    private int? _topK;

    public BedrockConversePlan(CanonicalRequest request, BedrockConverseDialect dialect, BedrockConverseConversation conversation, LossList losses)
    {
        (_request, _dialect, _losses) = (request, dialect, losses);
        Limit();
        Form();
        Think(conversation);
        Sample();
    }

    /// <summary>A sentence to put behind the instructions; null for none.</summary>
    public string? Instruction { get; private set; }

    /// <summary>The schema of the answer is said in <c>outputConfig</c>.</summary>
    public bool WritesSchema { get; private set; }

    public void WriteInferenceConfig(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("inferenceConfig"u8);
        if (_maxTokens is { } max)
            writer.WriteNumber("maxTokens"u8, max);
        if (_temperature is { } temperature)
            writer.WriteNumber("temperature"u8, temperature);
        if (_topP is { } topP)
            writer.WriteNumber("topP"u8, topP);
        var stops = _request.StopSequences.FindAll(static stop => !stop.IsEmpty);
        if (stops.Count < _request.StopSequences.Count)
            _losses.Add(BedrockConverseLosses.EmptyStopSequence);
        if (stops.Count > 0)
        {
            writer.WriteStartArray("stopSequences"u8);
            foreach (var stop in stops)
                stop.WriteTo(writer);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    // What Converse has no word for goes to the model as it is: these are Claude's words.
    public void WriteAdditionalFields(Utf8JsonWriter writer)
    {
        if (_thinkingType is null && _topK is null)
            return;
        writer.WriteStartObject("additionalModelRequestFields"u8);
        if (_topK is { } topK)
            writer.WriteNumber("top_k"u8, topK);
        if (_thinkingType is not null)
        {
            writer.WriteStartObject("thinking"u8);
            writer.WriteString("type"u8, _thinkingType);
            if (_budgetTokens is { } budget)
                writer.WriteNumber("budget_tokens"u8, budget);
            writer.WriteEndObject();
        }

        if (_effort is not null)
        {
            writer.WriteStartObject("output_config"u8);
            writer.WriteString("effort"u8, _effort);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    public void WriteOutputConfig(Utf8JsonWriter writer)
    {
        if (!WritesSchema)
            return;
        var format = _request.OutputFormat!;
        writer.WriteStartObject("outputConfig"u8);
        writer.WriteStartObject("textFormat"u8);
        writer.WriteString("type"u8, "json_schema"u8);
        writer.WriteStartObject("structure"u8);
        writer.WriteStartObject("jsonSchema"u8);
        writer.WriteString("schema"u8, format.Schema.Utf8.Span); // a schema as text
        if (!format.Name.IsEmpty)
            format.Name.WriteTo(writer, "name"u8);
        if (!format.Description.IsEmpty)
            format.Description.WriteTo(writer, "description"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void Limit()
    {
        _maxTokens = _request.MaxOutputTokens is > 0 ? _request.MaxOutputTokens : null;
        if (_request.MaxOutputTokens is <= 0)
            _losses.Add(BedrockConverseLosses.MaxTokens);
        if (_dialect.MaxTokensLimit is not { } limit || !(_maxTokens > limit))
            return;
        _losses.Add(BedrockConverseLosses.MaxTokens);
        _maxTokens = limit;
    }

    private void Form()
    {
        if (_request.OutputFormat is not { } format || format.Kind == OutputFormatKind.Text)
            return;
        if (format.Kind == OutputFormatKind.JsonObject || format.Schema.IsNull)
        {
            _losses.Add(BedrockConverseLosses.JsonObject);
            Instruction = JsonInstruction;
        }
        else if (_dialect.AcceptsJsonSchema)
        {
            WritesSchema = true;
        }
        else
        {
            _losses.Add(BedrockConverseLosses.JsonSchema);
            Instruction = $"{JsonInstruction} It must fit this JSON schema: {format.Schema}";
        }
    }

    private void Think(BedrockConverseConversation conversation)
    {
        var asked = _request.Reasoning;
        var isOff = asked is null or { Mode: ReasoningMode.Disabled } or { Mode: ReasoningMode.Unspecified, Effort: "none" };
        if (isOff || (asked!.Mode == ReasoningMode.Unspecified && asked.Effort is null && asked.BudgetTokens is not > 0))
            return; // no model of Bedrock's thinks unless asked, or it cannot but think
        var forcesTool = _request.Tools.Count > 0 && _request.ToolChoice is { Mode: ToolChoiceMode.Any or ToolChoiceMode.Named } or { Mode: ToolChoiceMode.Allowed, Required: true };
        if (_dialect.Thinking == BedrockThinkingStyle.None || forcesTool)
            _losses.Add(BedrockConverseLosses.Thinking);
        else if (_dialect.Thinking == BedrockThinkingStyle.Budget)
            ThinkByBudget(asked, conversation);
        else
            ThinkByEffort(asked);
    }

    private void ThinkByBudget(ReasoningRequest asked, BedrockConverseConversation conversation)
    {
        var budget = asked.BudgetTokens is { } tokens and > 0 ? tokens : AnthropicMessagesThinking.BudgetOf(asked.Effort);
        if (asked.BudgetTokens is null)
            _losses.Add(BedrockConverseLosses.Effort);
        var max = _maxTokens ?? Math.Min(budget + AnswerTokensBesideThoughts, _dialect.MaxTokensLimit ?? long.MaxValue);
        if (budget >= max) // the budget is part of the limit and must leave room for the answer
            budget = Math.Max(max / 2, max - 4096);
        budget = Math.Max(budget, AnthropicMessagesThinking.BudgetTokensMin);
        if (budget >= max || conversation.EndsInUnthoughtTools)
        {
            _losses.Add(BedrockConverseLosses.Thinking);
            return;
        }

        (_thinkingType, _budgetTokens, _maxTokens) = ("enabled", budget, max);
    }

    private void ThinkByEffort(ReasoningRequest asked)
    {
        _thinkingType = "adaptive";
        var effort = asked.Effort ?? (asked.BudgetTokens is { } budget ? AnthropicMessagesThinking.EffortOf(budget) : null);
        if (effort is null)
            return;
        _effort = AnthropicMessagesThinking.LegalEffort(effort, "max");
        if (!string.Equals(_effort, asked.Effort, StringComparison.Ordinal))
            _losses.Add(BedrockConverseLosses.Effort);
    }

    private void Sample()
    {
        var sampling = _request.Sampling;
        var isFree = _dialect.AcceptsSampling && _thinkingType != "enabled";
        if (sampling.Temperature is { } temperature)
        {
            var taken = Math.Clamp(temperature, 0, 1);
            _temperature = isFree || taken == 1 ? taken : null; // 1 is what is taken anyhow
            Lost(taken != temperature, BedrockConverseLosses.Temperature);
            Lost(_temperature is null, BedrockConverseLosses.Sampling);
        }

        if (sampling.TopP is { } topP and < 1)
        {
            if (isFree && (_temperature is null || _dialect.AcceptsTemperatureWithTopP))
                _topP = Math.Max(0, topP);
            else
                _losses.Add(BedrockConverseLosses.TopP);
        }

        if (isFree && _dialect.AcceptsTopK)
            _topK = sampling.TopK;
        else
            Lost(sampling.TopK is not null, BedrockConverseLosses.TopK);
        Lost(sampling.FrequencyPenalty is not null and not 0, BedrockConverseLosses.FrequencyPenalty);
        Lost(sampling.PresencePenalty is not null and not 0, BedrockConverseLosses.PresencePenalty);
        Lost(sampling.Seed is not null, BedrockConverseLosses.Seed);
        Lost(sampling.CandidateCount is > 1, BedrockConverseLosses.Candidates);
        Lost(sampling.LogProbs == true || sampling.TopLogProbs is > 0, BedrockConverseLosses.LogProbs);
        Lost(!sampling.LogitBias.IsNull && !sampling.LogitBias.Utf8.Span.SequenceEqual("{}"u8), BedrockConverseLosses.LogitBias);
    }

    private void Lost(bool isLost, LossRule rule)
    {
        if (isLost)
            _losses.Add(rule);
    }
}
