using Trivet.Core.Failures;
using Trivet.Core.Users;

namespace Trivet.WebConsole.SignIn;

/// <summary>
/// Slows down whoever guesses passwords: five failures from one address, or at one name, and each further try has to wait, twice as long each time, up to a quarter of
/// an hour. One password is hashed at a time, so that guessing takes no more than a core from the relay.
/// </summary>
internal sealed class SignInGate(UserAdmin users, TimeProvider time) : IDisposable
{
    private const int FreeFailures = 5;
    private const int KnownMax = 10_000;
    private static readonly TimeSpan WaitFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Failures, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _hashing = new(1);

    /// <summary>Tries to sign in. The cookie; null where name or password is wrong, and then how long to wait where it is too early to try.</summary>
    public async ValueTask<(StoreOutcome<string?> Cookie, TimeSpan? Wait)> TryAsync(string address, string name, string password, CancellationToken cancellationToken)
    {
        string[] who = ["address " + address, "name " + name.ToLowerInvariant()];
        if (Wait(who) is { } wait)
            return ((string?)null, wait);
        await _hashing.WaitAsync(cancellationToken);
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
            _hashing.Release();
        }
    }

    public void Dispose() => _hashing.Dispose();

    private TimeSpan? Wait(string[] who)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var until = who.Max(one => _known.TryGetValue(one, out var known) ? known.Until : default);
            return until > now ? until - now : null;
        }
    }

    private void Note(string[] who, bool isRight)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            foreach (var one in who)
            {
                if (isRight)
                {
                    _known.Remove(one);
                    continue;
                }

                if (_known.Count >= KnownMax)
                    Forget(now);
                var failures = _known.TryGetValue(one, out var known) && known.Until > now - WaitMax ? known.Failures + 1 : 1;
                var wait = failures < FreeFailures ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(WaitFirst.Ticks << Math.Min(failures - FreeFailures, 20), WaitMax.Ticks));
                _known[one] = (failures, now + wait);
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
}
