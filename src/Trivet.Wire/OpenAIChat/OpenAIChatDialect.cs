namespace Trivet.Wire.OpenAIChat;

/// <summary>
/// How an upstream that speaks OpenAI Chat differs from the original. Defaults are OpenAI's own (spec and recordings, 2026-11). Core makes one from
/// a vendor's profile; nothing here knows a vendor by name, vendors in comments are examples.
/// </summary>
public sealed record OpenAIChatDialect
{
    /// <summary>OpenAI itself.</summary>
    public static OpenAIChatDialect Default { get; } = new();

    /// <summary>Name of the field that bounds the output. <c>max_tokens</c> for DeepSeek, most relays and local servers.</summary>
    public MaxTokensField MaxTokensField { get; init; } = MaxTokensField.MaxCompletionTokens;

    /// <summary>How thoughts of earlier turns are sent back. OpenAI takes none; DeepSeek, GLM, Kimi, Qwen want <c>reasoning_content</c>, OpenRouter and MiniMax <c>reasoning_details</c>.</summary>
    public ReasoningHistory HistoryReasoning { get; init; } = ReasoningHistory.None;

    /// <summary>Whether answers hold their thoughts inline in the text. MiniMax by default, Hugging Face and Groq in <c>raw</c> format, local servers without a reasoning parser.</summary>
    public ThinkTags ThinkTags { get; init; } = ThinkTags.None;

    /// <summary>The switch that turns thinking on and off.</summary>
    public ThinkingSwitch ThinkingSwitch { get; init; } = ThinkingSwitch.ReasoningEffort;

    /// <summary>Words that <c>reasoning_effort</c> takes, from least to most; empty where the field is not taken. A word that is missing becomes its nearest neighbour.</summary>
    public IReadOnlyList<string> EffortWords { get; init; } = ["none", "minimal", "low", "medium", "high", "xhigh"];

    /// <summary>What structured output is taken. DeepSeek's and GLM's chat endpoints know <c>json_object</c> only.</summary>
    public StructuredOutput StructuredOutput { get; init; } = StructuredOutput.JsonSchema;

    /// <summary>Where content may be an array of text parts. Some servers take a string only (early DeepSeek: "invalid type: sequence").</summary>
    public TextParts TextParts { get; init; } = TextParts.Everywhere;

    /// <summary>The role <c>developer</c> is known; otherwise it is sent as <c>system</c>.</summary>
    public bool DeveloperRole { get; init; } = true;

    /// <summary>System messages may stand between other messages; otherwise later ones become user text. Templates of many local models refuse them (vLLM, llama.cpp: "System message must be at the beginning").</summary>
    public bool SystemAnywhere { get; init; } = true;

    /// <summary>False: the model always thinks, and refuses to be told not to.</summary>
    public bool CanDisableThinking { get; init; } = true;

    /// <summary><c>stream_options.include_usage</c> is taken.</summary>
    public bool StreamOptions { get; init; } = true;

    /// <summary><c>tool_choice: required</c> is obeyed.</summary>
    public bool ToolChoiceRequired { get; init; } = true;

    /// <summary><c>tool_choice</c> that names a function is obeyed.</summary>
    public bool ToolChoiceNamed { get; init; } = true;

    /// <summary><c>tool_choice: none</c> is obeyed.</summary>
    public bool ToolChoiceNone { get; init; } = true;

    /// <summary><c>tool_choice: allowed_tools</c> is known. OpenAI only.</summary>
    public bool AllowedTools { get; init; } = true;

    /// <summary><c>parallel_tool_calls</c> is taken and obeyed. DeepSeek and MiniMax ignore it (probes of others, 2026-10).</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary><c>strict</c> on functions is taken.</summary>
    public bool StrictTools { get; init; } = true;

    /// <summary>Free-form tools (<c>type: custom</c>) are known. OpenAI only.</summary>
    public bool CustomTools { get; init; } = true;

    /// <summary>Parts of type <c>file</c> are taken.</summary>
    public bool FileParts { get; init; } = true;

    /// <summary>Parts of type <c>input_audio</c> are taken.</summary>
    public bool AudioParts { get; init; } = true;

    /// <summary>Parts of type <c>video_url</c> are taken: Qwen, Kimi, GLM, MiniMax, OpenRouter.</summary>
    public bool VideoParts { get; init; }

