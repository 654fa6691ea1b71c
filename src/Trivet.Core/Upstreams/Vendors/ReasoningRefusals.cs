using Trivet.Wire.Canonical;

namespace Trivet.Core.Upstreams.Vendors;

/// <summary>
/// How vendors say that they do not take the thoughts in a request: a signature that is not theirs, encrypted thoughts that they cannot read, thoughts that were
/// touched or are missing. The last net: what is recognised here is asked once more without anything opaque.
/// </summary>
internal static class ReasoningRefusals
{
    // Part of a message, … for anything between, and where it was seen.
    private static readonly string[] Wordings =
    [
        // Anthropic, also through Bedrock and Vertex: "messages.1.content.0: Invalid `signature` in `thinking` block"; anthropics/claude-code#10627 (2025-10), anthropic-sdk-python#1598 (2026-08), opencode#15074 (2026-02).
        "invalid `signature` in `thinking` block",
        "invalid signature in thinking block",

        // Anthropic: "Invalid `data` in `redacted_thinking` block"; the same check on the other kind of block.
        "invalid `data` in `redacted_thinking` block",

        // Anthropic: "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response."
        "blocks in the latest assistant message cannot be modified",

        // OpenAI, mostly with the code invalid_encrypted_content: "The encrypted content gAAA…DQ== could not be verified.", "… Reason: Encrypted content could not be
        // decrypted or parsed."; openai/codex#8119 (2025-12), sub2api#2863 (2026-05); Azure without the code: openai-agents-python#2063 (2025-11).
        "encrypted content…could not be",

        // OpenAI: "Item 'rs_…' of type 'reasoning' was provided without its required following item.", "Item with id 'rs_…' not found. Items are not persisted when `store` is set to false."; bifrost#5410.
        "of type 'reasoning' was provided without its required",
        "item with id 'rs_",

        // Gemini: "Function call is missing a thought_signature in functionCall parts."; AstrBot#9217, dify-official-plugins#2088 (2025-11).
        "missing a thought_signature",

        // Gemini and Vertex: "Thought signature is not valid", "Corrupted thought signature."; 9router#301 (2026-03).
        "thought signature is not valid",
        "corrupted thought signature",
    ];

    // Vendors that want thoughts on turns with calls: of Chat an empty one at least, of Messages a signed one, or thinking off.
    private static readonly string[] Demands =
    [
        // DeepSeek: "The `reasoning_content` in the thinking mode must be passed back to the API."; also `content[].thinking` at its Messages endpoint; ccx#279, modelparams.dev#29 (2026-05).
        "in the thinking mode must be passed back",

        // Anthropic: "messages.5.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, …"; Antigravity-Manager#139 (2025-12).
        "expected `thinking` or `redacted_thinking`, but found",

        // Moonshot: "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2".
        "reasoning_content is missing in assistant tool call",
    ];

    /// <summary>Whether an upstream's error says that it lacks thoughts, whosever they are.</summary>
    public static bool IsDemand(WireError error) => error.Class == ErrorClass.InvalidRequest && Array.Exists(Demands, wording => Says(error.Message, wording));

    /// <summary>Whether an upstream's error says so.</summary>
    public static bool Matches(WireError error)
    {
        if (IsDemand(error))
            return true;
        if (error.Class is not (ErrorClass.InvalidRequest or ErrorClass.NotFound))
            return false;
        return error.Code is "invalid_encrypted_content" || Array.Exists(Wordings, wording => Says(error.Message, wording));
    }

    private static bool Says(string message, string wording)
    {
        var rest = message.AsSpan();
        foreach (var range in wording.AsSpan().Split('…'))
        {
            var part = wording.AsSpan(range);
            var at = rest.IndexOf(part, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                return false;
            rest = rest[(at + part.Length)..];
        }

        return true;
    }
}
