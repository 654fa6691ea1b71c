using Trivet.Wire.Canonical;

namespace Trivet.Wire.BedrockConverse;

/// <summary>What Bedrock's Converse cannot say as others said it.</summary>
public static class BedrockConverseLosses
{
    /// <summary>Instructions in the middle are said by the user, marked as the system's.</summary>
    public static LossRule SystemInConversation { get; } = Rule("messages[].role=system", LossEffect.Moved, "Instructions in the middle are said by the user, marked as the system's.");

    /// <summary>Instructions are text only.</summary>
    public static LossRule SystemMedia { get; } = Rule("messages[].content[].type", LossEffect.Dropped, "Instructions are text only.");

    /// <summary>The first word must be the user's: one is made up.</summary>
    public static LossRule FirstMessage { get; } = Rule("messages[0]", LossEffect.Changed, "The first word must be the user's: one is made up.");

    /// <summary>The model takes no beginning of its answer here: the user's last word is made up.</summary>
    public static LossRule Prefill { get; } = Rule("messages[-1]", LossEffect.Changed, "The model takes no beginning of its answer here: the user's last word is made up.");

    /// <summary>Messages have no names.</summary>
    public static LossRule MessageName { get; } = Rule("messages[].name", LossEffect.Dropped, "Messages have no names.");

    /// <summary>A result of a call that is not there becomes text.</summary>
    public static LossRule OrphanResult { get; } = Rule("messages[].tool_call_id", LossEffect.Moved, "A result of a call that is not there becomes text.");

    /// <summary>A call without a result gets one that says so.</summary>
    public static LossRule MissingResult { get; } = Rule("messages[].tool_calls[]", LossEffect.Changed, "A call without a result gets one that says so.");

    /// <summary>Ids are letters, digits, _ and -, at most 64.</summary>
    public static LossRule CallIds { get; } = Rule("messages[].tool_calls[].id", LossEffect.Changed, "Ids are letters, digits, _ and -, at most 64.");

    /// <summary>Arguments that are no JSON object are wrapped in one.</summary>
    public static LossRule Arguments { get; } = Rule("messages[].tool_calls[].function.arguments", LossEffect.Changed, "Arguments that are no JSON object are wrapped in one.");

    /// <summary>Thoughts are taken back only with the signature of whoever thought them.</summary>
    public static LossRule Reasoning { get; } = Rule("messages[].reasoning", LossEffect.Dropped, "Thoughts are taken back only with the signature of whoever thought them.");

    /// <summary>Signatures of another vendor's thoughts mean nothing here.</summary>
    public static LossRule ThoughtSignature { get; } = Rule("messages[].thought_signature", LossEffect.Dropped, "Signatures of another vendor's thoughts mean nothing here.");

    /// <summary>A refusal is plain text of the model.</summary>
    public static LossRule Refusal { get; } = Rule("messages[].refusal", LossEffect.Moved, "A refusal is plain text of the model.");

    /// <summary>The model's own messages hold no media.</summary>
    public static LossRule AssistantMedia { get; } = Rule("messages[].content[].image_of_assistant", LossEffect.Dropped, "The model's own messages hold no media.");

    /// <summary>No sound is sent.</summary>
    public static LossRule Audio { get; } = Bounding("messages[].content[].input_audio", LossEffect.Dropped, "No sound is sent.");

    /// <summary>This model takes no film of this kind, or none by address.</summary>
    public static LossRule Video { get; } = Bounding("messages[].content[].video_url", LossEffect.Dropped, "This model takes no film of this kind, or none by address.");

    /// <summary>This model takes no picture of this kind, or none by address.</summary>
    public static LossRule Image { get; } = Bounding("messages[].content[].image_url", LossEffect.Dropped, "This model takes no picture of this kind, or none by address.");

    /// <summary>This model takes no document of this kind, or none by address.</summary>
    public static LossRule Document { get; } = Bounding("messages[].content[].file", LossEffect.Dropped, "This model takes no document of this kind, or none by address.");

    /// <summary>A file id means something only to the vendor that gave it.</summary>
    public static LossRule FileId { get; } = Bounding("messages[].content[].file_id", LossEffect.Dropped, "A file id means something only to the vendor that gave it.");

    /// <summary>Pictures have no level of detail.</summary>
    public static LossRule ImageDetail { get; } = Rule("messages[].content[].image_url.detail", LossEffect.Dropped, "Pictures have no level of detail.");

    /// <summary>A block of a kind that only another protocol knows.</summary>
    public static LossRule Opaque { get; } = Rule("messages[].content[].type", LossEffect.Dropped, "A block of a kind that only another protocol knows.");

