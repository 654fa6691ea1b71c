namespace Trivet.Core.Upstreams.Quirks;

// The words of quirks: each enum is written in profiles in snake case.

/// <summary>Whether a vendor does what a field says.</summary>
public enum Support
{
    /// <summary>Does it.</summary>
    Honoured,

    /// <summary>Takes it and does nothing: a silent loss.</summary>
    Ignored,

    /// <summary>Answers with an error.</summary>
    Rejected,
}

/// <summary>How a model is made to go on with text of its own.</summary>
public enum PrefillForm
{
    /// <summary>Not at all, or nobody says so.</summary>
    None,

    /// <summary>By a last message of the assistant, as it stands.</summary>
    LastTurn,

    /// <summary>The same with <c>prefix: true</c> (OpenAI Chat only).</summary>
    PrefixField,

    /// <summary>The same with <c>partial: true</c> (OpenAI Chat only).</summary>
    PartialField,
}

/// <summary>Where OpenAI Chat dialects carry reasoning.</summary>
[Flags]
public enum ReasoningCarriers
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary><c>reasoning_content</c>.</summary>
    ReasoningContent = 1,

    /// <summary><c>reasoning</c>.</summary>
    Reasoning = 2,

    /// <summary><c>reasoning_details[]</c>.</summary>
    ReasoningDetails = 4,

    /// <summary><c>content: [{type: thinking}]</c>.</summary>
    ContentArray = 8,

    /// <summary><c>&lt;think&gt;</c> within the text.</summary>
    InlineThink = 16,

    /// <summary><c>extra_content.google.thought_signature</c>.</summary>
    GoogleExtra = 32,
}

/// <summary>What becomes of reasoning in history.</summary>
public enum ReasoningInHistory
{
    /// <summary>Not sent.</summary>
    Omit,

    /// <summary>Sent where it came from the same vendor: helps, is not demanded.</summary>
    Welcome,

    /// <summary>Demanded on turns that called a tool; without it the request fails.</summary>
    Required,
}

/// <summary>Name of the output bound.</summary>
public enum MaxTokensField
{
    /// <summary><c>max_tokens</c>: known everywhere but to OpenAI's reasoning models.</summary>
    MaxTokens,

    /// <summary><c>max_completion_tokens</c>.</summary>
    MaxCompletionTokens,
}

/// <summary>How usage comes in a stream.</summary>
public enum StreamUsage
{
    /// <summary>On request: <c>stream_options.include_usage</c> has to be put in.</summary>
    Inject,

    /// <summary>Always; the option is accepted.</summary>
    Always,

    /// <summary>The option is refused.</summary>
    Unsupported,
}

/// <summary>Role of instructions.</summary>
public enum SystemRole
{
    /// <summary><c>system</c>.</summary>
    System,

    /// <summary><c>developer</c>.</summary>
    Developer,
}

/// <summary>Values of <c>tool_choice</c>, named as in OpenAI Chat.</summary>
[Flags]
public enum ToolChoices
{
    /// <summary>Empty set.</summary>
    None = 0,

    /// <summary><c>auto</c>.</summary>
    Auto = 1,

    /// <summary><c>none</c>: no tool may be called.</summary>
    Never = 2,

    /// <summary><c>required</c> / <c>any</c>.</summary>
    Required = 4,

    /// <summary>One named tool.</summary>
    Named = 8,
}

/// <summary>What OpenAI has beyond functions, and nobody else unless its profile says so.</summary>
[Flags]
public enum ToolTypes
{
    /// <summary>Functions only.</summary>
    None = 0,

    /// <summary>Free-form tools (<c>type: custom</c>).</summary>
    Custom = 1,

    /// <summary>Tools in a <c>namespace</c> (OpenAI Responses only).</summary>
    Namespace = 2,

    /// <summary><c>tool_choice: allowed_tools</c>.</summary>
    AllowedTools = 4,
}

/// <summary>How far answers can be bound to a shape.</summary>
public enum StructuredOutput
{
    /// <summary>To a JSON schema.</summary>
    JsonSchema,

    /// <summary>To JSON, not to a schema.</summary>
    JsonObject,

    /// <summary>Not at all.</summary>
    None,

    /// <summary>Not by a field of its own, but by a tool that must be called (Anthropic Messages only).</summary>
    ForcedTool,
}

/// <summary>Images in requests.</summary>
public enum ImageSupport
{
    /// <summary>By URL and as data.</summary>
    UrlAndData,

    /// <summary>As data only: URLs have to be fetched and inlined.</summary>
    DataOnly,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>Cache breakpoints.</summary>
public enum CacheControl
{
    /// <summary>As the protocol says (Anthropic Messages), or harmless.</summary>
    Honoured,

    /// <summary>Only at the top level of the request.</summary>
    TopLevelOnly,

    /// <summary>Ignored; caching is automatic or absent.</summary>
    Ignored,

    /// <summary>Answers with an error.</summary>
    Rejected,
}

/// <summary>How thinking is switched on OpenAI Chat dialects.</summary>
public enum ThinkingSwitch
{
    /// <summary><c>reasoning_effort</c>.</summary>
    ReasoningEffort,

    /// <summary><c>thinking: {type: enabled|disabled}</c>.</summary>
    ThinkingObject,

    /// <summary><c>enable_thinking</c> and <c>thinking_budget</c>.</summary>
    EnableThinking,

    /// <summary><c>reasoning: {effort|max_tokens|enabled}</c>.</summary>
    ReasoningObject,

    /// <summary><c>chat_template_kwargs: {enable_thinking}</c>.</summary>
    ChatTemplate,

    /// <summary>There is none.</summary>
    None,
}
