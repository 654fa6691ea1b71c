namespace Trivet.Wire.Gemini;

/// <summary>
/// What an upstream that speaks Gemini's generateContent takes and does. Defaults are Google's own Gemini API with its 2.5 and 3 models; vendor and
/// model profiles set the rest. Sources: WIRE_FACTS §3.1 and §3.3; ai.google.dev/gemini-api/docs (function calling, thinking, thought signatures,
/// structured output; November 2026).
/// </summary>
public sealed record GeminiDialect
{
    /// <summary>Google itself.</summary>
    public static GeminiDialect Default { get; } = new();

    // ── thinking ──

    /// <summary>How thinking is asked for: a budget up to Gemini 2.5, a level from Gemini 3 on.</summary>
    public GeminiThinkingStyle Thinking { get; init; } = GeminiThinkingStyle.Budget;

    /// <summary>Thinking can be switched off (<c>thinkingBudget: 0</c>). Gemini 2.5 Pro and Gemini 3 cannot: the least they take is asked for.</summary>
    public bool CanDisableThinking { get; init; } = true;

    /// <summary>The smallest budget in tokens other than 0: 128 for 2.5 Pro, 512 for 2.5 Flash-Lite, 1 for 2.5 Flash. Smaller ones are raised to it.</summary>
    public long ThinkingBudgetMin { get; init; } = 512;

    /// <summary>The largest budget in tokens: 24,576 for 2.5 Flash, 32,768 for 2.5 Pro. Larger ones are lowered to it.</summary>
    public long ThinkingBudgetMax { get; init; } = 24_576;

    /// <summary>The levels that the model takes, weakest first. Gemini 3 Flash takes all four, 3 Pro <c>low</c> and <c>high</c>.</summary>
    public IReadOnlyList<string> ThinkingLevels { get; init; } = ["minimal", "low", "medium", "high"];

    /// <summary>
    /// What is sent as <c>thoughtSignature</c> of the first call of a turn that has none of its own, because another vendor's model made it: Gemini 3
    /// answers 400 to a call without one, and documents this word for conversations that began elsewhere. Null: nothing is sent.
    /// </summary>
    public string? DummySignature { get; init; } = "skip_thought_signature_validator";

    // ── tools ──

    /// <summary>A tool's schema may be JSON schema (<c>parametersJsonSchema</c>). Otherwise it is cut down to the OpenAPI subset of <c>parameters</c>.</summary>
    public bool AcceptsParametersJsonSchema { get; init; } = true;

    /// <summary><c>functionCall.id</c> and <c>functionResponse.id</c> are taken. Some older relays and Vertex versions answer 400.</summary>
    public bool AcceptsCallIds { get; init; } = true;

    /// <summary>Pictures and files may stand within a tool's result (<c>functionResponse.parts</c>, Gemini 3). Otherwise they stand behind it.</summary>
    public bool AcceptsMediaInResults { get; init; }

    // ── switches ──

    /// <summary>How many stop sequences are taken.</summary>
    public int StopSequencesMax { get; init; } = 5;

    /// <summary>Largest temperature.</summary>
    public double TemperatureMax { get; init; } = 2;

    /// <summary>Upper bound of <c>maxOutputTokens</c>; a larger one is lowered to it. Null for none known.</summary>
    public long? MaxTokensLimit { get; init; }

    /// <summary><c>frequencyPenalty</c> and <c>presencePenalty</c> are taken. Gemini 2.5 answers 400 ("Penalty is not enabled for this model").</summary>
    public bool AcceptsPenalties { get; init; } = true;

    /// <summary><c>responseLogprobs</c> is taken. Most models of the Gemini API answer 400 ("Logprobs is not enabled"); Vertex takes it.</summary>
    public bool AcceptsLogProbs { get; init; } = true;

    /// <summary>A JSON schema for the answer may be JSON schema (<c>responseJsonSchema</c>). Otherwise it is cut down to <c>responseSchema</c>.</summary>
    public bool AcceptsResponseJsonSchema { get; init; } = true;

    /// <summary>A form of the answer may be asked for beside tools (Gemini 3). Gemini 2.5 answers 400: the form is then asked for in words.</summary>
    public bool AcceptsFormatWithTools { get; init; } = true;

    // ── media ──

    /// <summary>Pictures are taken.</summary>
    public bool AcceptsImages { get; init; } = true;

    /// <summary>
    /// Media may be given by any URL (<c>fileData.fileUri</c>): Google fetches public and signed ones since January 2026 (blog.google, "Increased file size
    /// limits and expanded inputs support in Gemini API"). Without it only what Google itself keeps is sent so (uploaded files, Cloud Storage, YouTube).
    /// </summary>
    public bool AcceptsMediaByUrl { get; init; } = true;

    /// <summary><c>labels</c> are taken (Vertex).</summary>
    public bool AcceptsLabels { get; init; }

    /// <summary><c>serviceTier</c> is taken.</summary>
    public bool AcceptsServiceTier { get; init; } = true;
}

/// <summary>How an upstream is asked to think.</summary>
public enum GeminiThinkingStyle : byte
{
    /// <summary>Not at all: the model has no thinking.</summary>
    None,

    /// <summary><c>thinkingBudget</c> in tokens: Gemini 2.5.</summary>
    Budget,

    /// <summary><c>thinkingLevel</c>: Gemini 3.</summary>
    Level,
}
