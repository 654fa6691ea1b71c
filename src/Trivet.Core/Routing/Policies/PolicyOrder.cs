using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Caps;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Routing.Policies;

/// <summary>
/// One decision by a policy: appraises the candidates, puts them in order and says how it came to that. In this order counts: not quarantined; able to do what the request needs; not out; floors, as far as the policy lets
/// them be given up; steady and not suspicious; what the operator prefers for the task; no more than its share of the load, where the policy balances; and then the aim. Among those that the aim cannot tell apart the
/// conversation's last place is kept, and without one the less loaded of two drawn at random goes first.
/// </summary>
internal sealed class PolicyOrder(HealthBoard health, RoutingMemory memory)
{
    /// <summary>What is nearer than this to the least loss is as good.</summary>
    private const double NearShare = 0.01;

    /// <summary>What must be gained before a conversation moves; the cache that it loses is in the cost already.</summary>
    private const double StayShare = 0.1;

    /// <summary>An offering whose prompt cache is the warmest may be this much further above its share.</summary>
    private const double WarmExcess = 0.5;

    /// <summary>The system's prompt is warm everywhere soon; only what is more than that holds a conversation.</summary>
    private const int WarmPiecesMin = 1;

    [ThreadStatic]
    private static Candidate[]? _room;

    /// <summary>The candidates of one decision, best first; valid until the next one on this thread.</summary>
    public Span<Candidate> Decide(ResolvedRoute route, PolicyConfig policy, in RoutingQuestion question)
    {
        var offerings = route.Candidates;
        var incumbent = memory.Sessions.Find(question.SessionHash, question.NowMs);
        if (_room is null || _room.Length < offerings.Length)
            _room = new Candidate[Math.Max(32, offerings.Length)];
        var candidates = _room.AsSpan(0, offerings.Length);
        for (var i = 0; i < offerings.Length; i++)
        {
            ref var candidate = ref candidates[i];
            candidate = default;
            candidate.Offering = offerings[i];
            candidate.Health = health.For(offerings[i].Id);
            candidate.Health.Want(question.NowMs);
            candidate.Memory = memory.For(offerings[i]);
            candidate.Standing = Standings.Of(candidate.Health, question.NowMs);
            candidate.IsIncumbent = incumbent is not null && string.Equals(incumbent, candidate.Offering.Id, StringComparison.Ordinal);
            if (candidate.Standing < Standing.Limited)
                Cap(ref candidate, question);
            candidate.Covers = Capabilities.Cover(offerings[i], question.Features, question.ClientProtocol) && !(offerings[i].Price.Model?.ContextTokensMax < question.PromptTokens);
        }

        Appraisal.Measure(candidates, policy, question);
        Weigh(candidates, route, policy, question);
        Sort(candidates, question.NowMs);
        Settle(candidates, question);
        return candidates;
    }

    // Vendors limit credentials: of several, what one of them said is nothing to the others.
    private void Cap(ref Candidate candidate, in RoutingQuestion question)
    {
        var upstream = candidate.Offering.Upstream;
        var room = memory.PlanOf(upstream)?.RoomFor(candidate.Offering.Model, question.PromptTokens, question.NowMs, candidate.IsIncumbent) ?? PlanRoom.Ample;
        if (room == PlanRoom.Spent || (upstream.Credentials.Count <= 1 && candidate.Memory.Limit.IsReached(question.PromptTokens, question.NowMs)))
            candidate.Standing = Standing.Limited;
        else if (room == PlanRoom.Ahead && candidate.Standing == Standing.Well)
            candidate.Standing = Standing.Ahead;
    }

    private void Weigh(Span<Candidate> candidates, ResolvedRoute route, PolicyConfig policy, in RoutingQuestion question)
    {
        var preferred = policy.Tasks.Count > 0 ? policy.Tasks.GetValueOrDefault(question.Task) : null;
        if (preferred is null && policy.Difficulty is { } difficulty && question.IsHard is { } isHard)
            preferred = isHard ? difficulty.Strong : difficulty.Weak;
        var bestQuality = double.NegativeInfinity;
        foreach (ref var candidate in candidates)
        {
            if (route.Evidence is { } own && !ReferenceEquals(own, policy))
                candidate.Failed |= Appraisal.Places(candidate.Offering, own.Floors);
            candidate.Level = Ranks.LevelOf(candidate, policy, route.Evidence);
            candidate.TaskRank = preferred is null ? (byte)0 : TaskPreferences.RankOf(candidate.Offering, preferred);
            if (candidate.Level == 0 && candidate.Standing < Standing.Doubtful)
                bestQuality = Math.Max(bestQuality, Ranks.Worth(candidate));
        }

        if (policy.BalancePercent is { } percent)
            Balance(candidates, percent / 100.0, question.NowMs);
        foreach (ref var candidate in candidates)
        {
            candidate.Loss = Ranks.LossOf(candidate, policy, bestQuality);
            if (candidate.IsIncumbent && candidate.Loss < Ranks.UnknownLoss)
                candidate.Loss *= 1 - StayShare;
            candidate.Rank = Ranks.Of(candidate);
        }
    }

