using System.Collections.Immutable;
using Trivet.Core.Catalogue;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Snapshots;

/// <summary>One model at one upstream: what routing chooses between. Immutable; everything a request needs is looked up already.</summary>
public sealed class Offering
{
    private readonly ProtocolQuirks[] _quirks;

    /// <summary>Makes the offering of <paramref name="model"/> at <paramref name="upstream"/>; without a price it is unpriced.</summary>
    public Offering(UpstreamConfig upstream, string model, int weight = 1, OfferingPrice? price = null)
    {
        Upstream = upstream;
        Model = model;
        Weight = weight;
        Price = price ?? OfferingPrice.None;
        Id = $"{upstream.Name}/{model}";
        _quirks = [.. Enum.GetValues<Protocol>().Select(protocol => upstream.Profile.QuirksFor(protocol, model))];
    }

    /// <summary><c>upstream/model</c>.</summary>
    public string Id { get; }

    /// <summary>Where.</summary>
    public UpstreamConfig Upstream { get; }

    /// <summary>The model as the upstream calls it.</summary>
    public string Model { get; }

    /// <summary>Its share under the weighted policy.</summary>
    public int Weight { get; }

    /// <summary>What it costs.</summary>
    public OfferingPrice Price { get; }

    /// <summary>False: a request to it cannot be held to a spending limit; see <see cref="Unpriced"/>.</summary>
    public bool IsPriced => Price.IsPriced;

    /// <summary>What happens to requests while it has no price.</summary>
    public UnpricedPolicy Unpriced { get; init; }

    /// <summary>What differs when this model is asked over a protocol.</summary>
    public ProtocolQuirks Quirks(Protocol protocol) => _quirks[(int)protocol];

    /// <inheritdoc/>
    public override string ToString() => Id;
}

/// <summary>How a client's model name was understood.</summary>
public enum RouteMatch
{
    /// <summary>A route has this name.</summary>
    Route,

    /// <summary>A route has it as an alias.</summary>
    Alias,

    /// <summary>A route's pattern fits.</summary>
    Wildcard,

    /// <summary>Upstreams offer a model of this name.</summary>
    Model,

    /// <summary><c>upstream/model</c>.</summary>
    Qualified,
}

/// <summary>A client's model name, understood: who may serve it and by which policy.</summary>
public sealed class ResolvedRoute
{
    /// <summary>The name of the route (a pattern for a wildcard), or of the model where no route names it.</summary>
    public required string Name { get; init; }

    /// <summary>How it was found.</summary>
    public required RouteMatch Match { get; init; }

    /// <summary>The operator's route; null where a model is its own route.</summary>
    public RouteConfig? Route { get; init; }

    /// <summary>Who may serve it, in file order; never empty in what is handed out.</summary>
    public required ImmutableArray<Offering> Candidates { get; init; }

    /// <summary>Name of the policy that orders the candidates.</summary>
    public string Policy => Route?.Policy ?? RouteConfig.InOrder;

    /// <summary>The policy by what is measured; null where the route goes by what the operator wrote.</summary>
    public PolicyConfig? Evidence { get; init; }

    /// <summary>How its requests are tried; null: as the whole gateway.</summary>
    public RetryConfig? Retry => Route?.Retry;

    /// <summary>What the route says about answers that break off; null: as the whole gateway.</summary>
    public bool? Continuation => Route?.Continuation;

    /// <summary>What happens to fields that get lost.</summary>
    public LossPolicy Loss => Route?.Loss ?? LossPolicy.Safe;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Match})";
}

/// <summary>A model as clients are told of it.</summary>
/// <param name="Id">What to ask for.</param>
/// <param name="OwnedBy">Vendor of its first candidate.</param>
/// <param name="DisplayName">For people.</param>
/// <param name="IsDiscoveryAlias">True: a second name that exists so that Claude Code shows the model (its ids must contain <c>claude</c> or <c>anthropic</c>).</param>
public sealed record ListedModel(string Id, string OwnedBy, string DisplayName, bool IsDiscoveryAlias)
{
    /// <summary>Release date; the epoch where it is unknown, as Anthropic's API does.</summary>
    public DateTimeOffset Created { get; init; } = DateTimeOffset.UnixEpoch;
}
