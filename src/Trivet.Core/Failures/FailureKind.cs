namespace Trivet.Core.Failures;

/// <summary>
/// What can be expected to go wrong, named <i>side × stage</i>. What follows from each is said in one place: <see cref="FailureTable"/>.
/// </summary>
public enum FailureKind : byte
{
    /// <summary>Nothing failed.</summary>
    None,

    // The client's side, before any attempt.

    /// <summary>The body is no JSON, or not a request of its protocol.</summary>
    ClientRequestInvalid,

    /// <summary>No key was given, or none that is known and valid.</summary>
    ClientKeyRefused,

    /// <summary>The key may not ask for this model.</summary>
    ClientModelForbidden,

    /// <summary>No route or model of this name.</summary>
    ClientModelUnknown,

    /// <summary>No such path.</summary>
    ClientPathUnknown,

    /// <summary>The body is larger than the operator allows.</summary>
    ClientBodyTooLarge,

    /// <summary>The body is not JSON by its own word, or is packed.</summary>
    ClientMediaType,

    /// <summary>The path is there, for another method.</summary>
    ClientMethodNotAllowed,

    /// <summary>The request's headers are larger or more than the operator allows.</summary>
    ClientHeadersTooLarge,

    /// <summary>The request needs what no candidate can do, and it cannot be left out silently.</summary>
    ClientCapabilityMissing,

    /// <summary>The response that was asked for is not kept, or is another key's (404).</summary>
    ClientResponseUnknown,

    /// <summary>The response that the request goes on from is not kept, or is another key's (400, as OpenAI has it).</summary>
    ClientPreviousResponseUnknown,

    /// <summary>The client left before the answer was complete.</summary>
    ClientGone,

    /// <summary>The client did not send its body in time.</summary>
    ClientTooSlow,

    /// <summary>More requests or tokens in a minute than the key, its team or its organisation may have.</summary>
    ClientRateLimited,

    /// <summary>More requests at a time than they may have.</summary>
    ClientTooMany,

    /// <summary>A budget or prepaid balance is spent.</summary>
    ClientBudgetSpent,

    /// <summary>What is left of one is set aside for requests that run.</summary>
    ClientBudgetHeld,

    /// <summary>The key may spend so much and no more, and what the request would cost cannot be told.</summary>
    ClientCostUnknown,

    // Trivet's own side.

    /// <summary>Too much is going on: shed before memory grows.</summary>
    GatewayOverloaded,

    /// <summary>Shutting down.</summary>
    GatewayStopping,

    /// <summary>What would have to be booked cannot be written down (full disk).</summary>
    GatewayCannotBook,

    /// <summary>Nothing can be set aside of a budget because the database is away and what was set aside before is used up.</summary>
    GatewayCannotReserve,

    /// <summary>The route's upstreams are all disabled or gone from the configuration.</summary>
    GatewayNoCandidate,

    /// <summary>No offering meets what the policy demands, and the policy says to refuse then.</summary>
    GatewayFloorsUnmet,

    /// <summary>A bug in Trivet.</summary>
    GatewayBug,

    /// <summary>Its process was killed in the middle; nobody is told so, but it stands in the books.</summary>
    GatewayKilled,

    /// <summary>Trivet gave the attempt up itself: another was faster, or its answer did not go on from what the client has.</summary>
    GatewayAbandoned,

    // The upstream, before its headers.

    /// <summary>Its name could not be resolved, or it refused the connection, or TLS failed.</summary>
    UpstreamUnreachable,

    /// <summary>The connection did not stand in time.</summary>
    UpstreamConnectTimeout,

    /// <summary>The connection broke before any answer.</summary>
    UpstreamReset,

    /// <summary>It took the request and sent no headers in time.</summary>
    UpstreamHeadersTimeout,

    // The upstream, by its status or error body.

    /// <summary>Too many requests or tokens.</summary>
    UpstreamRateLimited,

    /// <summary>No capacity (503, 529).</summary>
    UpstreamOverloaded,

    /// <summary>It failed (500, 502, 504, or an error without a better name).</summary>
    UpstreamServerError,

    /// <summary>It refused Trivet's credential (401, 403).</summary>
    UpstreamCredentialRefused,

    /// <summary>The credential's balance or plan is used up (402).</summary>
    UpstreamBillingExhausted,

    /// <summary>It does not know the model (404).</summary>
    UpstreamModelUnknown,

    /// <summary>It refused the request (400, 422).</summary>
    UpstreamRequestRefused,

    /// <summary>It refused the thoughts in the conversation: a signature or encrypted thoughts that are not its own, or are missing (400).</summary>
    UpstreamThoughtsRefused,

    /// <summary>It refused the request's size (413).</summary>
    UpstreamBodyTooLarge,

    /// <summary>The conversation does not fit the model's context.</summary>
    UpstreamContextLength,

    /// <summary>Its filter refused the input.</summary>
    UpstreamContentFilter,

    // The upstream, within its answer.

    /// <summary>Headers came, but no content in time.</summary>
    UpstreamFirstContentTimeout,

    /// <summary>It fell silent in mid-answer.</summary>
    UpstreamIdleTimeout,

    /// <summary>The whole attempt took too long.</summary>
    UpstreamTotalTimeout,

    /// <summary>The answer ended before it was complete.</summary>
    UpstreamTruncated,

    /// <summary>The answer cannot be read.</summary>
    UpstreamMalformed,

    /// <summary>It reported an error inside the stream.</summary>
    UpstreamStreamError,

    /// <summary>The answer is not what the request demanded (a schema, a forced tool), on a route that looks.</summary>
    UpstreamUnfit,
}