    // Who is ahead of its fair share by more than it may be is passed over for work that can as well go elsewhere: among those that nothing but the aim tells apart.
    private static void Balance(Span<Candidate> candidates, double excess, long nowMs)
    {
        var best = uint.MaxValue;
        foreach (ref readonly var candidate in candidates)
            best = Math.Min(best, Ranks.Of(candidate));
        var (sum, count, most, least) = (0.0, 0, 0, int.MaxValue);
        foreach (ref var candidate in candidates)
        {
            if (Ranks.Of(candidate) != best)
                continue;
            sum += candidate.Load = candidate.Memory.Load(nowMs);
            count++;
            (most, least) = (Math.Max(most, candidate.WarmPieces), Math.Min(least, candidate.WarmPieces));
        }

        foreach (ref var candidate in candidates)
        {
            if ((Ranks.Of(candidate) & ~Ranks.OverShareBit) != best)
                continue;
            var isWarmest = candidate.WarmPieces == most && most > least + WarmPiecesMin;
            candidate.IsOverShare = candidate.Load > sum / count * (1 + (isWarmest ? Math.Max(WarmExcess, excess) : excess));
        }
    }

    // Insertion keeps the operator's order among equals; candidates are few. By index, because a candidate is large.
    private static void Sort(Span<Candidate> candidates, long nowMs)
    {
        for (var i = 1; i < candidates.Length; i++)
        {
            if (Compare(candidates[i - 1], candidates[i], nowMs) <= 0)
                continue;
            var moved = candidates[i];
            var at = i;
            do
            {
                candidates[at] = candidates[at - 1];
                at--;
            }
            while (at > 0 && Compare(candidates[at - 1], moved, nowMs) > 0);
            candidates[at] = moved;
        }
    }

    private static int Compare(in Candidate one, in Candidate other, long nowMs)
    {
        if (one.Rank != other.Rank)
            return one.Rank.CompareTo(other.Rank);
        var byHealth = one.Standing == other.Standing ? Standings.Compare(one.Standing, one.Health, other.Health, nowMs) : 0;
        return byHealth != 0 ? byHealth : one.Loss.CompareTo(other.Loss);
    }

    // Those that are as good as the first: who has the conversation, else the less loaded of two.
    private static void Settle(Span<Candidate> candidates, in RoutingQuestion question)
    {
        var near = 1;
        var limit = candidates[0].Loss * (1 + NearShare);
        while (near < candidates.Length && candidates[near].Rank == candidates[0].Rank && candidates[near].Loss <= limit && candidates[near].Standing == Standing.Well)
            near++;
        if (near == 1 || candidates[0].Standing != Standing.Well || candidates[0].Loss >= Ranks.UnknownLoss)
            return;
        var chosen = -1;
        for (var i = 0; i < near; i++)
        {
            if (candidates[i].IsIncumbent)
                chosen = i;
        }

        if (chosen < 0)
        {
            var draw = question.Draw;
            chosen = (int)(draw % (uint)near);
            var second = (int)((draw >> 32) % (uint)(near - 1));
            second += second >= chosen ? 1 : 0;
            if (IsLessLoaded(candidates[second], candidates[chosen], question.NowMs))
                chosen = second;
        }

        if (chosen > 0)
            (candidates[0], candidates[chosen]) = (candidates[chosen], candidates[0]);
    }

    private static bool IsLessLoaded(in Candidate one, in Candidate other, long nowMs) =>
        one.Memory.InFlight != other.Memory.InFlight ? one.Memory.InFlight < other.Memory.InFlight : one.Memory.Load(nowMs) < other.Memory.Load(nowMs);
}
