namespace Trivet.Wire.BedrockConverse;

/// <summary>
/// What a model behind Bedrock's Converse takes and does. The protocol is one for all models, and what they take of it is not; defaults are Anthropic's models,
/// who take most. Sources: docs.aws.amazon.com/bedrock (API reference of the runtime, user guide), read 2026-11-22.
/// </summary>
public sealed record BedrockConverseDialect
{
    /// <summary>Claude on Bedrock.</summary>
    public static BedrockConverseDialect Default { get; } = new();

    /// <summary>How thinking is asked for, in <c>additionalModelRequestFields</c>.</summary>
    public BedrockThinkingStyle Thinking { get; init; } = BedrockThinkingStyle.Budget;

    /// <summary>Upper bound of <c>maxTokens</c>; a larger one is lowered to it. Null for none known.</summary>
    public long? MaxTokensLimit { get; init; }

    /// <summary>Temperature, topP and top_k may be set. Claude 4.7, 5 and newer answer 400.</summary>
    public bool AcceptsSampling { get; init; } = true;

    /// <summary><c>top_k</c> is taken in <c>additionalModelRequestFields</c>: Claude's name for it.</summary>
    public bool AcceptsTopK { get; init; } = true;

    /// <summary>Temperature and topP may stand together. Claude 4.5 answers 400.</summary>
    public bool AcceptsTemperatureWithTopP { get; init; }

    /// <summary><c>toolChoice.any</c> is taken (Claude, Mistral and Nova).</summary>
    public bool AcceptsToolChoiceAny { get; init; } = true;

    /// <summary><c>toolChoice.tool</c> is taken (Claude 3 and newer, Nova).</summary>
    public bool AcceptsToolChoiceNamed { get; init; } = true;

    /// <summary><c>toolSpec.strict</c> is taken.</summary>
    public bool AcceptsStrictTools { get; init; } = true;

    /// <summary><c>outputConfig.textFormat</c> is taken.</summary>
    public bool AcceptsJsonSchema { get; init; } = true;

    /// <summary><c>cachePoint</c> is taken (Claude and Nova).</summary>
    public bool AcceptsCachePoints { get; init; } = true;

    /// <summary>The last message may be the model's own.</summary>
    public bool AcceptsPrefill { get; init; } = true;

    /// <summary>Pictures are taken.</summary>
    public bool AcceptsImages { get; init; } = true;

    /// <summary>Documents are taken.</summary>
    public bool AcceptsDocuments { get; init; } = true;

    /// <summary>Films are taken (Nova).</summary>
    public bool AcceptsVideo { get; init; } = true;
}

/// <summary>How a model behind Bedrock is asked to think.</summary>
public enum BedrockThinkingStyle : byte
{
    /// <summary>Not at all: no switch for it is known.</summary>
    None,

    /// <summary><c>thinking: {type: enabled, budget_tokens}</c>: Claude up to 4.5.</summary>
    Budget,

    /// <summary><c>thinking: {type: adaptive}</c> with <c>output_config.effort</c>: Claude 4.6 and newer.</summary>
    Adaptive,
}
