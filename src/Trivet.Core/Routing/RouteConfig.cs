namespace Trivet.Core.Routing;

/// <summary>What a route does about fields that a translation cannot carry to the upstream.</summary>
public enum LossPolicy
{
    /// <summary>Refuse (400) only what bounds the answer and cannot be enforced here; report the rest. The default.</summary>
    Safe,

    /// <summary>Never refuse; report.</summary>
    Allow,

    /// <summary>Refuse any loss.</summary>
    Strict,
}

/// <summary>What a route does about answers that do not fit the JSON schema of their request.</summary>
public enum StructuredOutputPolicy
{
    /// <summary>Nothing: the upstream is taken at its word. The default.</summary>
    Trust,

    /// <summary>Validate, and ask once more with what is wrong; streams are held back until their end.</summary>
    Repair,
}

/// <summary>What a route does about upstreams that are known not to obey a forced tool.</summary>
public enum ForcedToolPolicy
{
    /// <summary>Nothing: such upstreams come last and are refused what they cannot do. The default.</summary>
    Trust,

    /// <summary>Ask them all the same, look whether the tool was called, and ask once more where it was not; streams are held back until their end.</summary>
    Retry,
}

/// <summary>A model name that clients may ask for, with its candidates and its policy. Immutable, from the operator.</summary>
public sealed record RouteConfig
{
    /// <summary>The policy that tries candidates as written.</summary>
    public const string InOrder = "in-order";

    /// <summary>The policy that draws the first candidate by weight.</summary>
    public const string Weighted = "weighted";

    /// <summary>The name, or a pattern in which <c>*</c> matches any run of characters.</summary>
    public required string Model { get; init; }

    /// <summary>Other names (or patterns) for the same route.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Who may serve it; at least one.</summary>
    public required IReadOnlyList<CandidateConfig> Candidates { get; init; }

    /// <summary>Name of the policy that orders the candidates.</summary>
    public string Policy { get; init; } = InOrder;

    /// <summary>What happens to fields that get lost.</summary>
    public LossPolicy Loss { get; init; } = LossPolicy.Safe;

    /// <summary>How patiently and how often its requests are tried; null: as the whole gateway.</summary>
    public RetryConfig? Retry { get; init; }

    /// <summary>What happens to answers that do not fit their schema.</summary>
    public StructuredOutputPolicy StructuredOutput { get; init; }

    /// <summary>What happens where a forced tool is not called.</summary>
    public ForcedToolPolicy ForcedTools { get; init; }

    /// <summary>False: an answer that breaks off after some of it has reached the client is not continued by another attempt. Null: as the whole gateway.</summary>
    public bool? Continuation { get; init; }

    /// <summary>Whether its slow requests are asked for a second time elsewhere; null: no.</summary>
    public HedgeConfig? Hedge { get; init; }

    /// <summary>What model lists show, or null for the name itself.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Somebody made it in the console; the file's come before it.</summary>
    public bool IsOfConsole { get; init; }

    /// <summary>Why nobody may serve it, though its name is taken: what it needs is gone. Null: it is in order.</summary>
    /// <remarks>Its names answer with an error then. Were they left out, a pattern or the upstreams' own lists of models would serve them without the policy that people rely on.</remarks>
    public string? Broken { get; init; }
}

/// <summary>One upstream that may serve a route.</summary>
/// <param name="Upstream">Its name.</param>
/// <param name="Model">The model as that upstream calls it; a <c>*</c> carries over what the route's own <c>*</c> matched.</param>
/// <param name="Weight">Its share under <see cref="RouteConfig.Weighted"/>; at least 1.</param>
public sealed record CandidateConfig(string Upstream, string Model, int Weight = 1);
