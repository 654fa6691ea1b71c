using System.Text.Json;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>
/// The switches that hang together, decided before the first is written: output limit, thinking, sampling, form of the answer. Anthropic refuses
/// a request in which they contradict each other.
/// </summary>
internal sealed class AnthropicMessagesPlan
{
    private const string JsonInstruction = "Answer with one valid JSON object and nothing else: no words around it and no code fence.";

    private readonly CanonicalRequest _request;
    private readonly AnthropicMessagesDialect _dialect;
    private readonly LossList _losses;
    private string? _thinkingType;
    private long? _budgetTokens;
    private string? _effort;
    private bool _writesSchema;

    private AnthropicMessagesPlan(CanonicalRequest request, AnthropicMessagesDialect dialect, LossList losses)
    {
        (_request, _dialect, _losses) = (request, dialect, losses);
    }

    public long MaxTokens { get; private set; }

    public double? Temperature { get; private set; }

    public double? TopP { get; private set; }

    public int? TopK { get; private set; }

    /// <summary>A sentence to put behind the instructions.</summary>
    public string? Instruction { get; private set; }

    /// <summary>The schema of the answer is asked for by a tool.</summary>
    public bool UsesAnswerTool { get; private set; }

    public bool IsThinking => _thinkingType is "enabled" or "adaptive";

    public static AnthropicMessagesPlan Make(CanonicalRequest request, AnthropicMessagesDialect dialect, AnthropicMessagesConversation conversation, LossList losses)
    {
        var plan = new AnthropicMessagesPlan(request, dialect, losses);
        plan.Limit();
        plan.Form();
        plan.Think(conversation);
        plan.Sample();
        return plan;
    }

    public void WriteThinking(Utf8JsonWriter writer)
    {
        if (_thinkingType is null || AnthropicMessagesRequestWriter.Has(_request, "thinking"))
            return;
        writer.WriteStartObject("thinking"u8);
        writer.WriteString("type"u8, _thinkingType);
        if (_budgetTokens is { } budget)
            writer.WriteNumber("budget_tokens"u8, budget);
        if (IsThinking && _request.Reasoning is { ShowThoughts: { } isShown } reasoning)
            writer.WriteString("display"u8, _request.Origin == Protocol.AnthropicMessages ? reasoning.Summary : isShown ? "summarized" : "omitted");
        writer.WriteEndObject();
    }

    public void WriteOutput(Utf8JsonWriter writer, AnthropicMessagesDialect dialect)
    {
        var isOld = dialect.StructuredOutput == AnthropicStructuredOutput.OutputFormat;
        if (_writesSchema && isOld)
            WriteFormat(writer, "output_format"u8);
        if ((_effort is null && (!_writesSchema || isOld)) || AnthropicMessagesRequestWriter.Has(_request, "output_config"))
            return;
        writer.WriteStartObject("output_config"u8);
        if (_effort is not null)
            writer.WriteString("effort"u8, _effort);
        if (_writesSchema && !isOld)
            WriteFormat(writer, "format"u8);
        writer.WriteEndObject();
    }

    private void WriteFormat(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        writer.WriteStartObject(name);
        writer.WriteString("type"u8, "json_schema"u8);
        _request.OutputFormat!.Schema.WriteTo(writer, "schema"u8);
        writer.WriteEndObject();
    }

    private void Limit()
    {
        var isOwn = _request.Origin == Protocol.AnthropicMessages; // a bound of none is the client's own affair: Anthropic takes one
        MaxTokens = _request.MaxOutputTokens is { } asked && (asked > 0 || isOwn) ? asked : _dialect.DefaultMaxTokens;
        if (_request.MaxOutputTokens is <= 0 && !isOwn)
            _losses.Add(AnthropicMessagesLosses.MaxTokens);
        if (_dialect.MaxTokensLimit is { } limit && MaxTokens > limit)
        {
            if (_request.MaxOutputTokens is not null)
                _losses.Add(AnthropicMessagesLosses.MaxTokens);
            MaxTokens = limit;
        }
    }

    private void Form()
    {
        if (_request.OutputFormat is not { } format || format.Kind == OutputFormatKind.Text)
            return;
        if (format.Kind == OutputFormatKind.JsonObject || format.Schema.IsNull)
        {
            _losses.Add(AnthropicMessagesLosses.JsonObject);
            Instruction = JsonInstruction;
            return;
        }

        switch (_dialect.StructuredOutput)
        {
            case AnthropicStructuredOutput.OutputConfig or AnthropicStructuredOutput.OutputFormat:
                _writesSchema = true;
                if (!_request.OutputFormat!.Name.IsEmpty)
                    _losses.Add(AnthropicMessagesLosses.SchemaName);
                break;
            case AnthropicStructuredOutput.ForcedTool when _request.Tools.Count == 0:
                _losses.Add(AnthropicMessagesLosses.JsonSchemaTool);
                UsesAnswerTool = true;
                break;
            default:
                _losses.Add(AnthropicMessagesLosses.JsonSchema);
                Instruction = $"{JsonInstruction} It must fit this JSON schema: {format.Schema}";
                break;
        }
    }

