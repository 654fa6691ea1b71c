using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Assistant;

/// <summary>Makes ids: unique within a sandbox, recognisable as its own, in the shape a style asks for.</summary>
internal sealed class CallIds(long seed)
{
    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A tool-call id; <paramref name="nativePrefix"/> is the protocol's own.</summary>
    public string Next(IdStyle style, string nativePrefix, string tool, string requestId, int index) => style switch
    {
        IdStyle.Functions => $"functions.{tool}:{index}",
        IdStyle.Short => Random(requestId, index, 9),
        IdStyle.Negative => "call_-" + (Hash(requestId, index) % 9_000_000_000_000_000_000 + 1),
        IdStyle.Vllm => "chatcmpl-tool-" + Hash(requestId, index).ToString("x16") + Hash(requestId, ~index).ToString("x16"),
        _ => nativePrefix + Random(requestId, index, 24),
    };

    public string Random(string requestId, int index, int length)
    {
        return string.Create(length, Hash(requestId, index), static (span, state) =>
        {
            foreach (ref var c in span)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                c = Letters[(int)(state % (ulong)Letters.Length)];
            }
        });
    }

    private ulong Hash(string requestId, int index)
    {
        // FNV-1a: stable across processes, unlike string.GetHashCode.
        var hash = 14695981039346656037UL ^ (ulong)seed;
        foreach (var c in requestId)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        hash = (hash ^ (uint)index) * 1099511628211UL;
        return hash == 0 ? 1 : hash;
    }
}