    /// <summary>The model takes no cache breakpoints, or none that are not on a block.</summary>
    public static LossRule CacheControl { get; } = Rule("cache_control", LossEffect.Dropped, "The model takes no cache breakpoints, or none that are not on a block.");

    /// <summary>The cache lives as long as the model's default.</summary>
    public static LossRule CacheTtl { get; } = Rule("cache_control.ttl", LossEffect.Changed, "The cache lives as long as the model's default.");

    /// <summary>A free-form tool is offered as a function with one text argument; its calls are turned back. What its grammar forbids is not enforced.</summary>
    public static LossRule CustomTools { get; } = Rule("tools[].custom", LossEffect.Changed, "A free-form tool is offered as a function with one text argument; its calls are turned back. What its grammar forbids is not enforced.");

    /// <summary>A tool that another vendor runs.</summary>
    public static LossRule ServerTools { get; } = Rule("tools[].type", LossEffect.Dropped, "A tool that another vendor runs.");

    /// <summary>No two tools have one name: the later one is left out.</summary>
    public static LossRule ToolNames { get; } = Bounding("tools[].function.name", LossEffect.Dropped, "No two tools have one name: the later one is left out.");

    /// <summary>The schema of a tool must be an object's.</summary>
    public static LossRule ToolSchema { get; } = Rule("tools[].function.parameters", LossEffect.Changed, "The schema of a tool must be an object's.");

    /// <summary>The model checks no arguments against their schema.</summary>
    public static LossRule StrictTools { get; } = Rule("tools[].function.strict", LossEffect.Dropped, "The model checks no arguments against their schema.");

    /// <summary>A conversation with calls must name its tools: they are declared.</summary>
    public static LossRule HistoryTools { get; } = Rule("tools", LossEffect.Changed, "A conversation with calls must name its tools: they are declared.");

    /// <summary>Only the allowed tools are offered.</summary>
    public static LossRule AllowedTools { get; } = Rule("tool_choice.allowed_tools", LossEffect.Changed, "Only the allowed tools are offered.");

    /// <summary>A conversation with calls must name its tools, and nothing forbids to call them.</summary>
    public static LossRule ToolChoiceNone { get; } = Bounding("tool_choice=none", LossEffect.Dropped, "A conversation with calls must name its tools, and nothing forbids to call them.");

    /// <summary>No tool is offered where none may be called.</summary>
    public static LossRule NoTools { get; } = Rule("tool_choice=none", LossEffect.Changed, "No tool is offered where none may be called.");

    /// <summary>The model cannot be told to call some tool.</summary>
    public static LossRule ToolChoiceAny { get; } = Bounding("tool_choice=required", LossEffect.Dropped, "The model cannot be told to call some tool.") with { Enforcement = Enforcement.ForcedTool };

    /// <summary>The model cannot be told to call a certain tool.</summary>
    public static LossRule ToolChoiceNamed { get; } = Bounding("tool_choice.function", LossEffect.Dropped, "The model cannot be told to call a certain tool.") with { Enforcement = Enforcement.ForcedTool };

    /// <summary>A choice that only another protocol knows.</summary>
    public static LossRule ToolChoiceRaw { get; } = Bounding("tool_choice.type", LossEffect.Dropped, "A choice that only another protocol knows.");

    /// <summary>There is no switch against parallel calls.</summary>
    public static LossRule ParallelTools { get; } = Bounding("parallel_tool_calls", LossEffect.Dropped, "There is no switch against parallel calls.") with { Enforcement = Enforcement.SingleCall };

    /// <summary>An empty stop sequence is not legal.</summary>
    public static LossRule EmptyStopSequence { get; } = Rule("stop=empty", LossEffect.Dropped, "An empty stop sequence is not legal.");

    /// <summary>More than the model can write.</summary>
    public static LossRule MaxTokens { get; } = Rule("max_tokens", LossEffect.Changed, "More than the model can write, or no tokens at all, which is left to the model.");

    /// <summary>Temperature ends at 1 here.</summary>
    public static LossRule Temperature { get; } = Rule("temperature", LossEffect.Changed, "Temperature ends at 1 here.");

    /// <summary>The model takes no sampling switches, or none while it thinks.</summary>
    public static LossRule Sampling { get; } = Rule("temperature", LossEffect.Dropped, "The model takes no sampling switches, or none while it thinks.");

    /// <summary>The model takes no top_p, or none beside a temperature or thinking.</summary>
    public static LossRule TopP { get; } = Rule("top_p", LossEffect.Dropped, "The model takes no top_p, or none beside a temperature or thinking.");

    /// <summary>The model takes no top_k, or none while it thinks.</summary>
    public static LossRule TopK { get; } = Rule("top_k", LossEffect.Dropped, "The model takes no top_k, or none while it thinks.");

