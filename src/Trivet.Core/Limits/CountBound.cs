namespace Trivet.Core.Limits;

/// <summary>What is counted.</summary>
internal enum CountKind
{
    /// <summary>Requests that begin in a minute.</summary>
    Requests,

    /// <summary>Tokens that are used in a minute.</summary>
    Tokens,

    /// <summary>Requests that run at the same time.</summary>
    Running,
}

/// <summary>
/// A limit on requests or tokens of a minute, or on requests at a time, that several nodes keep together: the same leases as for money, of units. What is used of a minute's lease is never given back,
/// so what nodes hold of a minute is what they used or may use, and all of it together is within the limit.
/// </summary>
internal sealed class CountBound(CountKind kind, string organisation, string team, string keyId, long limit, TimeProvider time)
{
    private const long MinuteMs = 60_000;

    /// <summary>A node keeps one part in so many of a limit ready at most: the others want some, too, and a minute is short.</summary>
    private const int KeptDivisor = 16;

    private readonly Lock _gate = new();
    private AllowanceState? _current;

    public CountKind Kind => kind;

    public long Limit => limit;

    /// <summary>The state of the minute (UTC) that a time (Unix milliseconds) lies in; of requests at a time there is one.</summary>
    public AllowanceState At(long nowMs)
    {
        var startsMs = kind == CountKind.Running ? 0 : nowMs - nowMs % MinuteMs;
        var current = Volatile.Read(ref _current);
        if (current is not null && current.Spec.StartsMs == startsMs)
            return current;
        lock (_gate)
        {
            if (_current is { } there && there.Spec.StartsMs == startsMs)
                return there;
            var endsMs = startsMs == 0 ? 0 : startsMs + MinuteMs;
            var id = string.Create(null, stackalloc char[128], $"{AllowanceSpec.CountPrefix}{kind}/{organisation}/{(team.Length == 0 ? "-" : team)}/{(keyId.Length == 0 ? "-" : keyId)}/{startsMs}");
            var made = new AllowanceState(new AllowanceSpec(id, limit, startsMs, endsMs, organisation, team, keyId, ""), time, Math.Max(1, limit / KeptDivisor));
            Volatile.Write(ref _current, made);
            return made;
        }
    }

    /// <summary>How many units a request of so many tokens takes.</summary>
    public long UnitsOf(long tokens) => kind == CountKind.Tokens ? Math.Min(Math.Max(1, tokens), limit) : 1; // one that is larger than the limit would never be, else
}
