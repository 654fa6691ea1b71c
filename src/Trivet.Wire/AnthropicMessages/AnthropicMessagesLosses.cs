using Trivet.Wire.Canonical;

namespace Trivet.Wire.AnthropicMessages;

/// <summary>What Anthropic Messages, or an upstream that speaks it, cannot say as the client said it. Fields are in the words of OpenAI Chat.</summary>
public static class AnthropicMessagesLosses
{
    /// <summary>Standing instructions in the middle of the conversation become text of the user, where the model takes no system messages there.</summary>
    public static LossRule SystemInConversation { get; } = Rule("messages[].role=system", LossEffect.Moved, "Standing instructions in the middle of the conversation become text of the user, where the model takes no system messages there.");

    /// <summary>Standing instructions are text only.</summary>
    public static LossRule SystemMedia { get; } = Rule("system[].image", LossEffect.Dropped, "Standing instructions are text only.");

    /// <summary>A conversation needs a message of the user: standing instructions that stand alone become one.</summary>
    public static LossRule SystemAsUser { get; } = Rule("messages[0].role", LossEffect.Moved, "A conversation needs a message of the user: standing instructions that stand alone become one.");

    /// <summary>The first message must be the user's: a word of the user is put before the model's.</summary>
    public static LossRule FirstMessage { get; } = Rule("messages[0]", LossEffect.Changed, "The first message must be the user's: a word of the user is put before the model's.");

    /// <summary>The model takes no beginning of its own answer: a word of the user is put behind it.</summary>
    public static LossRule Prefill { get; } = Rule("messages[-1]", LossEffect.Changed, "The model takes no beginning of its own answer: a word of the user is put behind it.");

    /// <summary>Messages have no names.</summary>
    public static LossRule MessageName { get; } = Rule("messages[].name", LossEffect.Dropped, "Messages have no names.");

    /// <summary>A tool result without its call is no legal result: it becomes text of the user.</summary>
    public static LossRule OrphanResult { get; } = Rule("messages[].tool_call_id", LossEffect.Moved, "A tool result without its call is no legal result: it becomes text of the user.");

    /// <summary>A call without a result is not legal: a result is added that says so.</summary>
    public static LossRule MissingResult { get; } = Rule("messages[].tool_calls", LossEffect.Changed, "A call without a result is not legal: a result is added that says so.");

    /// <summary>Ids of calls have letters, digits, _ and - only, and occur once.</summary>
    public static LossRule CallIds { get; } = Rule("messages[].tool_calls[].id", LossEffect.Changed, "Ids of calls have letters, digits, _ and - only, and occur once.");

    /// <summary>Arguments that are no JSON object are put into one.</summary>
    public static LossRule Arguments { get; } = Rule("messages[].tool_calls[].function.arguments", LossEffect.Changed, "Arguments that are no JSON object are put into one.");

    /// <summary>Thoughts are taken back only with the signature of whoever thought them.</summary>
    public static LossRule Reasoning { get; } = Rule("messages[].reasoning", LossEffect.Dropped, "Thoughts are taken back only with the signature of whoever thought them.");

    /// <summary>A refusal is plain text of the model.</summary>
    public static LossRule Refusal { get; } = Rule("messages[].refusal", LossEffect.Moved, "A refusal is plain text of the model.");

    /// <summary>The model's own messages hold no pictures.</summary>
    public static LossRule AssistantMedia { get; } = Rule("messages[].content[].image_of_assistant", LossEffect.Dropped, "The model's own messages hold no pictures.");

    /// <summary>There is no sound in this protocol.</summary>
    public static LossRule Audio { get; } = Bounding("messages[].content[].input_audio", LossEffect.Dropped, "There is no sound in this protocol.");

    /// <summary>There is no film in this protocol.</summary>
    public static LossRule Video { get; } = Bounding("messages[].content[].video_url", LossEffect.Dropped, "There is no film in this protocol.");

    /// <summary>This upstream takes no picture of this kind.</summary>
    public static LossRule Image { get; } = Bounding("messages[].content[].image_url", LossEffect.Dropped, "This upstream takes no picture of this kind.");

