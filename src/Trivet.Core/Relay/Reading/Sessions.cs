using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Reading;

/// <summary>Which conversation a request belongs to: by the session header that agents send, else by how the conversation begins.</summary>
internal static class Sessions
{
    // Claude Code, Codex, opencode, and anybody (WIRE_FACTS §3.7, observed 2026-11-22).
    private static readonly string[] Headers = ["x-claude-code-session-id", "session-id", "x-session-affinity", "x-session-id", "x-trivet-session"];

    /// <summary>The session's id where the client named one, and a hash that is the same for all requests of the conversation; 0 where nothing tells.</summary>
    public static (string Id, ulong Hash) Find(RelayCall call)
    {
        foreach (var name in Headers)
        {
            if (call.Client.Header(name) is { Length: > 0 and <= 256 } id)
                return (id, Hash(call.Key!.Id, id));
        }

        // What the client itself says belongs together: OpenAI's vendors keep one cache for it.
        if (call.Scan.TryGetField(call.Body.WrittenSpan, "prompt_cache_key"u8, out var field) && field.ValueLength is > 2 and <= 512)
        {
            var hash = new PrefixHash();
            hash.Add(call.Body.WrittenSpan.Slice(field.ValueStart, field.ValueLength));
            return ("", hash.Value ^ Hash(call.Key!.Id, "prompt_cache_key"));
        }

        return ("", call.Scan.PrefixHash == 0 ? 0 : call.Scan.PrefixHash ^ Hash(call.Key!.Id, ""));
    }

    private static ulong Hash(string key, string id)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in key)
            hash = (hash ^ c) * 1099511628211UL;
        foreach (var c in id)
            hash = (hash ^ c) * 1099511628211UL;
        return hash == 0 ? 1 : hash;
    }
}
