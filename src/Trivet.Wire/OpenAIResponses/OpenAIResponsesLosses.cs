using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>What Responses cannot say of a request or an answer that was made in another protocol or for another dialect.</summary>
public static partial class OpenAIResponsesLosses
{
    internal static readonly LossRule StopSequences = Rule("stop", LossEffect.Dropped, "Responses has no stop sequences.", bounds: true) with { Enforcement = Enforcement.StopSequences };
    internal static readonly LossRule MaxTokens = Rule("max_tokens", LossEffect.Changed, "Raised to the least or lowered to the largest number that the vendor takes.");
    internal static readonly LossRule Temperature = Rule("temperature", LossEffect.Changed, "Clamped to the highest value that the vendor takes.");
    internal static readonly LossRule TopK = Rule("top_k", LossEffect.Dropped, "There is no such switch in this protocol.");
    internal static readonly LossRule FrequencyPenalty = Rule("frequency_penalty", LossEffect.Dropped, "There is no such switch in this protocol.");
    internal static readonly LossRule PresencePenalty = Rule("presence_penalty", LossEffect.Dropped, "There is no such switch in this protocol.");
    internal static readonly LossRule Seed = Rule("seed", LossEffect.Dropped, "There is no seed in this protocol.");
    internal static readonly LossRule Candidates = Rule("n", LossEffect.Dropped, "There is one answer in this protocol.", bounds: true);
    internal static readonly LossRule LogitBias = Rule("logit_bias", LossEffect.Dropped, "There is no bias in this protocol.", bounds: true);
    internal static readonly LossRule Thinking = Rule("thinking", LossEffect.Dropped, "Thoughts go back to the vendor that made them, encrypted; others' only where the vendor takes their text.");
    internal static readonly LossRule RedactedThinking = Rule("redacted_thinking", LossEffect.Dropped, "Encrypted thoughts mean something to their issuer only.");
    internal static readonly LossRule Signature = Rule("thinking.signature", LossEffect.Dropped, "A signature means something to its issuer only.");
    internal static readonly LossRule ThinkingBudget = Rule("thinking.budget_tokens", LossEffect.Changed, "A budget becomes the nearest effort: up to 4,096 tokens low, up to 16,384 medium, above high.");
    internal static readonly LossRule ThinkingMode = Rule("thinking", LossEffect.Changed, "The vendor has no such switch for thinking; its default is used.");
    internal static readonly LossRule ThinkingDisplay = Rule("thinking.display", LossEffect.Dropped, "The vendor does not sum up its thoughts.");
    internal static readonly LossRule Effort = Rule("reasoning_effort", LossEffect.Changed, "The vendor does not take this effort; the nearest one is used.");
    internal static readonly LossRule CacheControl = Rule("cache_control", LossEffect.Dropped, "Responses caches without breakpoints.");
    internal static readonly LossRule IsError = Rule("tool_result.is_error", LossEffect.Changed, "Responses has no field for a failed tool; its result is prefixed with \"Error: \".");
    internal static readonly LossRule ToolResultMedia = Rule("tool_result.content", LossEffect.Moved, "The vendor takes text only in tool outputs; pictures and documents move to a message behind them.");
    internal static readonly LossRule SearchResult = Rule("search_result", LossEffect.Moved, "A search result of the client's becomes text with its title and source in front.");
    internal static readonly LossRule OrphanResult = Rule("tool_result.tool_use_id", LossEffect.Moved, "An output must answer a call before it; a result without one becomes user text.");
    internal static readonly LossRule MissingResult = Rule("tool_use.id", LossEffect.Changed, "Each call must be answered; a call without a result is answered with a note that there is none.");
    internal static readonly LossRule CallId = Rule("tool_use.id", LossEffect.Changed, "Ids of calls are at most 64 characters long and occur once; others are replaced by the same legal one everywhere.");
    internal static readonly LossRule SystemPlace = Rule("system", LossEffect.Moved, "The vendor takes system messages at the beginning only; a later one becomes user text in its place.");
    internal static readonly LossRule MessageName = Rule("messages[].name", LossEffect.Dropped, "Messages have no names.");
    internal static readonly LossRule EmptyMessage = Rule("messages[].content=empty", LossEffect.Dropped, "A message that says nothing is left out.");
    internal static readonly LossRule Prefill = Rule("prefill", LossEffect.Changed, "The vendor does not go on with an answer that the client began: it answers it.");
    internal static readonly LossRule RefusalBlock = Rule("refusal", LossEffect.Moved, "A refusal of an earlier turn becomes its text.");
    internal static readonly LossRule AssistantMedia = Rule("assistant media", LossEffect.Dropped, "Messages of the model hold text only.");
    internal static readonly LossRule DocumentExtras = Rule("document.context", LossEffect.Dropped, "Files have a name only: context and citations have no place.");
    internal static readonly LossRule FileId = Rule("file_id", LossEffect.Dropped, "A file id means something to the vendor that issued it only.");
    internal static readonly LossRule Media = Rule("media", LossEffect.Dropped, "The vendor does not take this kind of media; a note says that it was left out.");
    internal static readonly LossRule Citations = Rule("citations", LossEffect.Dropped, "Citations of earlier answers have no place in what is sent.");
    internal static readonly LossRule ServerTool = Rule("tools (server)", LossEffect.Dropped, "A tool that the vendor runs exists at that vendor only.");
    internal static readonly LossRule CustomTool = Rule("tools (custom)", LossEffect.Changed, "The vendor knows no free-form tools: it is offered as a function with one text argument; its calls are turned back. What its format says is lost.");
    internal static readonly LossRule StrictTool = Rule("tools.strict", LossEffect.Dropped, "The vendor does not take strict tools.");
    internal static readonly LossRule ToolChoice = Rule("tool_choice", LossEffect.Dropped, "The vendor does not obey a forced tool.", bounds: true) with { Enforcement = Enforcement.ForcedTool };
    internal static readonly LossRule AllowedTools = Rule("tool_choice.allowed_tools", LossEffect.Changed, "The vendor knows no allowed tools; only these are offered.");
    internal static readonly LossRule ParallelToolCalls = Rule("parallel_tool_calls", LossEffect.Dropped, "The vendor cannot be kept from calling several tools at once.", bounds: true) with { Enforcement = Enforcement.SingleCall };
    internal static readonly LossRule JsonSchema = Rule("response_format.json_schema", LossEffect.Changed, "The vendor enforces no schema; it is told in the instructions.", bounds: true) with { Enforcement = Enforcement.Schema };
    internal static readonly LossRule JsonObject = Rule("response_format.json_object", LossEffect.Changed, "The vendor enforces no JSON; it is told in the instructions.", bounds: true);
    internal static readonly LossRule ServiceTier = Rule("service_tier", LossEffect.Dropped, "Tiers of different vendors do not correspond.");
    internal static readonly LossRule User = Rule("user", LossEffect.Changed, "A user's name is at most 64 characters long; a longer one becomes its hash.");

