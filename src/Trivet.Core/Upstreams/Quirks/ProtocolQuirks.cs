namespace Trivet.Core.Upstreams.Quirks;

/// <summary>
/// How one vendor's dialect of one protocol differs from the protocol itself, for one model. The defaults say "as the protocol's owner
/// documents it", so a profile names only what differs.
/// </summary>
public sealed record ProtocolQuirks
{
    /// <summary>No difference.</summary>
    public static ProtocolQuirks Standard { get; } = new();

    // ── reasoning ──

    /// <summary>Where the vendor carries reasoning in answers and, if it wants it back, in history (OpenAI Chat only).</summary>
    public ReasoningCarriers ReasoningCarriers { get; init; }

    /// <summary>What becomes of reasoning in the history that is sent.</summary>
    public ReasoningInHistory ReasoningInHistory { get; init; }

    /// <summary>The rules of thinking.</summary>
    public ThinkingQuirks Thinking { get; init; } = new();

    // ── request fields ──

    /// <summary>The name of the output bound (OpenAI Chat only).</summary>
    public MaxTokensField MaxTokensField { get; init; }

    /// <summary>The largest output bound the model takes, in tokens; null: unknown. Also the value where the protocol requires one and the client gave none.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>What to do for usage in a stream (OpenAI Chat only).</summary>
    public StreamUsage StreamUsage { get; init; }

    /// <summary>The role of instructions (OpenAI Chat only).</summary>
    public SystemRole SystemRole { get; init; }

    /// <summary>
    /// False: a system message between other messages is refused and has to move. True: it is taken (in Messages right behind the user's). Null: as is usual
    /// in the protocol, which is yes in OpenAI's and no in Messages, where only newer models take it.
    /// </summary>
    public bool? MidConversationSystem { get; init; }

    /// <summary>Thoughts come encrypted where <c>include</c> asks for it, and are taken back so (OpenAI Responses only).</summary>
    public Support EncryptedReasoning { get; init; }

    /// <summary>Types of tools beyond functions that are taken (OpenAI Chat and Responses). Others are offered as functions.</summary>
    public ToolTypes ToolTypes { get; init; }

    /// <summary>Values of <c>tool_choice</c> that are accepted and not obeyed.</summary>
    public ToolChoices ToolChoiceIgnored { get; init; }

    /// <summary>Values of <c>tool_choice</c> that are refused.</summary>
    public ToolChoices ToolChoiceRejected { get; init; }

    /// <summary>Values of <c>tool_choice</c> that are refused while thinking is on.</summary>
    public ToolChoices ToolChoiceRejectedWhileThinking { get; init; }

    /// <summary>The switch against parallel tool calls.</summary>
    public Support ParallelSwitch { get; init; }

    /// <summary><c>strict</c> on a tool.</summary>
    public Support StrictTools { get; init; }

    /// <summary>Stop sequences.</summary>
    public Support StopSequences { get; init; }

    /// <summary>False: an answer cut by a stop sequence does not say so (its stop reason is the ordinary one).</summary>
    public bool StopReasonNamesStop { get; init; } = true;

    /// <summary>How many stop sequences are taken at most; null: as the protocol says.</summary>
    public int? StopSequencesMax { get; init; }

    /// <summary>How far answers can be bound to a shape.</summary>
    public StructuredOutput StructuredOutput { get; init; }

    /// <summary>The highest temperature that is taken; null: as the protocol says.</summary>
    public decimal? TemperatureMax { get; init; }

    /// <summary>The lowest temperature that is taken; null: as the protocol says.</summary>
    public decimal? TemperatureMin { get; init; }

    /// <summary>temperature, top_p and top_k with anything but their defaults.</summary>
    public Support Sampling { get; init; }

    /// <summary>Images in requests.</summary>
    public ImageSupport Images { get; init; }

    /// <summary>Images within tool results.</summary>
    public Support ToolResultImages { get; init; }

    /// <summary>Documents (PDF) in requests.</summary>
    public Support Documents { get; init; }

