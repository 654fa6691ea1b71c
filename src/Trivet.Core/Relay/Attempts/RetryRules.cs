using Trivet.Core.Failures;
using Trivet.Core.Routing;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Relay.Attempts;

/// <summary>What is tried after a failure: the failure table's advice, bounded by the route's patience and the upstream's budget of retries.</summary>
internal static class RetryRules
{
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(100);

    // An upstream that limits and names no wait: half a second, then twice as long each time; with two retries at most, four tries never fall into three seconds.
    private static readonly TimeSpan LimitedPause = TimeSpan.FromMilliseconds(600);
    private const int LimitedTriesMax = 3;
    private const int LimitedTriesBeforeOthers = 2;

    // What an upstream asks for is kept, and a little more: many retry at the same instant.
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(50);

    /// <summary>Decides. <see cref="RetryAdvice.HereWithoutThoughts"/> and <see cref="RetryAdvice.HereToldWhy"/> are the loop's own.</summary>
    /// <param name="failure">What failed.</param>
    /// <param name="config">The route's patience.</param>
    /// <param name="triesHere">Attempts at this offering so far.</param>
    /// <param name="hasOthers">Other candidates are left.</param>
    /// <param name="hasOtherCredential">Another credential of the upstream is ready for the model.</param>
    /// <param name="budget">The upstream's.</param>
    public static NextMove Decide(Failure failure, RetryConfig config, int triesHere, bool hasOthers, bool hasOtherCredential, RetryBudget budget)
    {
        var move = Advise(failure, config, triesHere, hasOthers, hasOtherCredential);
        return move.Where != NextPlace.Here || budget.TryTake(config.BudgetFloor) ? move : NextMove.On;
    }

    /// <summary>The pause before an offering is asked again after all others.</summary>
    public static TimeSpan BeforeComingBack() => Jitter(ShortPause);

    private static NextMove Advise(Failure failure, RetryConfig config, int triesHere, bool hasOthers, bool hasOtherCredential)
    {
        switch (failure.Rule.Retry)
        {
            case RetryAdvice.Never:
                return NextMove.Stop;
            case RetryAdvice.HereOnce:
                return triesHere > 1 || failure.RetryAfter > config.WaitMax ? NextMove.On : NextMove.Here(Pause(failure.RetryAfter));
            case RetryAdvice.ElsewhereElseHere:
                return hasOthers || triesHere > 1 ? NextMove.On : NextMove.Here(Jitter(ShortPause));
            case RetryAdvice.OtherCredential:
                return hasOtherCredential ? NextMove.HereWithOtherKey : NextMove.On;
            case RetryAdvice.AfterWait:
                return AfterLimit(failure, config, triesHere, hasOthers, hasOtherCredential);
            default:
                return NextMove.On;
        }
    }

    private static NextMove AfterLimit(Failure failure, RetryConfig config, int triesHere, bool hasOthers, bool hasOtherCredential)
    {
        // A short wait keeps the account, and with it the prompt cache that is warm there.
        if (failure.RetryAfter is { } asked && asked > TimeSpan.Zero)
        {
            if (asked <= config.WaitMax && triesHere <= 2)
                return NextMove.Here(asked + Jitter(Margin));
            return hasOtherCredential ? NextMove.HereWithOtherKey : NextMove.On;
        }

        if (hasOtherCredential)
            return NextMove.HereWithOtherKey;
        return triesHere < (hasOthers ? LimitedTriesBeforeOthers : LimitedTriesMax) ? NextMove.Here(Jitter(LimitedPause * (1 << (triesHere - 1)))) : NextMove.On;
    }

    private static TimeSpan Pause(TimeSpan? asked) => asked > ShortPause ? asked.Value + Jitter(Margin) : Jitter(ShortPause);

    // Half to one and a half of it.
    private static TimeSpan Jitter(TimeSpan wait) => wait * (0.5 + Random.Shared.NextDouble());
}

/// <summary>Where the next attempt goes.</summary>
internal enum NextPlace : byte
{
    /// <summary>To the next candidate.</summary>
    Elsewhere,

    /// <summary>To the same offering.</summary>
    Here,

    /// <summary>Nowhere.</summary>
    Nowhere,
}

/// <summary>The next attempt.</summary>
/// <param name="Where">Where it goes.</param>
/// <param name="Wait">How long to wait before it.</param>
/// <param name="OtherKey">With another credential.</param>
internal readonly record struct NextMove(NextPlace Where, TimeSpan Wait, bool OtherKey)
{
    public static NextMove Stop => new(NextPlace.Nowhere, TimeSpan.Zero, false);

    public static NextMove On => default;

    public static NextMove HereWithOtherKey => new(NextPlace.Here, TimeSpan.Zero, true);

    public static NextMove Here(TimeSpan wait) => new(NextPlace.Here, wait, false);
}
