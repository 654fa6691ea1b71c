using Trivet.Core.Failures;

namespace Trivet.Core.Relay.Metering;

/// <summary>What usage is added up by.</summary>
public enum UsageGroup
{
    Key,

    /// <summary>The upstream's model: what was paid for, whatever the client called it.</summary>
    Model,
    Upstream,

    /// <summary>Days in UTC.</summary>
    Day,

    /// <summary>Hours in UTC.</summary>
    Hour,
    Organisation,

    /// <summary>Teams as <c>organisation/team</c>; nothing after the slash for keys of none.</summary>
    Team,

    /// <summary>The route's model name that took the request.</summary>
    Route,
}

/// <summary>A question to the books: attempts that started at or after <see cref="SinceMs"/> (Unix milliseconds; 0 for all).</summary>
public sealed record UsageQuery
{
    public long SinceMs { get; init; }

    /// <summary>Attempts that started before this time (Unix milliseconds); null: until now.</summary>
    public long? UntilMs { get; init; }

    public UsageGroup By { get; init; } = UsageGroup.Model;

    /// <summary>Splits every group by time too, into steps so long: hours or a multiple of them. 0: not.</summary>
    public long StepMs { get; init; }

    /// <summary>Null for every organisation.</summary>
    public string? Organisation { get; init; }

    /// <summary>Null for every upstream.</summary>
    public string? Upstream { get; init; }

    /// <summary>Null for every team; empty for keys of none.</summary>
    public string? Team { get; init; }

    /// <summary>Null for every key.</summary>
    public string? KeyId { get; init; }

    /// <summary>Null for every route.</summary>
    public string? Route { get; init; }

    /// <summary>An upstream's model; null for every one.</summary>
    public string? Model { get; init; }

    /// <summary>Only these of upstreams' models; null for every one.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>Only models of this maker, as the catalogue names vendors, wherever they are hosted; null for every one. Stores go by <see cref="Models"/>: who asks them finds out which those are.</summary>
    public string? Maker { get; init; }
}

/// <summary>One line of the answer. A group with costs in two currencies has two lines: money of different currencies is never added.</summary>
public sealed record UsageLine
{
    /// <summary>Key id, model, upstream, organisation, <c>organisation/team</c>, route, day as <c>2026-08-01</c> or hour as <c>2026-08-01T07:00Z</c>.</summary>
    public required string Group { get; init; }

    /// <summary>When its step begins (Unix milliseconds), where the question was for steps.</summary>
    public long? StartMs { get; init; }

    /// <summary>Empty for attempts without a price.</summary>
    public string Currency { get; init; } = "";
    public long Attempts { get; init; }
    public long Failed { get; init; }
    public long Estimated { get; init; }

    /// <summary>Attempts whose cost is unknown, wholly or in part; what is unknown is not in <see cref="CostNano"/>.</summary>
    public long Unpriced { get; init; }
    public long InputUncachedTokens { get; init; }
    public long InputCacheReadTokens { get; init; }
    public long InputCacheWrite5mTokens { get; init; }
    public long InputCacheWrite1hTokens { get; init; }
    public long OutputTextTokens { get; init; }
    public long OutputReasoningTokens { get; init; }
    public long CostNano { get; init; }

    /// <summary>Attempts with a list price in <see cref="Currency"/>; <see cref="ListNano"/> is of those alone.</summary>
    public long Listed { get; init; }
    public long ListNano { get; init; }

    /// <summary>What keys were billed, in <see cref="Currency"/>; what the operator absorbed is not in it.</summary>
    public long ChargedNano { get; init; }

    /// <summary>What was billed above what it cost; below zero where it cost more.</summary>
    public long MarginNano => ChargedNano - CostNano;
}

/// <summary>What a group cost in a step of time.</summary>
public sealed record UsageCost
{
    /// <summary>When the step begins (Unix milliseconds).</summary>
    public required long StartMs { get; init; }

    /// <summary>One of <see cref="UsageChart.Groups"/>; null for all others together.</summary>
    public string? Group { get; init; }

    /// <summary>Empty for attempts without a price.</summary>
    public required string Currency { get; init; }
    public required long CostNano { get; init; }
}

/// <summary>An answer with a drawing to it, both from the same look at the books.</summary>
/// <param name="Lines">As <see cref="IUsageStore.QueryAsync"/> answers.</param>
/// <param name="Groups">The dearest groups that are drawn, the dearest first.</param>
/// <param name="Costs">What those, and all others together, cost in each step.</param>
public sealed record UsageChart(IReadOnlyList<UsageLine> Lines, IReadOnlyList<string> Groups, IReadOnlyList<UsageCost> Costs);

/// <summary>Sums over booked attempts, exact to the attempt.</summary>
public interface IUsageStore
{
    ValueTask<StoreOutcome<IReadOnlyList<UsageLine>>> QueryAsync(UsageQuery query, CancellationToken cancellationToken);

    /// <summary>Answers a question, and what its groups cost over time.</summary>
    /// <param name="query">The question, without steps.</param>
    /// <param name="drawnBy">What is drawn apart.</param>
    /// <param name="stepMs">How long a step is: hours or a multiple of them.</param>
    /// <param name="groupsMax">How many groups are drawn for themselves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<StoreOutcome<UsageChart>> ChartAsync(UsageQuery query, UsageGroup drawnBy, long stepMs, int groupsMax, CancellationToken cancellationToken);
}

/// <summary>One request's whole story.</summary>
/// <param name="Request">Null while the request is still running or when the process died in it; its attempts may be booked already.</param>
/// <param name="Attempts">In the order they were made.</param>
public sealed record RequestTrace(RequestRecord? Request, IReadOnlyList<AttemptRecord> Attempts);

/// <summary>Looks up single requests.</summary>
public interface ITraceStore
{
    /// <summary><see cref="StoreFaultKind.NotFound"/> when neither the request nor an attempt of it is booked.</summary>
    ValueTask<StoreOutcome<RequestTrace>> FindAsync(string requestId, CancellationToken cancellationToken);

    /// <summary>The newest requests first.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<RequestRecord>>> ListRecentAsync(int countMax, CancellationToken cancellationToken);
}
