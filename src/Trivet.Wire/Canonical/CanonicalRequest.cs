using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>
/// What a client asked for, in no protocol's own words: a superset, so that nothing is dropped on reading. Texts and raw values point into the
/// buffer that the request was read from.
/// </summary>
public sealed class CanonicalRequest
{
    /// <summary>The protocol it was read from.</summary>
    public required Protocol Origin { get; init; }

    /// <summary>The model as the client named it.</summary>
    public string Model { get; set; } = "";

    /// <summary>The client wants the answer as a stream.</summary>
    public bool Stream { get; set; }

    /// <summary>A Chat client asked for the usage chunk (<c>stream_options.include_usage</c>). Other protocols always report.</summary>
    public bool StreamUsage { get; set; }

    /// <summary>The conversation in order, system turns where the client put them.</summary>
    public List<Turn> Turns { get; } = [];

    /// <summary>Tools offered, in order.</summary>
    public List<Tool> Tools { get; } = [];

    /// <summary>How tools may be chosen; null where the client said nothing.</summary>
    public ToolChoice? ToolChoice { get; set; }

    /// <summary>False forbids several calls in one answer; null where the client said nothing.</summary>
    public bool? ParallelToolCalls { get; set; }

    /// <summary>Upper bound of output tokens, reasoning included.</summary>
    public long? MaxOutputTokens { get; set; }

    /// <summary>Texts that end the answer.</summary>
    public List<JsonText> StopSequences { get; } = [];

    /// <summary>Sampling switches.</summary>
    public Sampling Sampling { get; set; }

    /// <summary>Whether and how hard the model should think; null where the client said nothing.</summary>
    public ReasoningRequest? Reasoning { get; set; }

    /// <summary>The form that the answer must have; null for free text.</summary>
    public OutputFormat? OutputFormat { get; set; }

    /// <summary>Who is asking, for the vendor's abuse checks (<c>user</c>, <c>metadata.user_id</c>).</summary>
    public JsonText User { get; set; }

    /// <summary>OpenAI's newer word for the same (<c>safety_identifier</c>): both may be said.</summary>
    public JsonText SafetyIdentifier { get; set; }

    /// <summary>The client's own labels (OpenAI <c>metadata</c>); Anthropic's <c>metadata.user_id</c> is <see cref="User"/>.</summary>
    public RawJson Metadata { get; set; }

    /// <summary>Service tier in the origin's words.</summary>
    public JsonText ServiceTier { get; set; }

    /// <summary>OpenAI <c>prompt_cache_key</c>.</summary>
    public JsonText PromptCacheKey { get; set; }

    /// <summary>How long-winded the answer should be (OpenAI <c>verbosity</c>).</summary>
    public JsonText Verbosity { get; set; }

    /// <summary>Top-level cache breakpoint (Anthropic's automatic caching), raw.</summary>
    public RawJson CacheControl { get; set; }

    /// <summary>
    /// The names under which the request writer offered tools that the target could not take as they stood. Filled anew by each
    /// writing; <see cref="ToolAliasSink"/> turns the calls back.
    /// </summary>
    public ToolAliases Aliases { get; } = new();

    /// <summary>Top-level fields with no canonical name, in order, as they stood.</summary>
    public List<ExtraField> Extra { get; } = [];

    /// <summary>The namespace of the tool that bears a name; empty for none.</summary>
    public JsonText NamespaceOf(JsonText tool) => Tools.Find(other => other.Name == tool)?.Namespace ?? default;
}

/// <summary>Sampling switches; null where the client said nothing.</summary>
public record struct Sampling
{
    /// <summary>0 to 2 in OpenAI's and Gemini's scale, 0 to 1 in Anthropic's: as the client sent it.</summary>
    public double? Temperature { get; set; }

    /// <summary>Nucleus sampling, 0 to 1.</summary>
    public double? TopP { get; set; }

    /// <summary>Only the k likeliest tokens.</summary>
    public int? TopK { get; set; }

    /// <summary>−2 to 2.</summary>
    public double? FrequencyPenalty { get; set; }

    /// <summary>−2 to 2.</summary>
    public double? PresencePenalty { get; set; }

