using Trivet.Core.Failures;

namespace Trivet.Core.Upstreams;

/// <summary>What is known of one credential while the gateway runs: whether the upstream takes it, and until when it is limited.</summary>
public sealed class CredentialState(Credential credential)
{
    // A refused credential is tried again after a while: keys get topped up and unblocked, and nobody tells us.
    private const long RefusedMs = 60_000;

    private long _restsUntilMs;
    private int _refusals;

    /// <summary>The credential.</summary>
    public Credential Credential { get; } = credential;

    /// <summary>Why it rests, for people; null when it does not.</summary>
    public string? LastRefusal { get; private set; }

    /// <summary>Whether it may be used at <paramref name="nowMs"/> (Unix milliseconds).</summary>
    public bool IsReady(long nowMs) => Volatile.Read(ref _restsUntilMs) <= nowMs;

    /// <summary>When it may be used again, Unix milliseconds.</summary>
    public long RestsUntilMs => Volatile.Read(ref _restsUntilMs);

    /// <summary>It worked.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref _refusals) == 0)
            return;
        Volatile.Write(ref _refusals, 0);
        LastRefusal = null;
        Volatile.Write(ref _restsUntilMs, 0);
    }

    /// <summary>The upstream refused it (401, 402, 403): it rests, longer each time, an hour at most.</summary>
    public void Refused(FailureKind kind, long nowMs)
    {
        var refusals = Math.Min(Interlocked.Increment(ref _refusals), 7);
        LastRefusal = FailureTable.For(kind).Code;
        Volatile.Write(ref _restsUntilMs, nowMs + Math.Min(RefusedMs << (refusals - 1), 3_600_000));
    }
}
