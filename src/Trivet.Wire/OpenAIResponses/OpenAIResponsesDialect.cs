namespace Trivet.Wire.OpenAIResponses;

/// <summary>
/// How an upstream that speaks OpenAI Responses differs from the original. Defaults are OpenAI's own (spec and recordings, 2026-11). Core makes one
/// from a vendor's profile; nothing here knows a vendor by name, vendors in comments are examples.
/// </summary>
public sealed record OpenAIResponsesDialect
{
    /// <summary>OpenAI itself.</summary>
    public static OpenAIResponsesDialect Default { get; } = new();

    /// <summary>
    /// Thoughts come encrypted where they are asked for (<c>include: ["reasoning.encrypted_content"]</c>) and are taken back so. DeepSeek, Ollama, vLLM
    /// and LM Studio know none (recordings 2026-11).
    /// </summary>
    public bool EncryptedContent { get; init; } = true;

    /// <summary>
    /// How thoughts without encrypted content are sent back. OpenAI takes only its own items; stateless vendors (DeepSeek, Ollama, vLLM) take the text
    /// of the thoughts.
    /// </summary>
    public ResponsesReasoningHistory HistoryReasoning { get; init; } = ResponsesReasoningHistory.EncryptedOnly;

    /// <summary>
    /// <c>store</c> is taken, and <c>false</c> is said where the client did not ask for storing: conversations stay with the client. Groq refuses the field.
    /// </summary>
    public bool Store { get; init; } = true;

    /// <summary>Words that <c>reasoning.effort</c> takes, from least to most; empty where the field is not taken. A word that is missing becomes its nearest neighbour.</summary>
    public IReadOnlyList<string> EffortWords { get; init; } = ["none", "minimal", "low", "medium", "high", "xhigh"];

    /// <summary><c>reasoning.summary</c> is taken.</summary>
    public bool ReasoningSummary { get; init; } = true;

    /// <summary>What structured output is taken.</summary>
    public ResponsesStructuredOutput StructuredOutput { get; init; } = ResponsesStructuredOutput.JsonSchema;

    /// <summary>The role <c>developer</c> is known; otherwise it is sent as <c>system</c>.</summary>
    public bool DeveloperRole { get; init; } = true;

    /// <summary>System items may stand between other items; otherwise later ones become user text.</summary>
    public bool SystemAnywhere { get; init; } = true;

    /// <summary><c>tool_choice: required</c> is obeyed.</summary>
    public bool ToolChoiceRequired { get; init; } = true;

    /// <summary><c>tool_choice</c> that names a function is obeyed.</summary>
    public bool ToolChoiceNamed { get; init; } = true;

    /// <summary><c>tool_choice: allowed_tools</c> is known. OpenAI only.</summary>
    public bool AllowedTools { get; init; } = true;

    /// <summary><c>parallel_tool_calls</c> is taken and obeyed.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary><c>strict</c> on functions is taken.</summary>
    public bool StrictTools { get; init; } = true;

    /// <summary>Free-form tools (<c>type: custom</c>) and their calls are known. OpenAI only.</summary>
    public bool CustomTools { get; init; } = true;

    /// <summary>Tools of type <c>namespace</c> are known. OpenAI only (GPT-5.5 and newer); otherwise their tools are offered one by one, as <c>namespace__name</c>.</summary>
    public bool NamespaceTools { get; init; } = true;

    /// <summary>Pictures are taken.</summary>
    public bool Images { get; init; } = true;

    /// <summary>Documents are taken.</summary>
    public bool Documents { get; init; } = true;

    /// <summary>Pictures and documents may stand in tool results; otherwise they move to a user item behind them.</summary>
    public bool ToolResultMedia { get; init; } = true;

    /// <summary>Least <c>max_output_tokens</c> that is taken; smaller ones are raised. OpenAI: "Expected a value &gt;= 16".</summary>
    public long MinOutputTokens { get; init; } = 16;

    /// <summary>Largest <c>max_output_tokens</c>; a larger one is lowered to it. Null for none known.</summary>
    public long? MaxOutputTokensLimit { get; init; }

    /// <summary>Highest temperature taken; higher ones are clamped.</summary>
    public double TemperatureMax { get; init; } = 2;

    /// <summary>Top-level request fields that the vendor refuses (<c>metadata</c>, <c>truncation</c>, …): left out and reported.</summary>
    public IReadOnlyCollection<string> Unsupported { get; init; } = [];
}

/// <summary>How thoughts without encrypted content are sent back.</summary>
public enum ResponsesReasoningHistory : byte
{
    /// <summary>Not at all: only encrypted content of the vendor's own goes back.</summary>
    EncryptedOnly,

    /// <summary>As <c>reasoning_text</c> in <c>content</c> of a reasoning item (DeepSeek, vLLM, OpenRouter, Ollama).</summary>
    Text,

    /// <summary>As <c>summary_text</c> in <c>summary</c> of a reasoning item.</summary>
    Summary,
}

/// <summary>What structured output an upstream takes.</summary>
public enum ResponsesStructuredOutput : byte
{
    /// <summary><c>json_schema</c> and <c>json_object</c>.</summary>
    JsonSchema,

    /// <summary><c>json_object</c> only; a schema is told in words.</summary>
    JsonObject,

    /// <summary>Neither; both are told in words.</summary>
    None,
}
