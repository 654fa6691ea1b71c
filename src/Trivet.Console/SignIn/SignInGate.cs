using System.Net;
using Trivet.Core.Failures;
using Trivet.Core.Users;

namespace Trivet.WebConsole.SignIn;

/// <summary>
/// Slows down whoever guesses passwords: after some failures each further try has to wait, twice as long each time. Failures at a name from one address count soonest, so that who fails at a name on purpose keeps themselves
/// waiting and not its owner; those of an address at any names later; those at a name from anywhere last, and from where its owner has signed in before they do not count at all. One password is hashed at a time, so that
/// guessing takes no more than a core from the relay, and one more of somebody who has signed in from there before, so that a crowd of strangers does not stand in their way.
/// </summary>
internal sealed class SignInGate(UserAdmin users, TimeProvider time) : IDisposable
{
    private const int KnownMax = 10_000;

    /// <summary>So many strangers wait for their turn at most; it is about three seconds then.</summary>
    private const int WaitingMax = 16;

    private static readonly TimeSpan WaitFirst = TimeSpan.FromSeconds(5);

    /// <summary>Without a failure for so long they begin anew.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guesser, (int Failures, DateTimeOffset Until)> _known = [];
    private readonly Dictionary<Guesser, DateTimeOffset> _familiar = [];
    private readonly SemaphoreSlim _strangers = new(1);
    private readonly SemaphoreSlim _familiars = new(1);
    private int _waiting;

    /// <summary>Tries to sign in. The cookie; null where name or password is wrong, and then how long to wait where it is too early to try.</summary>
    public async ValueTask<(StoreOutcome<string?> Cookie, TimeSpan? Wait)> TryAsync(IPAddress address, string name, string password, CancellationToken cancellationToken)
    {
        var (from, at) = (ClientNetwork.Of(address), name.Trim().ToLowerInvariant());
        Guesser[] who = [new(from, at), new(from, null), new(null, at)];
        if (Wait(who) is { } wait)
            return ((string?)null, wait);
        if (IsFamiliar(who[0]))
            return await InTurnAsync(_familiars, who, name, password, cancellationToken);
        try
        {
            return Interlocked.Increment(ref _waiting) > WaitingMax ? ((string?)null, WaitFirst) : await InTurnAsync(_strangers, who, name, password, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose()
    {
        _strangers.Dispose();
        _familiars.Dispose();
    }

    private async ValueTask<(StoreOutcome<string?> Cookie, TimeSpan? Wait)> InTurnAsync(SemaphoreSlim turn, Guesser[] who, string name, string password, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            // Whoever sent many at once meets the failures of the first here.
            if (Wait(who) is { } nowWait)
                return ((string?)null, nowWait);
            var outcome = await users.SignInAsync(name, password, cancellationToken);
            if (outcome.IsSuccess)
                Note(who, isRight: outcome.Value is not null);
            return (outcome, null);
        }
        finally
        {
            turn.Release();
        }
    }

    private bool IsFamiliar(Guesser guesser)
    {
        lock (_gate)
            return _familiar.ContainsKey(guesser);
    }

    private TimeSpan? Wait(Guesser[] who)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var counting = _familiar.ContainsKey(who[0]) ? who[..2] : who;
            var until = counting.Max(one => _known.TryGetValue(one, out var known) ? known.Until : default);
            return until > now ? until - now : null;
        }
    }

    private void Note(Guesser[] who, bool isRight)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (isRight)
            {
                // Only at this name from here: an account of one's own must not buy further guesses at others'.
                _known.Remove(who[0]);
                if (_familiar.Count >= KnownMax)
                    _familiar.Remove(_familiar.MinBy(one => one.Value).Key);
                _familiar[who[0]] = now;
                return;
            }

            if (_known.Count >= KnownMax)
                Forget(now);
            foreach (var one in who)
            {
                var failures = _known.TryGetValue(one, out var known) && known.Until > now - Forgotten ? known.Failures + 1 : 1;
                _known[one] = (failures, now + one.WaitAfter(failures));
            }
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (one, known) in _known.ToList())
        {
            if (known.Until <= now)
                _known.Remove(one);
        }
    }

    /// <summary>Whose failures are counted together: an address's, a name's, or those of an address at a name.</summary>
    private readonly record struct Guesser(IPAddress? From, string? At)
    {
        public TimeSpan WaitAfter(int failures)
        {
            // A name's waits are short: who has many addresses makes its owner wait too, where the owner is new to that place.
            var (free, longest) = (From, At) switch
            {
                (not null, not null) => (5, TimeSpan.FromMinutes(15)),
                (not null, null) => (20, TimeSpan.FromMinutes(15)),
                _ => (50, TimeSpan.FromMinutes(1)),
            };
            return failures < free ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(WaitFirst.Ticks << Math.Min(failures - free, 20), longest.Ticks));
        }
    }
}
