using Trivet.Core.Catalogue;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Policies;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Routing;

/// <summary>What routing knows of a request.</summary>
/// <param name="SessionHash">The same for all requests of one conversation; 0 where there is none.</param>
/// <param name="NowMs">Unix milliseconds.</param>
/// <param name="Features">What the request needs.</param>
/// <param name="ClientProtocol">The protocol that it came in.</param>
internal readonly record struct RoutingQuestion(ulong SessionHash, long NowMs, RequestFeatures Features, Protocol ClientProtocol)
{
    /// <summary>The policy that the client or its key asks for; null: the route's.</summary>
    public PolicyConfig? Policy { get; init; }

    /// <summary>Our estimate of the prompt.</summary>
    public long PromptTokens { get; init; }

    /// <summary>The most that the answer may have; null: not said.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>The answer is to come as a stream.</summary>
    public bool IsStream { get; init; }

    /// <summary>The prompt piece by piece; empty where nobody cut it.</summary>
    public PromptPrefix Prompt { get; init; }

    /// <summary>What is not read from a cache is written to one, at its price.</summary>
    public bool WritesCache { get; init; }

    /// <summary>What the request is for.</summary>
    public RequestTask Task { get; init; }

    /// <summary>Whether the question is hard, by a router that has shown that it can tell; null: nobody says.</summary>
    public bool? IsHard { get; init; }

    /// <summary>Rates of exchange; null: none.</summary>
    public FxRates? Fx { get; init; }

    /// <summary>Random bits, for choosing among equals.</summary>
    public ulong Draw { get; init; }

    /// <summary>What one unit of a currency is worth in another; NaN where that is not known.</summary>
    public double Rate(string from, string to)
    {
        if (from.Length == 0 || string.Equals(from, to, StringComparison.Ordinal))
            return 1;
        return Fx?.RateNano(from, to, NowMs) is { } nano ? nano / 1e9 : double.NaN;
    }
}