    /// <summary>This upstream takes no document of this kind.</summary>
    public static LossRule Document { get; } = Bounding("messages[].content[].file", LossEffect.Dropped, "This upstream takes no document of this kind.");

    /// <summary>A file id means something only to the vendor that gave it.</summary>
    public static LossRule FileId { get; } = Bounding("messages[].content[].file_id", LossEffect.Dropped, "A file id means something only to the vendor that gave it.");

    /// <summary>Pictures have no level of detail.</summary>
    public static LossRule ImageDetail { get; } = Rule("messages[].content[].image_url.detail", LossEffect.Dropped, "Pictures have no level of detail.");

    /// <summary>Signatures of another vendor's thoughts mean nothing here.</summary>
    public static LossRule ThoughtSignature { get; } = Rule("messages[].thought_signature", LossEffect.Dropped, "Signatures of another vendor's thoughts mean nothing here.");

    /// <summary>A block of a kind that only another protocol knows.</summary>
    public static LossRule Opaque { get; } = Rule("messages[].content[].type", LossEffect.Dropped, "A block of a kind that only another protocol knows.");

    /// <summary>The vendor does not read is_error: the failure is said in the text as well.</summary>
    public static LossRule IsError { get; } = Rule("messages[].content[].is_error", LossEffect.Moved, "The vendor does not read is_error: the failure is said in the text as well.");

    /// <summary>The upstream takes no cache breakpoints.</summary>
    public static LossRule CacheControl { get; } = Rule("cache_control", LossEffect.Dropped, "The upstream takes no cache breakpoints.");

    /// <summary>A free-form tool is offered as a function with one text argument; its calls are turned back.</summary>
    public static LossRule CustomTools { get; } = Rule("tools[].custom", LossEffect.Changed, "A free-form tool is offered as a function with one text argument; its calls are turned back. What its grammar forbids is not enforced.");

    /// <summary>A tool that another vendor runs.</summary>
    public static LossRule ServerTools { get; } = Rule("tools[].type", LossEffect.Dropped, "A tool that another vendor runs.");

    /// <summary>No two tools have one name: the later one is left out.</summary>
    public static LossRule ToolNames { get; } = Bounding("tools[].function.name", LossEffect.Dropped, "No two tools have one name: the later one is left out.");

    /// <summary>The schema of a tool must be an object's.</summary>
    public static LossRule ToolSchema { get; } = Rule("tools[].function.parameters", LossEffect.Changed, "The schema of a tool must be an object's.");

    /// <summary>The upstream checks no arguments against their schema.</summary>
    public static LossRule StrictTools { get; } = Rule("tools[].function.strict", LossEffect.Dropped, "The upstream checks no arguments against their schema.");

    /// <summary>A conversation with calls must name its tools: they are declared, and forbidden.</summary>
    public static LossRule HistoryTools { get; } = Rule("tools", LossEffect.Changed, "A conversation with calls must name its tools: they are declared, and forbidden.");

    /// <summary>Only the allowed tools are offered.</summary>
    public static LossRule AllowedTools { get; } = Rule("tool_choice.allowed_tools", LossEffect.Changed, "Only the allowed tools are offered.");

    /// <summary>A tool cannot be forced while the model thinks.</summary>
    public static LossRule ToolChoiceThinking { get; } = Bounding("tool_choice", LossEffect.Changed, "A tool cannot be forced while the model thinks.");

    /// <summary>The vendor takes and ignores a demand for some tool.</summary>
    public static LossRule ToolChoiceAny { get; } = Bounding("tool_choice=required", LossEffect.Dropped, "The vendor takes and ignores a demand for some tool.") with { Enforcement = Enforcement.ForcedTool };

    /// <summary>The vendor takes and ignores a demand for a certain tool.</summary>
    public static LossRule ToolChoiceNamed { get; } = Bounding("tool_choice.function", LossEffect.Dropped, "The vendor takes and ignores a demand for a certain tool.") with { Enforcement = Enforcement.ForcedTool };