    /// <summary>Best-effort determinism.</summary>
    public long? Seed { get; set; }

    /// <summary>How many answers (Chat <c>n</c>, Gemini <c>candidateCount</c>).</summary>
    public int? CandidateCount { get; set; }

    /// <summary>The client wants log probabilities.</summary>
    public bool? LogProbs { get; set; }

    /// <summary>How many alternatives per token.</summary>
    public int? TopLogProbs { get; set; }

    /// <summary>OpenAI <c>logit_bias</c>, raw.</summary>
    public RawJson LogitBias { get; set; }
}

/// <summary>Who speaks in a turn.</summary>
public enum Role : byte
{
    /// <summary>Standing instructions (<c>system</c>).</summary>
    System,

    /// <summary>Standing instructions in OpenAI's newer word (<c>developer</c>).</summary>
    Developer,

    /// <summary>The person or program that asks. Tool results stand in user turns.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}

/// <summary>One turn: a role and its blocks in order.</summary>
/// <param name="role">Who speaks.</param>
public sealed class Turn(Role role)
{
    /// <summary>Who speaks.</summary>
    public Role Role { get; } = role;

    /// <summary>What is said, in order.</summary>
    public List<Block> Blocks { get; } = [];

    /// <summary>OpenAI's per-message <c>name</c>.</summary>
    public JsonText Name { get; set; }

    /// <summary>The content stood as one plain string, not as an array of parts: writers keep that form where they can.</summary>
    public bool IsPlainString { get; set; }

    /// <summary>Fields of the message with no canonical name.</summary>
    public List<ExtraField> Extra { get; } = [];

    /// <summary>A message of the conversation that holds no word: nothing at all, or empty texts.</summary>
    internal bool IsSilent => Role is Role.User or Role.Assistant && Blocks.TrueForAll(static block => block is TextBlock { Text.IsEmpty: true, ThoughtSignature.IsNull: true });
}

/// <summary>How hard the model should think, and whether the thoughts are to be shown.</summary>
public sealed record ReasoningRequest
{
    /// <summary>On, off, or left to the model.</summary>
    public ReasoningMode Mode { get; init; }

    /// <summary>A word such as <c>none minimal low medium high xhigh max</c>; null where none was given.</summary>
    public string? Effort { get; init; }

    /// <summary>Thinking budget in tokens (Anthropic <c>budget_tokens</c>, Gemini <c>thinkingBudget</c>).</summary>
    public long? BudgetTokens { get; init; }

    /// <summary>OpenAI Responses <c>summary</c> (<c>auto concise detailed</c>), Anthropic <c>display</c>, in the origin's word.</summary>
    public string? Summary { get; init; }

    /// <summary>Whether thoughts are to be shown (Gemini <c>includeThoughts</c>, Anthropic <c>display</c> other than <c>omitted</c>); null where nothing was said.</summary>
    public bool? ShowThoughts { get; init; }
}

/// <summary>Whether the model thinks before it answers.</summary>
public enum ReasoningMode : byte
{
    /// <summary>Nothing was said beyond an effort.</summary>
    Unspecified,

    /// <summary>Asked for.</summary>
    Enabled,

    /// <summary>Forbidden.</summary>
    Disabled,

    /// <summary>Left to the model (Anthropic <c>adaptive</c>).</summary>
    Adaptive,
}

/// <summary>The form that the answer must have.</summary>
/// <param name="Kind">Any JSON object, or one that fits a schema.</param>
public sealed record OutputFormat(OutputFormatKind Kind)
{
    /// <summary>OpenAI's name for the schema.</summary>
    public JsonText Name { get; init; }

    /// <summary>OpenAI's description of the schema.</summary>
    public JsonText Description { get; init; }

    /// <summary>The JSON schema, raw.</summary>
    public RawJson Schema { get; init; }

    /// <summary>OpenAI's <c>strict</c>.</summary>
    public bool? Strict { get; init; }
}

/// <summary>Kinds of structured output.</summary>
public enum OutputFormatKind : byte
{
    /// <summary>Free text, said explicitly.</summary>
    Text,

    /// <summary>Any JSON object.</summary>
    JsonObject,

    /// <summary>JSON that fits a schema.</summary>
    JsonSchema,
}
