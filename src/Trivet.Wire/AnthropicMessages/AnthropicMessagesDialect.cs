namespace Trivet.Wire.AnthropicMessages;

/// <summary>
/// What an upstream that speaks Anthropic Messages takes and does. Defaults are Anthropic itself with its 4.5 models; vendor and model profiles
/// set the rest. Sources: WIRE_FACTS §3.1 and §3.5 (vendor documents and live probes, October 2026).
/// </summary>
public sealed record AnthropicMessagesDialect
{
    /// <summary>Anthropic itself.</summary>
    public static AnthropicMessagesDialect Default { get; } = new();

    /// <summary><c>max_tokens</c> where the client gave none: the protocol demands one. From the catalogue's output limit of the model.</summary>
    public long DefaultMaxTokens { get; init; } = 32_000;

    /// <summary>Upper bound of <c>max_tokens</c>; a larger one is lowered to it (Anthropic answers 400). Null for none known.</summary>
    public long? MaxTokensLimit { get; init; }

    /// <summary>How thinking is asked for: a budget up to Claude 4.5, <c>adaptive</c> with an effort from 4.6 on.</summary>
    public AnthropicThinkingStyle Thinking { get; init; } = AnthropicThinkingStyle.Budget;

    /// <summary>Thinking can be switched off. Claude Fable and Mythos, Kimi k3 and MiniMax M2 cannot.</summary>
    public bool CanDisableThinking { get; init; } = true;

    /// <summary>The vendor thinks unless told not to (DeepSeek, Kimi): "no thinking" must be said.</summary>
    public bool ThinksByDefault { get; init; }

    /// <summary>Highest word that <c>output_config.effort</c> takes: <c>high</c>, <c>xhigh</c> or <c>max</c>.</summary>
    public string MaxEffort { get; init; } = "max";

    /// <summary>
    /// Thinking blocks without a genuine signature may stand in the history, with <c>signature:""</c>: Alibaba's own signatures are always empty,
    /// and DeepSeek wants thoughts back even when they are empty. Anthropic answers 400.
    /// </summary>
    public bool AcceptsUnsignedThinking { get; init; }

    /// <summary>A forced tool (<c>any</c>, <c>tool</c>) may stand beside thinking. Anthropic and DeepSeek answer 400.</summary>
    public bool AcceptsForcedToolWithThinking { get; init; }

    /// <summary><c>tool_choice: any</c> is obeyed. DeepSeek and MiniMax take and ignore it (live probes, October 2026).</summary>
    public bool HonoursToolChoiceAny { get; init; } = true;

    /// <summary><c>tool_choice: tool</c> is obeyed. MiniMax takes and ignores it.</summary>
    public bool HonoursToolChoiceNamed { get; init; } = true;

    /// <summary><c>tool_choice: none</c> is obeyed.</summary>
    public bool HonoursToolChoiceNone { get; init; } = true;

    /// <summary><c>disable_parallel_tool_use</c> is obeyed. DeepSeek and MiniMax ignore it.</summary>
    public bool HonoursParallelSwitch { get; init; } = true;

    /// <summary><c>stop_sequences</c> are obeyed. MiniMax ignores them.</summary>
    public bool HonoursStopSequences { get; init; } = true;

    /// <summary><c>is_error</c> is read. Where it is not (DeepSeek), the failure is said in the result's text as well.</summary>
    public bool HonoursIsError { get; init; } = true;

    /// <summary>Temperature, top_p and top_k may be set. Claude 4.7, Sonnet 5 and newer answer 400 to anything but the default.</summary>
    public bool AcceptsSampling { get; init; } = true;

    /// <summary>Temperature and top_p may stand together. Claude 4.5 answers 400.</summary>
    public bool AcceptsTemperatureWithTopP { get; init; }

    /// <summary>Largest temperature: 1 at Anthropic, 2 at some others.</summary>
    public double MaxTemperature { get; init; } = 1;

    /// <summary>The lowest temperature.</summary>
    public double MinTemperature { get; init; }

    /// <summary><c>top_k</c> is taken.</summary>
    public bool AcceptsTopK { get; init; } = true;

    /// <summary>How a JSON schema for the answer is asked for.</summary>
    public AnthropicStructuredOutput StructuredOutput { get; init; } = AnthropicStructuredOutput.OutputConfig;

    /// <summary><c>strict</c> on tools is taken.</summary>
    public bool AcceptsStrictTools { get; init; } = true;

    /// <summary><c>role:"system"</c> may stand in the middle of a conversation (Claude 5; GLM answers 422).</summary>
    public bool AcceptsSystemMessages { get; init; }

    /// <summary>The last message may be the assistant's (prefill). Claude Opus 4.6 and newer answer 400.</summary>
    public bool AcceptsPrefill { get; init; } = true;

    /// <summary>Pictures are taken.</summary>
    public bool AcceptsImages { get; init; } = true;

    /// <summary>Pictures and documents may be given by URL.</summary>
    public bool AcceptsMediaByUrl { get; init; } = true;

    /// <summary>Documents are taken. DeepSeek takes none.</summary>
    public bool AcceptsDocuments { get; init; } = true;

    /// <summary><c>cache_control</c> may stand on blocks. Where it is only ignored, leave this on.</summary>
    public bool AcceptsCacheControl { get; init; } = true;

    /// <summary>
    /// What a client whose own protocol caches by itself has said so far is marked to be cached, where the conversation will go on. Off by default: Anthropic bills what is written 1.25 times and what is read 0.1 times
    /// (docs.anthropic.com, November 2026), and other vendors differ.
    /// </summary>
    public bool CachesPrompts { get; init; }

    /// <summary><c>metadata.user_id</c> is taken.</summary>
    public bool AcceptsUser { get; init; } = true;
}

/// <summary>How an upstream is asked to think.</summary>
public enum AnthropicThinkingStyle : byte
{
    /// <summary>Not at all: the model has no thinking, or no switch for it.</summary>
    None,

    /// <summary><c>thinking: {enabled, budget_tokens}</c>: Claude 4.5 and earlier, and most vendors that speak the protocol.</summary>
    Budget,

    /// <summary><c>thinking: {adaptive}</c> with <c>output_config.effort</c>: Claude 4.6 and newer, MiniMax M3, DeepSeek's effort.</summary>
    Adaptive,

    /// <summary><c>thinking: {enabled}</c> with <c>output_config.effort</c> and no budget that means anything (DeepSeek).</summary>
    EnabledEffort,
}

/// <summary>How an upstream is asked for JSON that fits a schema.</summary>
public enum AnthropicStructuredOutput : byte
{
    /// <summary><c>output_config.format</c>.</summary>
    OutputConfig,

    /// <summary>The older top-level <c>output_format</c> (beta of November 2025).</summary>
    OutputFormat,

    /// <summary>A tool of Trivet's own that must be called; readers turn its arguments back into text.</summary>
    ForcedTool,

    /// <summary>Not at all: said in words only.</summary>
    None,
}