    /// <summary>A choice that only another protocol knows.</summary>
    public static LossRule ToolChoiceRaw { get; } = Bounding("tool_choice.type", LossEffect.Dropped, "A choice that only another protocol knows.");

    /// <summary>The vendor takes and ignores a ban on parallel calls.</summary>
    public static LossRule ParallelTools { get; } = Bounding("parallel_tool_calls", LossEffect.Dropped, "The vendor takes and ignores a ban on parallel calls.") with { Enforcement = Enforcement.SingleCall };

    /// <summary>The vendor takes and ignores stop sequences.</summary>
    public static LossRule StopSequences { get; } = Bounding("stop", LossEffect.Dropped, "The vendor takes and ignores stop sequences.") with { Enforcement = Enforcement.StopSequences };

    /// <summary>A stop sequence must hold more than blanks.</summary>
    public static LossRule BlankStopSequence { get; } = Bounding("stop[]", LossEffect.Dropped, "A stop sequence must hold more than blanks.") with { Enforcement = Enforcement.StopSequences };

    /// <summary>More than the model can write.</summary>
    public static LossRule MaxTokens { get; } = Rule("max_tokens", LossEffect.Changed, "More than the model can write, or no tokens at all, which becomes the model's most.");

    /// <summary>The temperature is brought within what is taken.</summary>
    public static LossRule Temperature { get; } = Rule("temperature", LossEffect.Changed, "Temperature ends at 1 here, and begins above 0 with some vendors.");

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

    /// <summary>The model cannot but think.</summary>
    public static LossRule NoThinking { get; } = Rule("reasoning_effort=none", LossEffect.Dropped, "The model cannot but think.");

    /// <summary>The model has no switch for thinking, or cannot think in this place.</summary>
    public static LossRule Thinking { get; } = Rule("reasoning_effort", LossEffect.Dropped, "The model has no switch for thinking, or cannot think in this place.");

    /// <summary>JSON is asked for in words.</summary>
    public static LossRule JsonObject { get; } = Rule("response_format=json_object", LossEffect.Moved, "JSON is asked for in words.");

    /// <summary>JSON that fits the schema is asked for in words only.</summary>
    public static LossRule JsonSchema { get; } = Bounding("response_format=json_schema", LossEffect.Moved, "JSON that fits the schema is asked for in words only.") with { Enforcement = Enforcement.Schema };

    /// <summary>JSON that fits the schema is asked for as the arguments of a tool.</summary>
    public static LossRule JsonSchemaTool { get; } = Rule("response_format=json_schema", LossEffect.Changed, "JSON that fits the schema is asked for as the arguments of a tool.");

    /// <summary>Schemas of answers have no names.</summary>
    public static LossRule SchemaName { get; } = Rule("response_format.json_schema.name", LossEffect.Dropped, "Schemas of answers have no names.");

    /// <summary>A ban on tools is not obeyed: none is offered.</summary>
    public static LossRule NoTools { get; } = Rule("tool_choice=none", LossEffect.Changed, "The vendor does not obey a ban on tools: none is offered where none may be called.");

    /// <summary>A block of another protocol's is said in words.</summary>
    public static LossRule Readable { get; } = Rule("messages[].content[].type", LossEffect.Moved, "A block of a kind that only another protocol knows becomes its words.");

    /// <summary>A message that says nothing is left out.</summary>
    public static LossRule EmptyMessage { get; } = Rule("messages[].content=empty", LossEffect.Dropped, "A message of no text, or of blanks only, is not legal and is left out.");

    /// <summary>The upstream takes no user.</summary>
    public static LossRule User { get; } = Rule("user", LossEffect.Dropped, "The upstream takes no user.");

    /// <summary>There are no labels in this protocol.</summary>
    public static LossRule Metadata { get; } = Rule("metadata", LossEffect.Dropped, "There are no labels in this protocol.");

    /// <summary>The tier has no counterpart here.</summary>
    public static LossRule ServiceTier { get; } = Rule("service_tier", LossEffect.Dropped, "The tier has no counterpart here.");

    /// <summary>Caches have no keys in this protocol.</summary>
    public static LossRule PromptCacheKey { get; } = Rule("prompt_cache_key", LossEffect.Dropped, "Caches have no keys in this protocol.");

