using System.Collections.Concurrent;
using Trivet.Core.Failures;

namespace Trivet.Core.Upstreams;

/// <summary>
/// What is known of one credential while the gateway runs: whether the upstream takes it at all, and for which models it is limited until when. A dead key
/// rests for every model, a rate limit only for the model that it was told of.
/// </summary>
public sealed class CredentialState(Credential credential)
{
    // A refused credential is tried again after a while: keys get topped up and unblocked, and nobody tells us.
    private const long RefusedMs = 60_000;

    private const long LimitedMs = 500;
    private const long LimitedMsMax = 60_000;

    // Names of models come from clients where an upstream takes any.
    private const int ModelsMax = 256;

    private readonly ConcurrentDictionary<string, long> _limitedUntilMs = new(StringComparer.Ordinal);
    private long _restsUntilMs;
    private int _refusals;

    /// <summary>The credential.</summary>
    public Credential Credential { get; } = credential;

    /// <summary>Why it rests, for people; null when it does not.</summary>
    public string? LastRefusal { get; private set; }

    /// <summary>The upstream refused it when it was last used.</summary>
    public bool IsRefused => Volatile.Read(ref _refusals) > 0;

    /// <summary>Whether it may be used for a model at <paramref name="nowMs"/> (Unix milliseconds).</summary>
    public bool IsReady(string model, long nowMs) => ReadyMs(model) <= nowMs;

    /// <summary>When it may be used again for a model, Unix milliseconds.</summary>
    public long ReadyMs(string model)
    {
        var rests = Volatile.Read(ref _restsUntilMs);
        return !_limitedUntilMs.IsEmpty && _limitedUntilMs.TryGetValue(model, out var limited) ? Math.Max(rests, limited) : rests;
    }

    /// <summary>It worked.</summary>
    public void Succeeded(string model)
    {
        if (!_limitedUntilMs.IsEmpty)
            _limitedUntilMs.TryRemove(model, out _);
        if (Volatile.Read(ref _refusals) == 0)
            return;
        Volatile.Write(ref _refusals, 0);
        LastRefusal = null;
        Volatile.Write(ref _restsUntilMs, 0);
    }

    /// <summary>The upstream limits it for a model (429).</summary>
    public void Limited(string model, TimeSpan? wait, long nowMs)
    {
        if (_limitedUntilMs.Count >= ModelsMax)
            _limitedUntilMs.Clear();
        _limitedUntilMs[model] = nowMs + (wait is { } asked ? Math.Clamp((long)asked.TotalMilliseconds, LimitedMs, LimitedMsMax) : LimitedMs);
    }

    /// <summary>The upstream refused it (401, 402, 403): it rests, longer each time, an hour at most.</summary>
    public void Refused(FailureKind kind, long nowMs)
    {
        var refusals = Math.Min(Interlocked.Increment(ref _refusals), 7);
        LastRefusal = FailureTable.For(kind).Code;
        Volatile.Write(ref _restsUntilMs, nowMs + Math.Min(RefusedMs << (refusals - 1), 3_600_000));
    }
}
