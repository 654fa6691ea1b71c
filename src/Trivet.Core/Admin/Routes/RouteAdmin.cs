using System.Diagnostics.CodeAnalysis;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Yaml;

namespace Trivet.Core.Admin.Routes;

/// <summary>
/// Where requests go and why, for people: explains a decision by the code that makes it, and plays the attempts of the last hours again under another policy. In the server's process it knows what the server knows;
/// elsewhere it reads the books.
/// </summary>
/// <param name="snapshot">The configuration as it is when asked.</param>
/// <param name="attempts">The books.</param>
/// <param name="time">The clock.</param>
/// <param name="scorecards">The scorecards as kept; null: the books alone tell.</param>
/// <param name="health">The running server's; null elsewhere.</param>
/// <param name="memory">The same.</param>
public sealed class RouteAdmin(Func<GatewaySnapshot> snapshot, IAttemptLog attempts, TimeProvider time, IScorecardStore? scorecards = null, HealthBoard? health = null, RoutingMemory? memory = null)
{
    /// <summary>How far back the books are read for evidence.</summary>
    public static readonly TimeSpan EvidenceSpan = TimeSpan.FromHours(24);

    /// <summary>Attempts that are looked at at most, the newest: a page must not take longer than somebody waits.</summary>
    public const int AttemptsMax = 20_000;

    /// <summary>Explains where a request would go now.</summary>
    public async ValueTask<StoreOutcome<RouteExplanation>> ExplainAsync(RouteAsk ask, CancellationToken cancellationToken)
    {
        var now = ask.TrialIn ?? snapshot();
        if (!TryFind(now, ask.Model, ask.Policy, out var route, out var policy, out var problem))
            return new RouteExplanation(null, problem);
        policy = ask.Trial ?? policy;
        var question = new RoutingQuestion(0, NowMs, ask.Features, ask.Protocol)
        {
            Policy = policy,
            PromptTokens = ask.PromptTokens,
            MaxOutputTokens = ask.MaxOutputTokens,
            IsStream = ask.IsStream,
            Task = ask.Task,
            Fx = now.Prices.Fx,
        };
        if (health is not null)
            return new RouteExplanation(new Router(health, memory).Explain(route, question), null) { Route = route.Name, IsLive = true };

        var read = await attempts.ReadAsync(NowMs - (long)EvidenceSpan.TotalMilliseconds, AttemptsMax, null, cancellationToken);
        if (read.Fault is { } fault)
            return fault;
        var evidence = new BookEvidence();
        var candidates = Candidates(route);
        var count = 0;
        foreach (var attempt in read.Value)
        {
            if (!candidates.TryGetValue(IdOf(attempt), out var offering))
                continue;
            evidence.Note(attempt, offering);
            count++;
        }

        if (await TakeKeptAsync(evidence, candidates, cancellationToken) is { } unread)
            return unread;
        return new RouteExplanation(new Router(evidence.Health, evidence.Memory).Explain(route, question), null) { Route = route.Name, Attempts = count };
    }

    /// <summary>
    /// Plays the requests of a route since a time again under a policy, which learns on the way what the attempts that were made tell, and not what those would have told that it chooses. A conversation that stays where
    /// the replay put it is taken to read from the cache what it did read; one that moves reads nothing.
    /// </summary>
    public async ValueTask<StoreOutcome<RouteReplayOutcome>> ReplayAsync(string model, string policyName, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var now = snapshot();
        return TryFind(now, model, policyName, out var route, out var policy, out var problem)
            ? await ReplayAsync(now, route, policy!, since, cancellationToken)
            : new RouteReplayOutcome(null, problem);
    }

    /// <summary>The same under a policy that is not in force: one that is being written.</summary>
    /// <param name="model">Whose traffic.</param>
    /// <param name="trial">The policy.</param>
    /// <param name="since">From when.</param>
    /// <param name="trialIn">A configuration that is not in force either, in which the route is being written; null: what is in force.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<StoreOutcome<RouteReplayOutcome>> ReplayAsync(string model, PolicyConfig trial, DateTimeOffset since, GatewaySnapshot? trialIn, CancellationToken cancellationToken)
    {
        var now = trialIn ?? snapshot();
        return TryFind(now, model, null, out var route, out _, out var problem)
            ? await ReplayAsync(now, route, trial, since, cancellationToken)
            : new RouteReplayOutcome(null, problem);
    }

    private async ValueTask<StoreOutcome<RouteReplayOutcome>> ReplayAsync(GatewaySnapshot now, ResolvedRoute route, PolicyConfig policy, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var read = await attempts.ReadAsync(since.ToUnixTimeMilliseconds(), AttemptsMax, route.Name, cancellationToken);
        if (read.Fault is { } fault)
            return fault;
        var replay = new PolicyReplay(now, route, policy);
        if (health is not null)
            replay.TakeStandings(health);
        foreach (var request in read.Value.GroupBy(attempt => attempt.RequestId))
            replay.Play([.. request.OrderBy(attempt => attempt.Ordinal)]);
        return new RouteReplayOutcome(replay.Result() with { FromMs = read.Value.Count == 0 ? null : read.Value.Min(attempt => attempt.StartedMs), IsCut = read.Value.Count == AttemptsMax }, null);
    }

    // The kept card is the better witness of what both know, and the only one of the checks of answers.
    private async ValueTask<StoreFault?> TakeKeptAsync(BookEvidence evidence, Dictionary<string, Offering> candidates, CancellationToken cancellationToken)
    {
        if (scorecards is null)
            return null;
        var rows = await scorecards.LoadAsync(NowMs - (long)KeptCard.KeepFor.TotalMilliseconds, cancellationToken);
        if (rows.Fault is { } fault)
            return fault;
        foreach (var rowsOfOne in rows.Value.GroupBy(static row => ScoreSubject.Of(row.Kind, row.Subject)))
        {
            if (rowsOfOne.Key.Kind == ScoreSubjectKind.Offering && candidates.ContainsKey(rowsOfOne.Key.Id)
                && KeptCard.Sum([.. rowsOfOne.Select(static row => KeptCardJson.Read(row.Content, row.AsOfMs)).OfType<KeptCard>()], NowMs) is { } sum)
                evidence.Health.For(rowsOfOne.Key.Id).Card.Become(sum);
        }

        return null;
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    internal static string IdOf(AttemptRecord attempt) => $"{attempt.Upstream}/{attempt.UpstreamModel}";

    internal static Dictionary<string, Offering> Candidates(ResolvedRoute route) => route.Candidates.DistinctBy(offering => offering.Id).ToDictionary(offering => offering.Id, StringComparer.Ordinal);

    private static bool TryFind(GatewaySnapshot now, string model, string? name, [NotNullWhen(true)] out ResolvedRoute? route, out PolicyConfig? policy, out string problem)
    {
        (policy, problem) = (null, "");
        if (!now.TryResolve(model, out route))
        {
            problem = $"No route or model is called '{model}'{Nearest.Hint(model, [.. now.Models.Select(listed => listed.Id)])}";
            return false;
        }

        if (name is null || now.Policies.TryGetValue(name, out policy))
            return true;
        problem = $"There is no policy '{name}'{Nearest.Hint(name, [.. now.Policies.Keys])}";
        return false;
    }
}

/// <summary>A replay, or why there is none.</summary>
/// <param name="Replay">What came out; null where there is a problem.</param>
/// <param name="Problem">For people; null where there is a replay.</param>
public sealed record RouteReplayOutcome(RouteReplay? Replay, string? Problem);
