using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIChat;

/// <summary>What Chat cannot say of a request or an answer that was made in another protocol or for another dialect.</summary>
public static class OpenAIChatLosses
{
    internal static readonly LossRule Thinking = Rule("thinking", LossEffect.Dropped, "Chat has no field for thoughts of earlier turns; they are sent only where the vendor takes them.");
    internal static readonly LossRule RedactedThinking = Rule("redacted_thinking", LossEffect.Dropped, "Encrypted thoughts mean something to their issuer only; they are sent where the vendor takes reasoning_details.");
    internal static readonly LossRule Signature = Rule("thinking.signature", LossEffect.Dropped, "Chat has room for a signature in reasoning_details only.");
    internal static readonly LossRule ThinkingDisplay = Rule("thinking.display", LossEffect.Dropped, "Chat cannot ask for thoughts to be hidden or summarised.");
    internal static readonly LossRule ThinkingBudget = Rule("thinking.budget_tokens", LossEffect.Changed, "A budget becomes the nearest effort: up to 4,096 tokens low, up to 16,384 medium, above high.");
    internal static readonly LossRule ThinkingMode = Rule("thinking", LossEffect.Changed, "The vendor has no such switch for thinking; the nearest is used, or its default.");
    internal static readonly LossRule Effort = Rule("reasoning_effort", LossEffect.Changed, "The vendor does not take this effort; the nearest one is used.");
    internal static readonly LossRule CacheControl = Rule("cache_control", LossEffect.Dropped, "Chat caches without breakpoints; they are sent only where the vendor takes them.");
    internal static readonly LossRule IsError = Rule("tool_result.is_error", LossEffect.Changed, "Chat has no field for a failed tool; its result is prefixed with \"Error: \".");
    internal static readonly LossRule ToolResultMedia = Rule("tool_result.content", LossEffect.Moved, "Tool messages hold text only; pictures and documents move to a user message behind them.");
    internal static readonly LossRule SearchResult = Rule("search_result", LossEffect.Moved, "A search result of the client's becomes text with its title and source in front.");
    internal static readonly LossRule OrphanResult = Rule("tool_result.tool_use_id", LossEffect.Moved, "A tool message must answer a call before it; a result without one becomes user text.");
    internal static readonly LossRule MissingResult = Rule("tool_use.id", LossEffect.Changed, "Each call must be answered at once; a call without a result is answered with a note that there is none.");
    internal static readonly LossRule CallId = Rule("tool_use.id", LossEffect.Changed, "Ids of calls are bounded in length or letters; longer ones are replaced by the same short one everywhere.");
    internal static readonly LossRule AnswerOrder = Rule("content order of the answer", LossEffect.Moved, "A whole Chat answer is thoughts, text and calls; what follows in another order moves. Streams keep it.");
    internal static readonly LossRule ContentOrder = Rule("content order", LossEffect.Moved, "A Chat message holds its text before its tool calls; text behind a call moves before it.");
    internal static readonly LossRule ResultOrder = Rule("tool_result order", LossEffect.Moved, "Tool messages stand right behind the calls that they answer; what the same turn says before them follows them.");
    internal static readonly LossRule SystemPlace = Rule("system", LossEffect.Moved, "The vendor takes system messages at the beginning only; a later one becomes user text in its place.");
    internal static readonly LossRule DocumentUrl = Rule("document.source.url", LossEffect.Changed, "Chat cannot take a document by URL; the address is given as text.");
    internal static readonly LossRule DocumentExtras = Rule("document.context", LossEffect.Dropped, "Chat files have a name only: context and citations have no place.");
    internal static readonly LossRule FileId = Rule("file_id", LossEffect.Dropped, "A file id means something to the vendor that issued it only.");
    internal static readonly LossRule Media = Rule("media", LossEffect.Dropped, "The vendor does not take this kind of media; a note says that it was left out.");
    internal static readonly LossRule AssistantMedia = Rule("assistant media", LossEffect.Dropped, "Messages of the model hold text only; a note says that something was left out.");
    internal static readonly LossRule Citations = Rule("citations", LossEffect.Dropped, "Citations of anything but pages on the web have no counterpart among Chat's annotations.");
    internal static readonly LossRule ServerTool = Rule("tools (server)", LossEffect.Dropped, "A tool that the vendor runs exists at that vendor only.");
    internal static readonly LossRule CustomTool = Rule("tools (custom)", LossEffect.Changed, "The vendor knows no free-form tools: it is offered as a function with one text argument; its calls are turned back. What its grammar forbids is not enforced.");
    internal static readonly LossRule StrictTool = Rule("tools.strict", LossEffect.Dropped, "The vendor does not take strict tools.");
    internal static readonly LossRule ToolChoice = Rule("tool_choice", LossEffect.Dropped, "The vendor does not obey a forced tool.", bounds: true) with { Enforcement = Enforcement.ForcedTool };
    internal static readonly LossRule NoTools = Rule("tool_choice=none", LossEffect.Changed, "The vendor does not obey a ban on tools: none is offered where none may be called.");
    internal static readonly LossRule AllowedTools = Rule("tool_choice.allowed_tools", LossEffect.Changed, "The vendor knows no allowed tools; only these are offered.");
    internal static readonly LossRule ParallelToolCalls = Rule("parallel_tool_calls", LossEffect.Dropped, "The vendor cannot be kept from calling several tools at once.", bounds: true) with { Enforcement = Enforcement.SingleCall };
    internal static readonly LossRule StopSequences = Rule("stop", LossEffect.Dropped, "The vendor takes fewer stop sequences.", bounds: true) with { Enforcement = Enforcement.StopSequences };
    internal static readonly LossRule MaxTokens = Rule("max_tokens", LossEffect.Changed, "No tokens at all are no bound that a vendor of Chat takes: none is sent.");
    internal static readonly LossRule Temperature = Rule("temperature", LossEffect.Changed, "Brought within what the vendor takes.");
    internal static readonly LossRule TopK = Rule("top_k", LossEffect.Dropped, "OpenAI Chat has no top_k; it is sent only where the vendor takes it.");
    internal static readonly LossRule JsonSchema = Rule("response_format.json_schema", LossEffect.Changed, "The vendor enforces no schema; it is told in a system message.", bounds: true) with { Enforcement = Enforcement.Schema };
    internal static readonly LossRule JsonObject = Rule("response_format.json_object", LossEffect.Changed, "The vendor enforces no JSON; it is told in a system message.", bounds: true);
    internal static readonly LossRule ServiceTier = Rule("service_tier", LossEffect.Dropped, "Tiers of different vendors do not correspond.");
    internal static readonly LossRule SafetyIdentifier = Rule("safety_identifier", LossEffect.Moved, "Not every vendor of this protocol knows the field: who asks is said as user, where the client says no other.");
    internal static readonly LossRule EmptyMessage = Rule("messages[].content=empty", LossEffect.Dropped, "A message that says nothing is left out.");
    internal static readonly LossRule StopSequence = Rule("stop_sequence", LossEffect.Dropped, "Chat does not say which stop sequence ended an answer.");
    internal static readonly LossRule StopReason = Rule("stop_reason", LossEffect.Changed, "Chat has no word for this reason; the nearest is used: stop for a paused turn, content_filter for a refusal, length for a full context or an answer broken off.");
    internal static readonly LossRule RefusalBlock = Rule("refusal", LossEffect.Moved, "A refusal of an earlier turn becomes its text.");

