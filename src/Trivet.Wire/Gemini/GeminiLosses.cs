using Trivet.Wire.Canonical;

namespace Trivet.Wire.Gemini;

/// <summary>What Gemini's generateContent, or an upstream that speaks it, cannot say as the client said it. Fields are in the words of OpenAI Chat.</summary>
public static partial class GeminiLosses
{
    /// <summary>Standing instructions in the middle of the conversation become text of the user.</summary>
    public static LossRule SystemInConversation { get; } = Rule("messages[].role=system", LossEffect.Moved, "Standing instructions in the middle of the conversation become text of the user.");

    /// <summary>Standing instructions are text only.</summary>
    public static LossRule SystemMedia { get; } = Rule("system[].image", LossEffect.Dropped, "Standing instructions are text only.");

    /// <summary>A conversation needs a message of the user.</summary>
    public static LossRule SystemAsUser { get; } = Rule("messages[0].role", LossEffect.Moved, "A conversation needs a message of the user: standing instructions that stand alone become one.");

    /// <summary>The first message must be the user's.</summary>
    public static LossRule FirstMessage { get; } = Rule("messages[0]", LossEffect.Changed, "The first message must be the user's: a word of the user is put before the model's.");

    /// <summary>Messages have no names.</summary>
    public static LossRule MessageName { get; } = Rule("messages[].name", LossEffect.Dropped, "Messages have no names.");

    /// <summary>A tool result without its call is no legal result.</summary>
    public static LossRule OrphanResult { get; } = Rule("messages[].tool_call_id", LossEffect.Moved, "A tool result without its call is no legal result: it becomes text of the user.");

    /// <summary>A call without a result is not legal.</summary>
    public static LossRule MissingResult { get; } = Rule("messages[].tool_calls", LossEffect.Changed, "A call without a result is not legal: a result is added that says so.");

    /// <summary>This upstream takes no ids of calls.</summary>
    public static LossRule CallIds { get; } = Rule("messages[].tool_calls[].id", LossEffect.Dropped, "This upstream takes no ids of calls: results follow their calls in the same order.");

    /// <summary>Arguments that are no JSON object are put into one.</summary>
    public static LossRule Arguments { get; } = Rule("messages[].tool_calls[].function.arguments", LossEffect.Changed, "Arguments that are no JSON object are put into one.");

    /// <summary>Thoughts of another vendor's model mean nothing here.</summary>
    public static LossRule Reasoning { get; } = Rule("messages[].reasoning", LossEffect.Dropped, "Thoughts that another vendor's model made, or that only their issuer can read, are not sent.");

    /// <summary>A refusal is plain text of the model.</summary>
    public static LossRule Refusal { get; } = Rule("messages[].refusal", LossEffect.Moved, "A refusal is plain text of the model.");

    /// <summary>Pictures are not taken.</summary>
    public static LossRule Image { get; } = Bounding("messages[].content[].image_url", LossEffect.Dropped, "This upstream takes no picture of this kind.");

    /// <summary>Documents of this kind are not taken.</summary>
    public static LossRule Document { get; } = Bounding("messages[].content[].file", LossEffect.Dropped, "This upstream takes no document of this kind.");

    /// <summary>Sound of this kind is not taken.</summary>
    public static LossRule Audio { get; } = Bounding("messages[].content[].input_audio", LossEffect.Dropped, "This upstream takes no sound of this kind.");

    /// <summary>Film of this kind is not taken.</summary>
    public static LossRule Video { get; } = Bounding("messages[].content[].video_url", LossEffect.Dropped, "This upstream takes no film of this kind.");

    /// <summary>A file id means something only to the vendor that gave it.</summary>
    public static LossRule FileId { get; } = Bounding("messages[].content[].file_id", LossEffect.Dropped, "A file id means something only to the vendor that gave it.");

    /// <summary>Files have no names.</summary>
    public static LossRule FileName { get; } = Rule("messages[].content[].file.filename", LossEffect.Dropped, "Files have no names.");

    /// <summary>A picture's level of detail is set for the whole request.</summary>
    public static LossRule ImageDetail { get; } = Rule("messages[].content[].image_url.detail", LossEffect.Dropped, "Pictures have no level of detail of their own.");

    /// <summary>Documents have no title, context or citations switch.</summary>
    public static LossRule DocumentContext { get; } = Rule("messages[].content[].document.context", LossEffect.Dropped, "Documents have no context and no switch for citations.");

