using System.Security.Cryptography;
using System.Text;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Tokens;

/// <summary>
/// The sandbox's prompt cache: prefixes it has seen, per model and account, until they expire. Explicit breakpoints write and bill a write;
/// automatic caching (models with <c>-cached</c>) stores every prefix for five minutes and bills reads only.
/// </summary>
internal sealed class PromptCache(TimeProvider time)
{
    private const int EntriesMax = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _prefixes = [];

    /// <summary>Splits the input of <paramref name="ask"/> into fresh, read and written tokens, and remembers what it writes.</summary>
    public SandboxUsage Split(Ask ask, bool automatic)
    {
        var hasMarks = ask.Tools.Exists(t => t.Cache != CacheMark.None) || ask.System.Exists(p => p.Cache != CacheMark.None)
            || ask.Turns.Exists(t => t.Parts.Exists(p => p.Cache != CacheMark.None));
        if (!hasMarks && !automatic)
        {
            return new SandboxUsage(TokenCounter.Input(ask), 0, 0, 0, 0, 0);
        }

        var prefixes = Prefixes(ask);
        var total = prefixes.Count == 0 ? 0 : prefixes[^1].Tokens;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var lastMark = automatic ? prefixes.Count - 1 : prefixes.FindLastIndex(p => p.Cache != CacheMark.None);
            var hit = -1;
            for (var i = lastMark; i >= 0 && hit < 0; i--)
            {
                hit = _prefixes.TryGetValue(prefixes[i].Hash, out var expiry) && expiry > now ? i : -1;
            }

            var read = hit < 0 ? 0 : prefixes[hit].Tokens;
            var (write5m, write1h) = Write(prefixes, hit, automatic, now);
            return new SandboxUsage(total - read - write5m - write1h, read, write5m, write1h, 0, 0);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _prefixes.Clear();
        }
    }

    private (int FiveMinutes, int OneHour) Write(List<Prefix> prefixes, int hit, bool automatic, DateTimeOffset now)
    {
        if (_prefixes.Count > EntriesMax)
        {
            _prefixes.Clear();
        }

        int fiveMinutes = 0, oneHour = 0, from = hit < 0 ? 0 : prefixes[hit].Tokens;
        for (var i = 0; i < prefixes.Count; i++)
        {
            var mark = automatic ? CacheMark.FiveMinutes : prefixes[i].Cache;
            if (mark == CacheMark.None)
            {
                continue;
            }

            var expiry = now + (mark == CacheMark.OneHour ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(5));
            _prefixes[prefixes[i].Hash] = expiry;
            if (automatic || i <= hit)
            {
                continue;
            }

            var written = prefixes[i].Tokens - from;
            from = prefixes[i].Tokens;
            fiveMinutes += mark == CacheMark.FiveMinutes ? written : 0;
            oneHour += mark == CacheMark.OneHour ? written : 0;
        }

        return (fiveMinutes, oneHour);
    }

    private static List<Prefix> Prefixes(Ask ask)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(ask.Model + "\n" + ask.Account));
        var prefixes = new List<Prefix>();
        var tokens = 0;
        foreach (var piece in TokenCounter.Pieces(ask))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(piece.Label + "\n" + piece.Text + "\0"));
            tokens += piece.Tokens;
            prefixes.Add(new Prefix(Convert.ToHexString(hash.GetCurrentHash()), tokens, piece.Cache));
        }

        return prefixes;
    }

    private readonly record struct Prefix(string Hash, int Tokens, CacheMark Cache);
}