    /// <summary>There is no such switch in this protocol.</summary>
    public static LossRule FrequencyPenalty { get; } = Rule("frequency_penalty", LossEffect.Dropped, "There is no such switch in this protocol.");

    /// <summary>There is no such switch in this protocol.</summary>
    public static LossRule PresencePenalty { get; } = Rule("presence_penalty", LossEffect.Dropped, "There is no such switch in this protocol.");

    /// <summary>There is no seed in this protocol.</summary>
    public static LossRule Seed { get; } = Rule("seed", LossEffect.Dropped, "There is no seed in this protocol.");

    /// <summary>There is one answer in this protocol.</summary>
    public static LossRule Candidates { get; } = Bounding("n", LossEffect.Dropped, "There is one answer in this protocol.");

    /// <summary>There are no log probabilities in this protocol.</summary>
    public static LossRule LogProbs { get; } = Bounding("logprobs", LossEffect.Dropped, "There are no log probabilities in this protocol.");

    /// <summary>There is no bias in this protocol.</summary>
    public static LossRule LogitBias { get; } = Bounding("logit_bias", LossEffect.Dropped, "There is no bias in this protocol.");

    /// <summary>An effort and a budget of thoughts are turned into each other by a table.</summary>
    public static LossRule Effort { get; } = Rule("reasoning_effort", LossEffect.Changed, "An effort and a budget of thoughts are turned into each other by a table.");

    /// <summary>The model has no switch for thinking that is known, or cannot think in this place.</summary>
    public static LossRule Thinking { get; } = Rule("reasoning_effort", LossEffect.Dropped, "The model has no switch for thinking that is known, or cannot think in this place.");

    /// <summary>JSON is asked for in words.</summary>
    public static LossRule JsonObject { get; } = Rule("response_format=json_object", LossEffect.Moved, "JSON is asked for in words.");

    /// <summary>JSON that fits the schema is asked for in words only.</summary>
    public static LossRule JsonSchema { get; } = Bounding("response_format=json_schema", LossEffect.Moved, "JSON that fits the schema is asked for in words only.") with { Enforcement = Enforcement.Schema };

    /// <summary>A message that says nothing is left out.</summary>
    public static LossRule EmptyMessage { get; } = Rule("messages[].content=empty", LossEffect.Dropped, "A message that says nothing is left out.");

    /// <summary>There is no field for who asks.</summary>
    public static LossRule User { get; } = Rule("user", LossEffect.Dropped, "There is no field for who asks.");

    /// <summary>Labels are not sent.</summary>
    public static LossRule Metadata { get; } = Rule("metadata", LossEffect.Dropped, "Labels are not sent.");

    /// <summary>The tier has no counterpart here.</summary>
    public static LossRule ServiceTier { get; } = Rule("service_tier", LossEffect.Dropped, "The tier has no counterpart here.");

    /// <summary>Caches have no keys in this protocol.</summary>
    public static LossRule PromptCacheKey { get; } = Rule("prompt_cache_key", LossEffect.Dropped, "Caches have no keys in this protocol.");

    /// <summary>There is no such switch in this protocol.</summary>
    public static LossRule Verbosity { get; } = Rule("verbosity", LossEffect.Dropped, "There is no such switch in this protocol.");

    /// <summary>All of them, for the loss table of the documentation.</summary>
    public static IReadOnlyList<LossRule> All { get; } =
    [
        SystemInConversation, SystemMedia, FirstMessage, Prefill, MessageName, OrphanResult, MissingResult, CallIds, Arguments, Reasoning,
        ThoughtSignature, Refusal, AssistantMedia, Audio, Video, Image, Document, FileId, ImageDetail, Opaque, CacheControl, CacheTtl, CustomTools,
        ServerTools, ToolNames, ToolSchema, StrictTools, HistoryTools, AllowedTools, ToolChoiceNone, NoTools, ToolChoiceAny, ToolChoiceNamed, ToolChoiceRaw,
        ParallelTools, EmptyStopSequence, MaxTokens, Temperature, Sampling, TopP, TopK, FrequencyPenalty, PresencePenalty, Seed, Candidates, LogProbs,
        LogitBias, Effort, Thinking, JsonObject, JsonSchema, EmptyMessage, User, Metadata, ServiceTier, PromptCacheKey, Verbosity,
    ];

    private static LossRule Rule(string field, LossEffect effect, string why) => new(field, effect, Protocol.BedrockConverse, Bounds: false, why);

    private static LossRule Bounding(string field, LossEffect effect, string why) => new(field, effect, Protocol.BedrockConverse, Bounds: true, why);
}