    /// <summary>Cache breakpoints.</summary>
    public CacheControl CacheControl { get; init; }

    /// <summary>True: a tool result's error flag is not read, so the failure belongs in its text.</summary>
    public bool IsErrorIgnored { get; init; }

    /// <summary>False: a last message of the assistant is not continued (ignored or refused).</summary>
    public bool AssistantPrefill { get; init; } = true;

    /// <summary>How a last message of the assistant is to be given so that the model goes on in mid-sentence; none unless the vendor says so: an answer that broke off is then continued otherwise.</summary>
    public PrefillForm Continues { get; init; }

    /// <summary>A regular expression that ids of tool calls must match; null: as the protocol says.</summary>
    public string? ToolIdPattern { get; init; }

    /// <summary>Request fields that are ignored, as dotted paths: sending them is a silent loss.</summary>
    public IReadOnlyList<string> FieldsIgnored { get; init; } = [];

    /// <summary>Request fields that are refused, as dotted paths: they have to go before sending.</summary>
    public IReadOnlyList<string> FieldsRejected { get; init; } = [];

    /// <summary>Client headers that must not be sent on.</summary>
    public IReadOnlyList<string> HeadersDropped { get; init; } = [];

    /// <summary>Content block types that are refused (Anthropic Messages only).</summary>
    public IReadOnlyList<string> BlocksRejected { get; init; } = [];

    // ── responses ──

    /// <summary>True: <c>message_start</c> reports zero tokens, the truth comes at the end (Anthropic Messages only).</summary>
    public bool MessageStartUsageZero { get; init; }

    /// <summary>True: the stream repeats its running usage, so the last report counts (OpenAI Chat only).</summary>
    public bool UsageRepeats { get; init; }

    /// <summary>True: sends comments to keep the line alive while a request waits: silence detection must count them.</summary>
    public bool KeepAliveComments { get; init; }

    /// <summary>True: errors may come with status 200.</summary>
    public bool ErrorsInOk { get; init; }

    // ── neighbours ──

    /// <summary>Where prompts are completed and gaps filled, behind the endpoint's address (OpenAI Chat only).</summary>
    public string CompletionsPath { get; init; } = "/completions";

    /// <summary>Where texts become vectors, behind the endpoint's address (OpenAI Chat only).</summary>
    public string EmbeddingsPath { get; init; } = "/embeddings";

    /// <summary>True: the protocol's token counter is there.</summary>
    public bool CountTokens { get; init; }

    /// <summary>True: the protocol's model list is there.</summary>
    public bool ModelList { get; init; } = true;
}

/// <summary>The rules of thinking at one vendor, for one model.</summary>
public sealed record ThinkingQuirks
{
    /// <summary>How it is switched and bounded (OpenAI Chat; <c>none</c> everywhere).</summary>
    public ThinkingSwitch Switch { get; init; }

    /// <summary>False: the model always thinks.</summary>
    public bool CanDisable { get; init; } = true;

    /// <summary>True: it thinks unless told otherwise.</summary>
    public bool OnByDefault { get; init; }

    /// <summary>A budget in tokens.</summary>
    public Support Budget { get; init; }

    /// <summary>The smallest budget in tokens other than none; null: as the protocol says (Gemini only).</summary>
    public int? BudgetMin { get; init; }

    /// <summary>The largest budget in tokens; null: as the protocol says (Gemini only).</summary>
    public int? BudgetMax { get; init; }

    /// <summary><c>{type: adaptive}</c> (Anthropic Messages only).</summary>
    public Support Adaptive { get; init; }

    /// <summary>The levels of effort that are taken, weakest first; empty: no such switch is known.</summary>
    public IReadOnlyList<string> EffortLevels { get; init; } = [];

    /// <summary>True: thinking blocks must come back unchanged in history, empty ones too.</summary>
    public bool BlocksMustReturn { get; init; }

    /// <summary>True: signatures are always empty, so an empty one is no defect.</summary>
    public bool SignatureAlwaysEmpty { get; init; }
}