    /// <summary>Pictures of a tool's result stand behind it.</summary>
    public static LossRule ResultMedia { get; } = Rule("messages[].tool.content[].image_url", LossEffect.Moved, "Pictures and files of a tool's result stand behind the result, not in it.");

    /// <summary>Citations of another shape.</summary>
    public static LossRule Citations { get; } = Rule("messages[].content[].citations", LossEffect.Dropped, "Citations stand with answers only.");

    /// <summary>A block of a kind that only another protocol knows.</summary>
    public static LossRule Opaque { get; } = Rule("messages[].content[].type", LossEffect.Dropped, "A block of a kind that only another protocol knows.");

    /// <summary>A call without a signature carries the word that stands for one.</summary>
    public static LossRule CallSignature { get; } = Rule("messages[].thought_signature", LossEffect.Changed, "Signatures of another vendor's thoughts mean nothing here: calls carry the documented word for \"made elsewhere\".");

    /// <summary>There are no cache breakpoints.</summary>
    public static LossRule CacheControl { get; } = Rule("cache_control", LossEffect.Dropped, "There are no cache breakpoints: caching is automatic.");

    /// <summary>A free-form tool becomes a function with one text argument.</summary>
    public static LossRule CustomTools { get; } = Rule("tools[].custom", LossEffect.Changed, "A free-form tool becomes a function with one text argument; its calls are turned back.");

    /// <summary>A tool that another vendor runs.</summary>
    public static LossRule ServerTools { get; } = Rule("tools[].type", LossEffect.Dropped, "A tool that another vendor runs.");

    /// <summary>A tool is offered under a legal name.</summary>
    public static LossRule ToolNames { get; } = Rule("tools[].function.name", LossEffect.Changed, "Names of tools begin with a letter or _, have letters, digits, _ . : and - only, 64 at most: others are offered under a legal name, and their calls turned back.");

    /// <summary>A tool's schema is cut down to the subset that the upstream takes.</summary>
    public static LossRule ToolSchema { get; } = Rule("tools[].function.parameters", LossEffect.Changed, "A tool's schema must be an object's, and is cut down to what the upstream takes.");

    /// <summary>Arguments are not bound to their schema tool by tool.</summary>
    public static LossRule StrictTools { get; } = Rule("tools[].function.strict", LossEffect.Dropped, "Arguments are not bound to their schema tool by tool.");

    /// <summary>A choice that only another protocol knows.</summary>
    public static LossRule ToolChoiceRaw { get; } = Bounding("tool_choice.type", LossEffect.Dropped, "A choice that only another protocol knows.");

    /// <summary>Only the allowed tools are offered.</summary>
    public static LossRule AllowedTools { get; } = Rule("tool_choice.allowed_tools", LossEffect.Changed, "Only the allowed tools are offered.");

    /// <summary>There is no switch against parallel calls.</summary>
    public static LossRule ParallelTools { get; } = Bounding("parallel_tool_calls", LossEffect.Dropped, "There is no switch against parallel calls.") with { Enforcement = Enforcement.SingleCall };

    /// <summary>More stop sequences than are taken.</summary>
    public static LossRule StopSequences { get; } = Bounding("stop", LossEffect.Dropped, "More stop sequences than the upstream takes.");

    /// <summary>An empty stop sequence is not legal.</summary>
    public static LossRule EmptyStopSequence { get; } = Rule("stop=empty", LossEffect.Dropped, "An empty stop sequence is not legal.");

    /// <summary>The output bound is lowered to the model's own.</summary>
    public static LossRule MaxTokens { get; } = Rule("max_tokens", LossEffect.Changed, "The output bound is lowered to the model's own; no tokens at all are no bound to Gemini.");

    /// <summary>The temperature is lowered to the highest that is taken.</summary>
    public static LossRule Temperature { get; } = Rule("temperature", LossEffect.Changed, "The temperature is brought within what is taken.");

    /// <summary>The model takes no frequency penalty.</summary>
    public static LossRule FrequencyPenalty { get; } = Rule("frequency_penalty", LossEffect.Dropped, "The model takes no frequency penalty.");

    /// <summary>The model takes no presence penalty.</summary>
    public static LossRule PresencePenalty { get; } = Rule("presence_penalty", LossEffect.Dropped, "The model takes no presence penalty.");

