using System.Collections.Concurrent;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Relay.Hedging;

/// <summary>
/// Conversations whose upstream lost a race because it was slow: for a while they go first where they went then, and their prompt cache is warm there by now. Of this
/// process alone, bounded. Safe for concurrent use.
/// </summary>
internal sealed class SlowSessions
{
    private const long RememberedMs = 5 * 60_000; // as long as a prompt cache commonly lives
    private const int SessionsMax = 4096;

    private readonly ConcurrentDictionary<ulong, Slow> _sessions = new();

    /// <summary>The offering was slow for this session; 0 is none.</summary>
    public void Note(ulong session, Offering slow, Offering instead, long nowMs)
    {
        if (session == 0)
            return;
        if (_sessions.Count >= SessionsMax)
            Forget(nowMs);
        _sessions[session] = new Slow(slow.Id, instead.Id, nowMs + RememberedMs);
    }

    /// <summary>Puts the one that was faster before the one that was slow, if it is fit. True where that changed who is first.</summary>
    public bool Reorder(ulong session, List<Offering> order, long nowMs, Func<Offering, bool> isFit)
    {
        if (session == 0 || order.Count < 2 || !_sessions.TryGetValue(session, out var slow) || slow.UntilMs <= nowMs || order[0].Id != slow.Id)
            return false;
        var at = order.FindIndex(offering => offering.Id == slow.Instead);
        if (at < 0)
            return false;
        var instead = order[at];
        if (!isFit(instead))
            return false;
        order.RemoveAt(at);
        order.Insert(0, instead);
        return true;
    }

    private void Forget(long nowMs)
    {
        foreach (var (session, slow) in _sessions)
        {
            if (slow.UntilMs <= nowMs)
                _sessions.TryRemove(session, out _);
        }

        if (_sessions.Count >= SessionsMax)
            _sessions.Clear(); // thousands within minutes: what is lost is a preference
    }

    private sealed record Slow(string Id, string Instead, long UntilMs);
}