    /// <summary>There is no such switch in this protocol.</summary>
    public static LossRule Verbosity { get; } = Rule("verbosity", LossEffect.Dropped, "There is no such switch in this protocol.");

    /// <summary>A block of a kind that only another protocol knows.</summary>
    public static LossRule AnswerBlock { get; } = Rule("choices[].message.content[].type", LossEffect.Dropped, "A block of a kind that only another protocol knows.");

    /// <summary>Answers hold no media in this protocol.</summary>
    public static LossRule AnswerMedia { get; } = Rule("choices[].message.images", LossEffect.Dropped, "Answers hold no media in this protocol.");

    /// <summary>A refusal is plain text, with the stop reason that says so.</summary>
    public static LossRule AnswerRefusal { get; } = Rule("choices[].message.refusal", LossEffect.Moved, "A refusal is plain text, with the stop reason that says so.");

    /// <summary>Arguments must be a JSON object: what is no whole member of one is left out.</summary>
    public static LossRule AnswerArguments { get; } = Rule("choices[].message.tool_calls[].function.arguments", LossEffect.Changed, "Arguments must be a JSON object: what is no whole member of one is left out.");

    /// <summary>There is one answer in this protocol.</summary>
    public static LossRule AnswerChoices { get; } = Bounding("choices[1:]", LossEffect.Dropped, "There is one answer in this protocol.");

    /// <summary>The text for a free-form tool becomes the argument of a function.</summary>
    public static LossRule AnswerCustomCall { get; } = Rule("choices[].message.tool_calls[].custom", LossEffect.Changed, "The text for a free-form tool becomes the argument of a function.");

    /// <summary>Citations of another shape.</summary>
    public static LossRule AnswerCitations { get; } = Rule("choices[].message.annotations", LossEffect.Dropped, "Citations of another shape.");

    /// <summary>Encrypted thoughts mean nothing outside the vendor that wrote them.</summary>
    public static LossRule AnswerEncrypted { get; } = Rule("choices[].message.reasoning.encrypted", LossEffect.Dropped, "Encrypted thoughts mean nothing outside the vendor that wrote them.");

    /// <summary>There is no word for a vendor that broke off but the one for "cut off".</summary>
    public static LossRule AnswerStop { get; } = Rule("choices[].finish_reason", LossEffect.Changed, "There is no word for a vendor that broke off but the one for \"cut off\".");

    /// <summary>All of them, for the loss table of the documentation.</summary>
    public static IReadOnlyList<LossRule> All { get; } =
    [
        SystemInConversation, SystemMedia, SystemAsUser, FirstMessage, Prefill, MessageName, OrphanResult, MissingResult, CallIds, Arguments,
        Reasoning, Refusal, AssistantMedia, Audio, Video, Image, Document, FileId, ImageDetail, ThoughtSignature, Opaque, IsError, CacheControl,
        CustomTools, ServerTools, ToolNames, ToolSchema, StrictTools, HistoryTools, AllowedTools, ToolChoiceThinking, ToolChoiceAny, ToolChoiceNamed,
        ToolChoiceRaw, ParallelTools, StopSequences, BlankStopSequence, MaxTokens, Temperature, Sampling, TopP, TopK, FrequencyPenalty,
        PresencePenalty, Seed, Candidates, LogProbs, LogitBias, Effort, NoThinking, Thinking, JsonObject, JsonSchema, JsonSchemaTool, SchemaName,
        NoTools, Readable, EmptyMessage, User, Metadata, ServiceTier, PromptCacheKey, Verbosity, AnswerBlock, AnswerMedia, AnswerRefusal, AnswerArguments, AnswerChoices,
        AnswerCustomCall, AnswerCitations, AnswerEncrypted, AnswerStop,
    ];

    private static LossRule Rule(string field, LossEffect effect, string why) => new(field, effect, Protocol.AnthropicMessages, Bounds: false, why);

    private static LossRule Bounding(string field, LossEffect effect, string why) => new(field, effect, Protocol.AnthropicMessages, Bounds: true, why);
}