    private void Think(AnthropicMessagesConversation conversation)
    {
        var asked = _request.Reasoning;
        var isOff = asked is { Mode: ReasoningMode.Disabled } or { Mode: ReasoningMode.Unspecified, Effort: "none" };
        var isOn = asked is not null && !isOff && (asked.Mode != ReasoningMode.Unspecified || asked.Effort is not null || asked.BudgetTokens is > 0);

        // A forced tool binds the answer, an effort is a wish: where the vendor takes but one of them, the wish goes.
        var forcesTool = UsesAnswerTool || (_request.ToolChoice is { Mode: ToolChoiceMode.Any or ToolChoiceMode.Named } or { Mode: ToolChoiceMode.Allowed, Required: true } && _request.Tools.Count > 0);
        if (forcesTool && isOn && !_dialect.AcceptsForcedToolWithThinking && (_dialect.CanDisableThinking || !_dialect.ThinksByDefault))
        {
            _losses.Add(AnthropicMessagesLosses.Thinking);
            (isOn, isOff) = (false, _dialect.ThinksByDefault);
        }

        if (_dialect.Thinking == AnthropicThinkingStyle.None)
        {
            if (isOn)
                _losses.Add(AnthropicMessagesLosses.Thinking);
            return;
        }

        if (isOff)
            TurnOff();
        else if (isOn && _dialect.Thinking == AnthropicThinkingStyle.Budget)
            ThinkByBudget(asked!, conversation);
        else if (isOn)
            ThinkByEffort(asked!);
    }

    private void TurnOff()
    {
        if (_dialect.CanDisableThinking)
        {
            _thinkingType = "disabled";
            return;
        }

        _losses.Add(AnthropicMessagesLosses.NoThinking);
        if (_dialect.Thinking != AnthropicThinkingStyle.Budget)
            _effort = "low";
    }

    private void ThinkByBudget(ReasoningRequest asked, AnthropicMessagesConversation conversation)
    {
        var budget = asked.BudgetTokens is { } tokens and > 0 ? tokens : AnthropicMessagesThinking.BudgetOf(asked.Effort);
        if (asked.BudgetTokens is null)
            _losses.Add(AnthropicMessagesLosses.Effort);

        // The budget is part of max_tokens and must leave room for the answer.
        if (budget >= MaxTokens)
            budget = Math.Max(MaxTokens / 2, MaxTokens - 4096);
        budget = Math.Max(budget, AnthropicMessagesThinking.BudgetTokensMin);
        if (budget >= MaxTokens || (conversation.EndsInUnthoughtTools && _request.Origin != Protocol.AnthropicMessages))
        {
            _losses.Add(AnthropicMessagesLosses.Thinking);
            _thinkingType = _dialect.ThinksByDefault && _dialect.CanDisableThinking ? "disabled" : null;
            return;
        }

        (_thinkingType, _budgetTokens) = ("enabled", budget);

        // Claude Opus 4.5 takes an effort beside the budget; only who said one in this protocol gets it.
        if (_request.Origin == Protocol.AnthropicMessages && asked.Effort is not null)
            _effort = asked.Effort;
    }

    private void ThinkByEffort(ReasoningRequest asked)
    {
        _thinkingType = _dialect.Thinking == AnthropicThinkingStyle.Adaptive ? "adaptive" : "enabled";
        var effort = asked.Effort ?? (asked.BudgetTokens is { } budget ? AnthropicMessagesThinking.EffortOf(budget) : null);
        if (effort is null)
            return;
        _effort = AnthropicMessagesThinking.LegalEffort(effort, _dialect.MaxEffort);
        if (asked.Effort is null || !string.Equals(_effort, asked.Effort, StringComparison.Ordinal))
            _losses.Add(AnthropicMessagesLosses.Effort);
    }

    private void Sample()
    {
        var sampling = _request.Sampling;
        var isFree = _dialect.AcceptsSampling && !(IsThinking && _dialect.Thinking == AnthropicThinkingStyle.Budget && !_dialect.ThinksByDefault);
        if (sampling.Temperature is { } temperature)
        {
            if (temperature > _dialect.MaxTemperature || temperature < _dialect.MinTemperature)
                _losses.Add(AnthropicMessagesLosses.Temperature);
            temperature = Math.Clamp(temperature, _dialect.MinTemperature, _dialect.MaxTemperature);
            if (isFree || temperature == 1)
                Temperature = temperature;
            else
                _losses.Add(AnthropicMessagesLosses.Sampling);
        }

        if (sampling.TopP is { } topP)
        {
            if ((isFree && (Temperature is null || _dialect.AcceptsTemperatureWithTopP)) || topP >= 1)
                TopP = topP >= 1 ? null : topP; // 1 is no restriction
            else
                _losses.Add(AnthropicMessagesLosses.TopP);
        }

        if (sampling.TopK is { } topK)
        {
            if (isFree && _dialect.AcceptsTopK)
                TopK = topK;
            else
                _losses.Add(AnthropicMessagesLosses.TopK);
        }

        Lost(sampling.FrequencyPenalty is not null and not 0, AnthropicMessagesLosses.FrequencyPenalty);
        Lost(sampling.PresencePenalty is not null and not 0, AnthropicMessagesLosses.PresencePenalty);
        Lost(sampling.Seed is not null, AnthropicMessagesLosses.Seed);
        Lost(sampling.CandidateCount is > 1, AnthropicMessagesLosses.Candidates);
        Lost(sampling.LogProbs == true || sampling.TopLogProbs is > 0, AnthropicMessagesLosses.LogProbs);
        Lost(!sampling.LogitBias.IsNull && !sampling.LogitBias.Utf8.Span.SequenceEqual("{}"u8), AnthropicMessagesLosses.LogitBias);
    }

    private void Lost(bool isLost, LossRule rule)
    {
        if (isLost)
            _losses.Add(rule);
    }
}
