using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Admin.Routes;

/// <summary>A request as it might come, for asking where it would go.</summary>
/// <param name="Model">The name that the client asks for.</param>
public sealed record RouteAsk(string Model)
{
    /// <summary>The policy; null: the route's own.</summary>
    public string? Policy { get; init; }

    /// <summary>A policy that is not in force, such as one that is being written; it counts before <see cref="Policy"/>.</summary>
    public PolicyConfig? Trial { get; init; }

    /// <summary>A configuration that is not in force, in which the route is looked for; null: what is.</summary>
    public GatewaySnapshot? TrialIn { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public long PromptTokens { get; init; } = 1000;

    /// <summary>The most that the answer may have; null: not said.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>What it is for.</summary>
    public RequestTask Task { get; init; }

    /// <summary>It wants a stream.</summary>
    public bool IsStream { get; init; } = true;

    /// <summary>What it needs.</summary>
    public RequestFeatures Features { get; init; }

    /// <summary>The client's protocol.</summary>
    public Protocol Protocol { get; init; } = Protocol.OpenAIChat;
}

/// <summary>Where a request would go and why, or why that cannot be said.</summary>
/// <param name="Decision">The decision; null where there is a problem.</param>
/// <param name="Problem">For people; null where there is a decision.</param>
public sealed record RouteExplanation(RouteDecision? Decision, string? Problem)
{
    /// <summary>The route's name, or the model's where no route names it.</summary>
    public string Route { get; init; } = "";

    /// <summary>True: what the running server knows. False: what the books of the last hours say; prompt caches and places of conversations are not in them.</summary>
    public bool IsLive { get; init; }

    /// <summary>Attempts that the evidence was read from, where it is not live.</summary>
    public int Attempts { get; init; }
}

/// <summary>What the attempts of the last hours would have come to under a policy.</summary>
public sealed record RouteReplay
{
    /// <summary>The policy.</summary>
    public required string Policy { get; init; }

    /// <summary>The policy's currency, of all costs.</summary>
    public required string Currency { get; init; }

    /// <summary>When the oldest of them arrived (Unix milliseconds); null for none.</summary>
    public long? FromMs { get; init; }

    /// <summary>Whether there are older ones in the span that was asked for: a replay looks at <see cref="RouteAdmin.AttemptsMax"/> attempts at most, the newest.</summary>
    public bool IsCut { get; init; }

    /// <summary>Requests that were played again.</summary>
    public int Requests { get; init; }

    /// <summary>Of those, requests for which no offering would have met the floors.</summary>
    public int Refused { get; init; }

    /// <summary>What their attempts did cost; null where that is not known in this currency.</summary>
    public long? CostNano { get; init; }

    /// <summary>What they would have cost at the offerings that the policy chooses, the first try alone; null where a price is not known.</summary>
    public long? ReplayedNano { get; init; }

    /// <summary>The share of requests whose first attempt was answered; NaN for none.</summary>
    public double FirstTry { get; init; }

    /// <summary>The same, expected under the policy.</summary>
    public double FirstTryExpected { get; init; }

    /// <summary>By offering, those with the most requests first.</summary>
    public required IReadOnlyList<ReplayShare> Offerings { get; init; }
}

/// <summary>An offering's part.</summary>
/// <param name="Offering"><c>upstream/model</c>.</param>
/// <param name="Was">Requests that it got first.</param>
/// <param name="Becomes">Requests that it would get first.</param>
/// <param name="ReplayedNano">What those would cost; null where a price is not known.</param>
public sealed record ReplayShare(string Offering, int Was, int Becomes, long? ReplayedNano);