    /// <summary>Pictures may stand in tool results; otherwise they move to a user message behind them.</summary>
    public bool ToolResultImages { get; init; }

    /// <summary><c>cache_control</c> on parts is taken: OpenRouter, Qwen.</summary>
    public bool CacheControl { get; init; }

    /// <summary><c>top_k</c> is taken: most vendors but OpenAI.</summary>
    public bool TopK { get; init; }

    /// <summary>Highest temperature taken; higher ones are clamped.</summary>
    public double TemperatureMax { get; init; } = 2;

    /// <summary>The lowest temperature that is taken.</summary>
    public double TemperatureMin { get; init; }

    /// <summary>How many stop sequences are taken.</summary>
    public int StopSequencesMax { get; init; } = 4;

    /// <summary>What a tool call's id may look like.</summary>
    public ToolCallIds ToolCallIds { get; init; } = ToolCallIds.FortyCharacters;

    /// <summary>Top-level request fields that the vendor refuses (<c>seed</c>, <c>logit_bias</c>, <c>metadata</c>, <c>user</c>, …): left out and reported.</summary>
    public IReadOnlyCollection<string> Unsupported { get; init; } = [];
}

/// <summary>Names of the field that bounds the output.</summary>
public enum MaxTokensField : byte
{
    /// <summary><c>max_completion_tokens</c>.</summary>
    MaxCompletionTokens,

    /// <summary><c>max_tokens</c>.</summary>
    MaxTokens,
}

/// <summary>How thoughts of earlier turns are sent back.</summary>
public enum ReasoningHistory : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>As <c>reasoning_content</c>.</summary>
    ReasoningContent,

    /// <summary>As <c>reasoning</c>.</summary>
    Reasoning,

    /// <summary>As <c>reasoning_details</c>, raw where they came so.</summary>
    ReasoningDetails,

    /// <summary>As <c>thinking</c> parts of a content array (Mistral).</summary>
    ThinkingParts,

    /// <summary>Inline in the text, in <c>&lt;think&gt;</c> tags.</summary>
    InlineThink,
}

/// <summary>Whether answers hold thoughts inline in their text.</summary>
public enum ThinkTags : byte
{
    /// <summary>No: tags in the text are text.</summary>
    None,

    /// <summary>At the beginning, between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>.</summary>
    Paired,

    /// <summary>The opening tag stands in the model's template, so the answer begins inside the thoughts (DeepSeek R1 and QwQ on plain servers).</summary>
    OpenAtStart,
}

/// <summary>Switches for thinking.</summary>
public enum ThinkingSwitch : byte
{
    /// <summary>None: the model decides.</summary>
    None,

    /// <summary><c>reasoning_effort</c> alone.</summary>
    ReasoningEffort,

    /// <summary><c>thinking: {type: enabled|disabled}</c>: DeepSeek, GLM, Kimi, Volcengine; with <c>reasoning_effort</c> where the dialect lists words.</summary>
    ThinkingType,

    /// <summary><c>enable_thinking</c> and <c>thinking_budget</c>: DashScope, SiliconFlow.</summary>
    EnableThinking,

    /// <summary><c>reasoning: {effort | max_tokens, enabled, exclude}</c>: OpenRouter.</summary>
    ReasoningObject,
}

/// <summary>What structured output an upstream takes.</summary>
public enum StructuredOutput : byte
{
    /// <summary><c>json_schema</c> and <c>json_object</c>.</summary>
    JsonSchema,

    /// <summary><c>json_object</c> only; a schema is told in a system message.</summary>
    JsonObject,

    /// <summary>Neither; both are told in a system message.</summary>
    None,
}

/// <summary>Where content may be an array of text parts.</summary>
public enum TextParts : byte
{
    /// <summary>In any message.</summary>
    Everywhere,

    /// <summary>In user messages only.</summary>
    UserOnly,

    /// <summary>Only beside pictures and the like.</summary>
    WithMediaOnly,
}

/// <summary>What a tool call's id may look like.</summary>
public enum ToolCallIds : byte
{
    /// <summary>Up to 40 characters (OpenAI: "expected a string with maximum length 40").</summary>
    FortyCharacters,

    /// <summary>Exactly nine letters and digits (Mistral).</summary>
    NineAlphanumeric,
}
