using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>One piece of content. Blocks keep their order, and what the canonical form has no name for stays beside them.</summary>
public abstract class Block
{
    /// <summary>Cache breakpoint on this block (Anthropic <c>cache_control</c>), raw.</summary>
    public RawJson CacheControl { get; set; }

    /// <summary>Opaque signature that Gemini puts on any part (<c>thoughtSignature</c>, <c>extra_content.google.thought_signature</c>).</summary>
    public JsonText ThoughtSignature { get; set; }

    /// <summary>
    /// The opaque parts of this block (signature, encrypted thoughts, thought signature) were issued by another vendor than the one now asked:
    /// request writers leave them out. Set anew by the relay for each attempt; false until somebody knows better.
    /// </summary>
    public bool OpaqueIsForeign { get; set; }

    /// <summary>Fields of the block with no canonical name, as they stood. Null where there are none.</summary>
    public List<ExtraField>? Extra { get; set; }

    /// <summary>Keeps a field that has no canonical name.</summary>
    public void AddExtra(string name, RawJson value) => (Extra ??= []).Add(new ExtraField(name, value));
}

/// <summary>Plain text.</summary>
public sealed class TextBlock(JsonText text) : Block
{
    /// <summary>The text.</summary>
    public JsonText Text { get; set; } = text;

    /// <summary>Citations or annotations in the origin's own shape, raw; absent where there are none.</summary>
    public RawJson Citations { get; set; }
}

/// <summary>An image, a document, a sound or a film.</summary>
public sealed class MediaBlock(MediaKind kind) : Block
{
    /// <summary>What it is.</summary>
    public MediaKind Kind { get; } = kind;

    /// <summary>MIME type such as <c>image/png</c>; empty where unknown (a URL). OpenAI's audio formats come as <c>audio/wav</c>, <c>audio/mp3</c>.</summary>
    public string MediaType { get; set; } = "";

    /// <summary>Base64 data without the <c>data:</c> prefix.</summary>
    public JsonText Data { get; set; }

    /// <summary>Where to fetch it.</summary>
    public JsonText Url { get; set; }

    /// <summary>A vendor's file id: means nothing to another vendor.</summary>
    public JsonText FileId { get; set; }

    /// <summary>File name or document title.</summary>
    public JsonText Name { get; set; }

    /// <summary>A document given as plain text (Anthropic source type <c>text</c>).</summary>
    public JsonText PlainText { get; set; }

    /// <summary>A document given as content blocks (Anthropic source type <c>content</c>).</summary>
    public List<Block>? Content { get; set; }

    /// <summary>OpenAI's image <c>detail</c>.</summary>
    public JsonText Detail { get; set; }

    /// <summary>Anthropic's document <c>context</c>.</summary>
    public JsonText Context { get; set; }

    /// <summary>Anthropic's document <c>citations</c> switch, raw.</summary>
    public RawJson Citations { get; set; }
}

/// <summary>Kinds of media.</summary>
public enum MediaKind : byte
{
    /// <summary>A picture.</summary>
    Image,

    /// <summary>A PDF or text document.</summary>
    Document,

    /// <summary>Sound.</summary>
    Audio,

    /// <summary>Film.</summary>
    Video,
}

/// <summary>The model's thoughts, in whatever carrier they came.</summary>
public sealed class ReasoningBlock : Block
{
    /// <summary>The thoughts as text; may be empty where only a signature or encrypted data stands.</summary>
    public JsonText Text { get; set; }

    /// <summary>The issuer's proof over the text (Anthropic <c>signature</c>). Opaque; valid only where it came from. May be an empty string, which is a value.</summary>
    public JsonText Signature { get; set; }

    /// <summary>Thoughts that only the issuer can read (Anthropic <c>redacted_thinking.data</c>, OpenAI <c>encrypted_content</c>).</summary>
    public JsonText Encrypted { get; set; }

    /// <summary>The whole block is redacted (Anthropic <c>redacted_thinking</c>).</summary>
    public bool IsRedacted { get; set; }

    /// <summary>Item id where the origin has one (OpenAI Responses <c>rs_…</c>).</summary>
    public JsonText Id { get; set; }

