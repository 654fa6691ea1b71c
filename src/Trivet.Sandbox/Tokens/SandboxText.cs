using System.Collections.Concurrent;
using System.Text;

namespace Trivet.Sandbox.Tokens;

/// <summary>Deterministic filler text of an exact number of tokens. The same seed and length always give the same text.</summary>
internal sealed class SandboxText(long seed)
{
    public static readonly string[] Words =
    [
        "sand", "box", "grain", "shore", "tide", "dune", "shell", "castle", "wave", "pebble", "drift", "harbour", "lantern", "rope", "anchor", "sail",
        "north", "slow", "quiet", "amber", "plain", "steady", "level", "open", "carries", "keeps", "holds", "turns", "meets", "follows", "counts", "answers",
        "under", "over", "beside", "before", "after", "within", "the", "a", "one", "every", "and", "or", "so", "then", "while", "until",
    ];

    private readonly ConcurrentDictionary<int, string> _cache = new();

    public string OfLength(int tokens)
    {
        if (tokens <= 0)
        {
            return "";
        }

        // Only short texts are kept: benchmarks ask for the same few lengths over and over.
        return tokens <= 4096 ? _cache.GetOrAdd(tokens, Make) : Make(tokens);
    }

    private string Make(int tokens)
    {
        var text = new StringBuilder(tokens * 6);
        var state = (ulong)seed * 0x9E3779B97F4A7C15 + (ulong)tokens + 1;
        var sentence = 0;
        for (var i = 0; i < tokens; i++)
        {
            if (sentence >= 8)
            {
                text.Append('.');
                sentence = 0;
                continue;
            }

            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            var word = Words[state % (ulong)Words.Length];
            if (text.Length > 0)
            {
                text.Append(' ');
            }

            text.Append(sentence == 0 ? char.ToUpperInvariant(word[0]) : word[0]).Append(word, 1, word.Length - 1);
            sentence++;
        }

        return text.ToString();
    }
}