    internal static readonly LossRule FurtherCalls = Rule("function_call (further)", LossEffect.Dropped, "A client that offers functions takes one call an answer: the first goes on.");

    /// <summary>All rules of this protocol: rows of the loss table.</summary>
    public static IReadOnlyList<LossRule> All { get; } =
    [
        Thinking, RedactedThinking, Signature, ThinkingDisplay, ThinkingBudget, ThinkingMode, Effort, CacheControl, IsError, ToolResultMedia, SearchResult, OrphanResult, MissingResult, CallId,
        ContentOrder, AnswerOrder, ResultOrder, SystemPlace, DocumentUrl, DocumentExtras, FileId, Media, AssistantMedia, Citations, ServerTool, CustomTool, StrictTool, ToolChoice, NoTools, AllowedTools, ParallelToolCalls,
        StopSequences, MaxTokens, Temperature, TopK, JsonSchema, JsonObject, ServiceTier, SafetyIdentifier, EmptyMessage, StopSequence, StopReason, RefusalBlock, FurtherCalls,
    ];

    /// <summary>A request field that a dialect's vendor refuses.</summary>
    internal static LossRule Unsupported(string field) => new(field, LossEffect.Dropped, Protocol.OpenAIChat, Bounds: false, "The vendor refuses this field.");

    private static LossRule Rule(string field, LossEffect effect, string why, bool bounds = false) => new(field, effect, Protocol.OpenAIChat, bounds, why);
}