    /// <summary>Raw <c>reasoning_details</c> (OpenRouter and kin) that this block was read from; goes back byte for byte where it came from.</summary>
    public RawJson Details { get; set; }

    /// <summary>The text is a summary made by the vendor, not the thoughts themselves.</summary>
    public bool IsSummary { get; set; }

    /// <summary>How the thoughts were carried.</summary>
    public ReasoningCarrier Carrier { get; set; }

    /// <summary>Nothing was thought, and nobody vouches for it: whoever leaves the block out loses nothing.</summary>
    internal bool SaysNothing => Text.IsEmpty && Signature.IsEmpty && Encrypted.IsEmpty && Details.IsAbsent;
}

/// <summary>The ways in which vendors carry thoughts (WIRE_FACTS §3.3).</summary>
public enum ReasoningCarrier : byte
{
    /// <summary>The protocol's own blocks or items (Anthropic thinking, Responses reasoning, Gemini thought parts).</summary>
    Native,

    /// <summary><c>reasoning_content</c>: DeepSeek, GLM, DashScope, xAI, Kimi, llama.cpp.</summary>
    ReasoningContent,

    /// <summary><c>reasoning</c>: Groq, Ollama, Cerebras, OpenRouter, vLLM.</summary>
    Reasoning,

    /// <summary><c>reasoning_details</c>: OpenRouter, MiniMax, Vercel.</summary>
    ReasoningDetails,

    /// <summary>Content array with <c>{"type":"thinking"}</c>: Mistral.</summary>
    ContentParts,

    /// <summary>Inline <c>&lt;think&gt;…&lt;/think&gt;</c> in the text.</summary>
    InlineThink,
}

/// <summary>The model calls a tool.</summary>
public sealed class ToolCallBlock : Block
{
    /// <summary>The call's id as the origin made it; writers make it legal on the other side.</summary>
    public JsonText Id { get; set; }

    /// <summary>The tool's name.</summary>
    public JsonText Name { get; set; }

    /// <summary>The namespace that the tool stands in (OpenAI Responses <c>namespace</c> tools); empty for none.</summary>
    public JsonText Namespace { get; set; }

    /// <summary>
    /// The arguments as text of JSON, decoded from any string around them. Exactly what the model wrote, valid JSON or not; empty for none.
    /// </summary>
    public ReadOnlyMemory<byte> Arguments { get; set; }

    /// <summary>A function of the client, a free-form tool, or one that the vendor runs.</summary>
    public ToolKind Kind { get; set; }
}

/// <summary>What came of a tool call.</summary>
public sealed class ToolResultBlock : Block
{
    /// <summary>Id of the call that it answers.</summary>
    public JsonText CallId { get; set; }

    /// <summary>The tool's name, where the protocol carries it (Gemini).</summary>
    public JsonText Name { get; set; }

    /// <summary>The tool failed (Anthropic <c>is_error</c>); null where nothing was said.</summary>
    public bool? IsError { get; set; }

    /// <summary>The result stood as one plain string.</summary>
    public bool IsPlainString { get; set; }

    /// <summary>The result as it stood where the protocol carries an object (Gemini <c>response</c>); absent elsewhere. <see cref="Content"/> says the same.</summary>
    public RawJson Raw { get; set; }

    /// <summary>The result: texts, images, documents.</summary>
    public List<Block> Content { get; } = [];
}

/// <summary>The model declined, in OpenAI's own field (<c>refusal</c>).</summary>
public sealed class RefusalBlock(JsonText text) : Block
{
    /// <summary>What it said.</summary>
    public JsonText Text { get; set; } = text;
}

/// <summary>A block of a kind that only its own protocol knows (server tools and their results, search results, …): kept whole.</summary>
public sealed class OpaqueBlock(Protocol origin, string type, RawJson raw) : Block
{
    /// <summary>The protocol that it belongs to.</summary>
    public Protocol Origin { get; } = origin;

    /// <summary>Its type in that protocol's words.</summary>
    public string Type { get; } = type;

    /// <summary>The block as it stood.</summary>
    public RawJson Raw { get; } = raw;

    /// <summary>What it says, in blocks that every protocol knows; null where only its own protocol can say it.</summary>
    public List<Block>? Readable { get; init; }
}