    /// <summary>A seed has 32 bits.</summary>
    public static LossRule Seed { get; } = Rule("seed", LossEffect.Changed, "A seed has 32 bits.");

    /// <summary>The model gives no log probabilities.</summary>
    public static LossRule LogProbs { get; } = Bounding("logprobs", LossEffect.Dropped, "The model gives no log probabilities.");

    /// <summary>Single tokens cannot be weighted.</summary>
    public static LossRule LogitBias { get; } = Bounding("logit_bias", LossEffect.Dropped, "Single tokens cannot be weighted.");

    /// <summary>The effort is said as a budget or as the nearest level.</summary>
    public static LossRule Effort { get; } = Rule("reasoning_effort", LossEffect.Changed, "The effort is said as a budget of tokens or as the nearest level, by a table of Trivet's own.");

    /// <summary>The model always thinks.</summary>
    public static LossRule NoThinking { get; } = Rule("reasoning_effort=none", LossEffect.Changed, "The model always thinks: the least that it takes is asked for.");

    /// <summary>The model has no thinking.</summary>
    public static LossRule Thinking { get; } = Rule("thinking", LossEffect.Dropped, "The model has no thinking.");

    /// <summary>A form of the answer beside tools is asked for in words.</summary>
    public static LossRule FormatWithTools { get; } = Bounding("response_format", LossEffect.Moved, "The model takes no form of the answer beside tools: it is asked for in words.") with { Enforcement = Enforcement.Schema };

    /// <summary>The answer's schema is cut down to the subset that the upstream takes.</summary>
    public static LossRule JsonSchema { get; } = Rule("response_format.json_schema.schema", LossEffect.Changed, "The answer's schema is cut down to what the upstream takes.");

    /// <summary>The answer's schema has no name.</summary>
    public static LossRule SchemaName { get; } = Rule("response_format.json_schema.name", LossEffect.Dropped, "The answer's schema has no name and no description beside it.");

    /// <summary>A message that says nothing is left out.</summary>
    public static LossRule EmptyMessage { get; } = Rule("messages[].content=empty", LossEffect.Dropped, "A message that says nothing is left out.");

    /// <summary>The one who asks is not named.</summary>
    public static LossRule User { get; } = Rule("user", LossEffect.Dropped, "There is no field for who asks.");

    /// <summary>Labels are not taken.</summary>
    public static LossRule Metadata { get; } = Rule("metadata", LossEffect.Dropped, "This upstream takes no labels.");

    /// <summary>Tiers of another vendor.</summary>
    public static LossRule ServiceTier { get; } = Rule("service_tier", LossEffect.Dropped, "Tiers of another vendor.");

    /// <summary>Caching is automatic.</summary>
    public static LossRule PromptCacheKey { get; } = Rule("prompt_cache_key", LossEffect.Dropped, "Caching is automatic and has no key.");

    /// <summary>There is no switch for how long-winded the answer is.</summary>
    public static LossRule Verbosity { get; } = Rule("verbosity", LossEffect.Dropped, "There is no switch for how long-winded the answer is.");

    /// <summary>All of them, for the loss table of the documentation.</summary>
    public static IReadOnlyList<LossRule> All => // made when asked for: static members of two files have no order
    [
        SystemInConversation, SystemMedia, SystemAsUser, FirstMessage, MessageName, OrphanResult, MissingResult, CallIds, Arguments, Reasoning, Refusal,
        Image, Document, Audio, Video, FileId, FileName, ImageDetail, DocumentContext, ResultMedia, Citations, Opaque, CallSignature, CacheControl,
        CustomTools, ServerTools, ToolNames, ToolSchema, StrictTools, ToolChoiceRaw, AllowedTools, ParallelTools, StopSequences, EmptyStopSequence,
        MaxTokens, Temperature, FrequencyPenalty, PresencePenalty, Seed, LogProbs, LogitBias, Effort, NoThinking, Thinking, FormatWithTools, JsonSchema,
        SchemaName, EmptyMessage, User, Metadata, ServiceTier, PromptCacheKey, Verbosity, .. Answer,
    ];

    private static LossRule Rule(string field, LossEffect effect, string why) => new(field, effect, Protocol.Gemini, Bounds: false, why);

    private static LossRule Bounding(string field, LossEffect effect, string why) => new(field, effect, Protocol.Gemini, Bounds: true, why);
}