    private static IReadOnlyList<LossRule> Request { get; } =
    [
        StopSequences, MaxTokens, Temperature, TopK, FrequencyPenalty, PresencePenalty, Seed, Candidates, LogitBias, Thinking, RedactedThinking, Signature, ThinkingBudget,
        ThinkingMode, ThinkingDisplay, Effort, CacheControl, IsError, ToolResultMedia, SearchResult, OrphanResult, MissingResult, CallId, SystemPlace, MessageName, EmptyMessage, Prefill,
        RefusalBlock, AssistantMedia, DocumentExtras, FileId, Media, Citations, ServerTool, CustomTool, StrictTool, ToolChoice, AllowedTools,
        ParallelToolCalls, JsonSchema, JsonObject, ServiceTier, User,
    ];

    /// <summary>All rules of this protocol: rows of the loss table.</summary>
    public static IReadOnlyList<LossRule> All { get; } = [.. Request, .. Answer];

    /// <summary>A request field that a dialect's vendor refuses.</summary>
    internal static LossRule Unsupported(string field) => new(field, LossEffect.Dropped, Protocol.OpenAIResponses, Bounds: false, "The vendor refuses this field.");

    internal static LossRule Rule(string field, LossEffect effect, string why, bool bounds = false) => new(field, effect, Protocol.OpenAIResponses, bounds, why);
}
